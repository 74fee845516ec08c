/**
 * Texts that others have written, for a terminal: what cannot be seen could make it do or show anything.
 */
import { escapeUnsafe } from "@offhook/runtime/printable";

/** Names of files, keys, pieces of source. Newlines and tabs are escaped as well. */
export function printable(text: string): string {
  return escapeUnsafe(text);
}

/** And not more of it than a line takes. */
export function excerpt(text: string, length = 100): string {
  const seen = printable(text.slice(0, length + 1).replaceAll("\t", "  "));
  return text.length > length ? `${seen.slice(0, length)}…` : seen;
}

/** `1 function`, `2 functions`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
