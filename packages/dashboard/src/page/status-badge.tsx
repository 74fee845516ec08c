import type { VNode } from "preact";

import { standingOf, statusText } from "./status-words.ts";

export function StatusBadge({ status }: { readonly status: number | undefined }): VNode {
  return <span class={`status ${standingOf(status)}`}>{statusText(status)}</span>;
}
