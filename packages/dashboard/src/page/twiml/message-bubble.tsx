import type { ComponentChildren, VNode } from "preact";

import { linkable } from "@offhook/phone/web-address";
import { cutText } from "../visible-text.ts";

/** Shows a web address as a link. The page never loads the address itself. */
export function AddressText({ address }: { readonly address: string }): VNode {
  const href = linkable(address);
  if (href === undefined) return <code class="twiml-address">{cutText(address)}</code>;
  return (
    <a class="twiml-address" href={href} target="_blank" rel="noreferrer noopener">
      {cutText(address)}
    </a>
  );
}

/** More than any message can have. */
const maxMedia = 20;

export function MessageBubble({
  body,
  media,
  to,
  side = "in",
  children,
}: {
  readonly body: string;
  readonly media: readonly string[];
  readonly to?: string | undefined;
  readonly side?: "in" | "out";
  readonly children?: ComponentChildren;
}): VNode {
  return (
    <div class={`bubble bubble-${side}`}>
      {to !== undefined && <p class="bubble-to">To {cutText(to)}</p>}
      {body !== "" && <p class="bubble-body">{cutText(body)}</p>}
      {media.slice(0, maxMedia).map((each, index) => (
        <p class="bubble-media" key={index}>
          <span class="bubble-media-word">Media</span> <AddressText address={each} />
        </p>
      ))}
      {children}
    </div>
  );
}
