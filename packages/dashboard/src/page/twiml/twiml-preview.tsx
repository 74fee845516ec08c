import type { VNode } from "preact";

export function TwimlPreview({ text }: { readonly text: string; readonly kind?: "voice" | "messaging" }): VNode {
  return <pre class="raw">{text}</pre>;
}
