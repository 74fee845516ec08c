import { faultPage, faultTitle, type Fault } from "@offhook/phone/twilio-faults";
import type { ComponentChildren, VNode } from "preact";

import { cutText } from "../visible-text.ts";

export function FaultRow({ code, text, children }: Fault & { readonly children?: ComponentChildren }): VNode {
  return (
    <div class={`phone-fault${code !== undefined && code >= 12200 && code < 12300 ? " phone-warning" : ""}`}>
      {code !== undefined && (
        <a href={faultPage(code)} target="_blank" rel="noreferrer noopener">
          {faultTitle(code)}
        </a>
      )}
      <span>{cutText(text)}</span>
      {children}
    </div>
  );
}
