import { faultPage, faultTitle } from "@offhook/phone/twilio-faults";
import type { VNode } from "preact";

import type { ProblemMark, ReplyProblem } from "../../api.ts";
import { cutText } from "../visible-text.ts";
import { markText } from "./problem-mark.ts";

/** The most serious problem of a reply, for a row of the list. */
export function ProblemBadge({
  problems = [],
}: {
  readonly problems: readonly ProblemMark[] | undefined;
}): VNode | null {
  const [first] = problems;
  if (first === undefined) return null;
  const isError = first.level === "error";
  const title = isError ? "Twilio rejects this reply" : "Twilio ignores a part of this reply";
  return (
    <span class={`mark ${isError ? "bad" : "warn"}`} title={title}>
      {markText(first)}
    </span>
  );
}

/** All problems of a reply, with links to Twilio's documentation. */
export function ReplyProblems({ problems }: { readonly problems: readonly ReplyProblem[] }): VNode | null {
  if (problems.length === 0) return null;
  return (
    <ul class="reply-problems" aria-label="Problems of the reply">
      {problems.map(({ number, level, text, line, next }, index) => (
        <li key={index} class={level}>
          <p>
            {cutText(text)}
            {line !== undefined && <span class="muted"> line {line}</span>}
          </p>
          {next !== undefined && <p class="muted">{cutText(next)}</p>}
          {number !== undefined && (
            <a href={faultPage(number)} target="_blank" rel="noreferrer noopener">
              {faultTitle(number)}
            </a>
          )}
        </li>
      ))}
    </ul>
  );
}
