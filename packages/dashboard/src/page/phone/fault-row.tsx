import type { ComponentChildren, VNode } from "preact";

import { cutText } from "../twiml/element-text.ts";
import { faultPage, faultTitle, type Fault } from "./twilio-faults.ts";

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
