/**
 * Judges replies, and masks the secrets in the parts of a reply that a problem quotes.
 */
import { Redaction } from "@offhook/dashboard/redaction";
import type { ExchangeSeen, ReplyProblem, RequestEnded } from "@offhook/runtime/observe";

import { judgeReply } from "../reply-judge.ts";

export class MaskingJudge {
  readonly #redaction = new Redaction();

  /** Masks the values of these variables from now on. */
  addVariables(variables: Readonly<Record<string, string>>): void {
    this.#redaction.setVariables(variables);
  }

  /** @returns the most serious problem first. */
  problemsOf({ target, headers, body, reply }: ExchangeSeen, { method, status }: RequestEnded): ReplyProblem[] {
    if (reply === undefined) return [];
    const request = { method, target, headers: pairsOf(headers), body };
    const sent = { request, status, headers: pairsOf(reply.headers), body: reply.body };
    return judgeReply(sent, (fields) => {
      const redaction = this.#redaction.for(request.headers, fields);
      return (text) => redaction.text(text);
    });
  }
}

function pairsOf(raw: readonly string[]): (readonly [name: string, value: string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([raw[index] ?? "", raw[index + 1] ?? ""]);
  return pairs;
}
