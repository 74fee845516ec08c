import type { VNode } from "preact";

import type { SignatureDiagnosis } from "../../api.ts";
import { CopyButton } from "../action-button.tsx";
import { counted } from "../figures.ts";
import { visibleText } from "../visible-text.ts";

/** Why a signature was rejected: what it was compared with, and what fixes it. */
export function SignaturePart({ diagnosis }: { readonly diagnosis: SignatureDiagnosis }): VNode {
  const { explanation, candidates, fix } = diagnosis;
  return (
    <div class="signature">
      {explanation.map((sentence) => (
        <p key={sentence}>{visibleText(sentence)}</p>
      ))}
      {fix !== undefined && (
        <p class="fix">
          <code>{visibleText(fix)}</code>
          <CopyButton title="Copy the options that fix it" text={() => fix} />
        </p>
      )}
      {candidates.length > 0 && (
        <details class="folded">
          <summary>{counted(candidates.length, "comparison")}</summary>
          <ul class="candidates">
            {candidates.map(({ url, reason, isValid }, index) => (
              <li key={index}>
                <span class={isValid ? "mark valid" : "mark"}>{isValid ? "valid" : "not valid"}</span>
                <span>
                  <code>{visibleText(url)}</code> <span class="muted">{visibleText(reason)}</span>
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
