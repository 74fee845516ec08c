import type { VNode } from "preact";

import { statusClassOf, statusText } from "./status-text.ts";

export function StatusBadge({ status }: { readonly status: number | undefined }): VNode {
  return <span class={`status ${statusClassOf(status)}`}>{statusText(status)}</span>;
}
