import type { ProblemMark, ReplyProblem } from "../api.ts";

/** The part of a problem that a row of the list has. */
export function markOf({ number, level }: ReplyProblem): ProblemMark {
  return number === undefined ? { level } : { number, level };
}

/** The same words as on the page. Numbers from 12100 to 12299 are about TwiML itself. */
export function markText({ number }: ProblemMark): string {
  if (number === undefined) return "TwiML";
  return `${number >= 12_100 && number < 12_300 ? "TwiML" : "Twilio"} ${number}`;
}
