import type { ComponentChildren, VNode } from "preact";

import { ActionButton } from "./action-button.tsx";
import { api } from "./api-client.ts";
import { useSelected } from "./live-page.ts";
import { visibleText } from "./visible-text.ts";

/** A link that opens a file of the project in the author's editor. Plain text if no editor can be opened. */
export function FileLink({
  file,
  line,
  children,
}: {
  readonly file: string;
  readonly line?: number | undefined;
  readonly children?: ComponentChildren;
}): VNode {
  const hasEditor = useSelected(({ project }) => project?.hasEditor ?? false);
  const text = children ?? visibleText(line === undefined ? file : `${file}:${line}`);
  if (!hasEditor) return <code class="file">{text}</code>;
  return (
    <ActionButton
      class="link file"
      done="Opened in the editor"
      title="Open in the editor"
      run={() => api.open({ file, ...(line !== undefined && { line }) })}
    >
      {text}
    </ActionButton>
  );
}
