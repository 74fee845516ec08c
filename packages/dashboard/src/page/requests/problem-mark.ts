import type { ProblemMark } from "../../api.ts";

/** The words of a badge. Numbers from 12100 to 12299 are about TwiML itself. */
export function markText({ number }: ProblemMark): string {
  if (number === undefined) return "TwiML";
  return `${number >= 12_100 && number < 12_300 ? "TwiML" : "Twilio"} ${number}`;
}
