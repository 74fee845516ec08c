/**
 * Escapes characters that must not reach a terminal or a log, because a terminal interprets or hides them. These are
 * control and format characters, line and paragraph separators, and unassigned code points of Unicode. Control and
 * format characters move the cursor, change colours, reverse the writing direction, or have no width.
 *
 * Two of them stay between visible characters outside ASCII, because emoji and several scripts need joiners.
 */
const unsafe = /[\p{C}\p{Zl}\p{Zp}](?<!(?<=[^\0-\x7f\p{C}\p{Z}])[\u200c\u200d](?=[^\0-\x7f\p{C}\p{Z}]))/gu;

export function escapeUnsafe(text: string, escape: (character: string) => string = unicodeEscape): string {
  return text.replace(unsafe, escape);
}

/** Such as `\u200b`. A pair of surrogates becomes two escapes. */
export function unicodeEscape(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }).join("");
}

/** For names of files, keys and pieces of source. Newlines and tabs are escaped too. */
export function printable(text: string): string {
  return escapeUnsafe(text);
}

/** The same, cut to the length of a line. */
export function excerpt(text: string, length = 100): string {
  const seen = printable(text.slice(0, length + 1).replaceAll("\t", "  "));
  return text.length > length ? `${seen.slice(0, length)}…` : seen;
}

/** `1 function`, `2 functions`. */
export function pluralize(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
