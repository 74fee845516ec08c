import { faultPage, faultTitle, isRejection, isWarning, type Fault } from "@offhook/phone/twilio-faults";
import type { ComponentChildren, VNode } from "preact";

import { cutText } from "../visible-text.ts";

export function FaultRow({ code, text, children }: Fault & { readonly children?: ComponentChildren }): VNode {
  return (
    <div class={`phone-fault${isWarning(code) ? " phone-warning" : ""}`}>
      {code !== undefined && (
        <a href={faultPage(code)} target="_blank" rel="noreferrer noopener">
          {faultTitle(code)}
        </a>
      )}
      <span>
        {isRejection(code) && "Twilio would reject this reply: "}
        {cutText(text)}
      </span>
      {children}
    </div>
  );
}
