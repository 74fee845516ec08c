/**
 * Characters of other people's texts that must not reach a terminal or a log as they are: a terminal acts on them, or shows
 * nothing. They are the control and format characters (they move the cursor, change colours, turn the direction of writing,
 * or have no width), the separators of lines and paragraphs, and code points that Unicode has not assigned.
 *
 * Two of them stay between visible characters that are not ASCII: emoji and several scripts are written with joiners.
 */
const unsafe = /[\p{C}\p{Zl}\p{Zp}](?<!(?<=[^\0-\x7f\p{C}\p{Z}])[\u200c\u200d](?=[^\0-\x7f\p{C}\p{Z}]))/gu;

export function escapeUnsafe(text: string, escape: (character: string) => string = unicodeEscape): string {
  return text.replace(unsafe, escape);
}

/** `\u200b`; a pair of surrogates is escaped as two. */
export function unicodeEscape(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }).join("");
}

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
export function pluralize(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
