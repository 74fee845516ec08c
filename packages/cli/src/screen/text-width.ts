/**
 * The columns that a text takes in a terminal. Escape sequences and combining characters take none. Emoji and the
 * characters of Chinese, Japanese and Korean take two.
 */
import { stripVTControlCharacters } from "node:util";

// oxlint-disable-next-line no-control-regex -- the range of ASCII
const asciiOnly = /^[\0-\x7f]*$/;
const zeroWidth = /^[\p{Mark}\p{Cf}\p{Cc}]+$/u;
const emoji = /\p{Emoji_Presentation}|\ufe0f/u;

/** The blocks that Unicode calls wide or fullwidth. Half-width Katakana is not among them. */
const wideRanges =
  "\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\u4dbf\\u4e00-\\ua4cf\\ua960-\\ua97f\\uac00-\\ud7a3\\uf900-\\ufaff" +
  "\\ufe30-\\ufe6f\\uff01-\\uff60\\uffe0-\\uffe6\\u{17000}-\\u{18cff}\\u{1b000}-\\u{1b2ff}\\u{20000}-\\u{3fffd}";
const wide = new RegExp(`[${wideRanges}]`, "u");
const allWide = new RegExp(wide, "gu");

/** Wide characters that do not start a line: closing brackets, commas and full stops. */
const closing =
  "[\\u3001\\u3002\\u3009\\u300b\\u300d\\u300f\\u3011\\u3015\\uff01\\uff09\\uff0c\\uff0e\\uff1a\\uff1b\\uff1f]";

/**
 * Spaces; a wide character with the punctuation after it, because a line may break after each; or other characters up to
 * the next of these.
 */
const parts = new RegExp(`[ \\t]+|[${wideRanges}]${closing}*|[^ \\t${wideRanges}]+`, "gu");

/** Several of these characters may be drawn as one. */
const combined = /[\p{Mark}\p{Cf}\p{Cc}\p{Extended_Pictographic}\p{Regional_Indicator}]/u;

let segmenter: Intl.Segmenter | undefined;

export function textWidth(text: string): number {
  const visible = stripVTControlCharacters(text);
  if (asciiOnly.test(visible)) return visible.length;
  if (!combined.test(visible)) return countOf(visible, /./gsu) + countOf(visible, allWide);
  segmenter ??= new Intl.Segmenter();
  let width = 0;
  for (const { segment } of segmenter.segment(visible)) {
    if (zeroWidth.test(segment)) continue;
    width += wide.test(segment) || emoji.test(segment) ? 2 : 1;
  }
  return width;
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

export function padToWidth(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}

/** The pieces of a line between which it may be broken: spaces and words. */
export function lineParts(line: string): string[] {
  return line.match(parts) ?? [];
}
