/**
 * Texts that others have written, for a terminal: what cannot be seen could make it do or show anything.
 */

/** Names of files, keys, pieces of source. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped);
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

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }).join("");
}
