import { useEffect, useRef, useState } from "preact/hooks";

import type { ExchangeSummary } from "../../api.ts";
import { goTo } from "../use-route.ts";

/** The row that keys act on. */
export interface ListCursor {
  /** The id of the row that the page shows as selected. */
  readonly shown: string | undefined;
  /** The id of the row for the next key. Keys may come faster than the page is drawn. */
  readonly latest: () => string | undefined;
  /** Moves down by a number of rows, or up if it is negative. */
  readonly move: (step: number) => void;
}

/** @param openId the id of the open request. The cursor follows it, and it follows the cursor. */
export function useListCursor(rows: readonly ExchangeSummary[], openId: string | undefined): ListCursor {
  const [shown, setShown] = useState<string>();
  const latest = useRef<string>(undefined);
  const set = (id: string): void => {
    latest.current = id;
    setShown(id);
  };
  useEffect(() => {
    if (openId !== undefined) set(openId);
  }, [openId]);
  const move = (step: number): void => {
    const at = rows.findIndex(({ id }) => id === latest.current);
    const next = rows[at === -1 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)];
    if (next === undefined) return;
    set(next.id);
    // Replaces the URL, so that the browser's Back button leaves the list and does not step through its rows.
    if (openId !== undefined) goTo({ view: "requests", id: next.id }, true);
  };
  return { shown, latest: () => latest.current, move };
}
