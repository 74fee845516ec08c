import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { PhoneView, PhoneViewProps } from "./phone-view.tsx";

/** Loads the phone's script when the user first opens the phone. It is a third of the page. */
export function LazyPhone(props: PhoneViewProps): VNode {
  const [View, setView] = useState<typeof PhoneView>();
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    import("./phone-view.tsx").then(
      (loaded) => setView(() => loaded.PhoneView),
      () => setFailed(true),
    );
  }, []);
  if (hasFailed) return <p class="failure pad">The phone could not be loaded. Reload the page.</p>;
  return View === undefined ? <p class="muted pad">Loading the phone…</p> : <View {...props} />;
}
