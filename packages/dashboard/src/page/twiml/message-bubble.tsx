import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";

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
  imageOf,
  children,
}: {
  readonly body: string;
  readonly media: readonly string[];
  readonly to?: string | undefined;
  readonly side?: "in" | "out";
  /** The URL at which this machine serves the media, if it does. Other media are not loaded. */
  readonly imageOf?: (url: string) => string | undefined;
  readonly children?: ComponentChildren;
}): VNode {
  return (
    <div class={`bubble bubble-${side}`}>
      {to !== undefined && <p class="bubble-to">To {cutText(to)}</p>}
      {body !== "" && <p class="bubble-body">{cutText(body)}</p>}
      {media.slice(0, maxMedia).map((each, index) => (
        <MediaItem key={index} url={each} image={imageOf?.(each)} />
      ))}
      {children}
    </div>
  );
}

function MediaItem({ url, image }: { readonly url: string; readonly image: string | undefined }): VNode {
  const [isBroken, setBroken] = useState(false);
  if (image !== undefined && !isBroken) {
    return <img class="bubble-image" src={image} alt="Media of this message" onError={() => setBroken(true)} />;
  }
  return (
    <p class="bubble-media">
      <span class="bubble-media-word">Media</span> <AddressText address={url} />
    </p>
  );
}
