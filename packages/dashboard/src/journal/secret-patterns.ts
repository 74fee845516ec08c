/**
 * What to look for, so that a secret is found in every spelling: in a text whose escapes are decoded and whose wrapping is dropped
 * (`text-view.ts`), nearly all spellings are the same.
 */
import { decodedText, strippedText, type Alphabet } from "./text-view.ts";

interface Pattern {
  readonly alphabet: Alphabet;
  /** Stripped to the alphabet. */
  readonly text: string;
}

export interface SecretPatterns {
  readonly patterns: readonly Pattern[];
  /** Where too little of a secret is left for a pattern: looked for as they are. */
  readonly spellings: readonly string[];
}

/** Fewer characters stand somewhere by chance. */
export const minPatternLength = 5;
/** The lines of a secret are secrets, but for the shortest. */
const minLineLength = 5;
/** Shorter ones are too likely to be part of something else without their first characters. */
const minTailedLength = 12;
/** How many levels of escapes are decoded: JSON in JSON in a form has three. */
export const maxLevels = 4;
/** Hexadecimal and base64 of pieces that are longer are looked for by their beginning. */
const maxCodedLength = 4_096;

/** @param value not shorter than a line. */
export function patternsOf(value: string): SecretPatterns {
  const patterns = new Map<string, Pattern>();
  const spellings = new Set<string>();
  for (const piece of piecesOf(value)) {
    const add = (alphabet: Alphabet, text: string): void => {
      if (text.length >= minPatternLength) patterns.set(`${alphabet} ${text}`, { alphabet, text });
    };
    if (strippedText(piece, "plain").length < minPatternLength)
      for (const spelling of spellingsOf(piece)) spellings.add(spelling);
    // What looks like an escape in the secret itself is decoded along with the text around it.
    let plain = piece;
    for (let level = 0; level <= maxLevels; level++) {
      const stripped = strippedText(plain, "plain");
      add("plain", stripped);
      // A stray `\` or `%` before the secret takes its first characters for an escape.
      if (stripped.length >= minTailedLength) for (const eaten of [1, 2, 4]) add("plain", stripped.slice(eaten));
      const next = decodedText(plain);
      if (next === plain) break;
      plain = next;
    }
    for (const coded of codedOf(piece)) add("coded", coded);
  }
  return { patterns: [...patterns.values()], spellings: [...spellings] };
}

/** The value, and each of its lines. Line breaks are dropped like other white space, so it does not matter of which kind they are. */
function piecesOf(value: string): string[] {
  const lines = value.split(/[\r\n\u2028\u2029]+|\\n/).map((line) => line.trim());
  const trimmed = value.trim();
  if (lines.length === 1) return [trimmed];
  return [...new Set([trimmed, ...lines.filter((line) => line.length >= minLineLength)])];
}

/** Hexadecimal, base64 and lists of bytes. */
function codedOf(piece: string): string[] {
  const bytes = Buffer.from(piece.slice(0, maxCodedLength));
  const hex = bytes.toString("hex");
  const literals = Array.from(bytes, (byte) => `0x${byte.toString(16).padStart(2, "0")}`).join("");
  // As Uint8Array and JSON print it.
  const decimal = Array.from(bytes).join("");
  const letters = codedLetters(piece);
  // Single characters in a list, or groups of them.
  const spaced = letters.length >= minSpacedLength ? [letters] : [];
  return [hex, hex.toUpperCase(), literals, decimal, ...spaced, ...base64Of(bytes)];
}

const minSpacedLength = 10;

/**
 * The characters of its base64 that say something of it and of nothing else, with any bytes before and behind: `Basic` of an
 * account and its token is one. The alphabet of URLs differs in characters that are dropped.
 */
function base64Of(piece: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), piece]);
    const end = Math.floor(bytes.length / 3) * 4 + (bytes.length % 3);
    return codedLetters(bytes.toString("base64").slice(before === 0 ? 0 : before + 1, end));
  });
}

function codedLetters(text: string): string {
  return text.replaceAll(/[^0-9A-Za-z]+/g, "");
}

/** Each once. */
function spellingsOf(value: string): string[] {
  const json = inner(JSON.stringify(value));
  const url = encodeURIComponent(value.toWellFormed());
  const form = new URLSearchParams({ "": value }).toString().slice(1);
  const xml = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const quotes = ["&apos;", "&#39;"].map((single) => xml.replaceAll('"', "&quot;").replaceAll("'", single));
  const console = json.replaceAll(String.raw`\"`, '"').replaceAll("'", String.raw`\'`);
  const all = [value, url, form, url.toLowerCase(), form.toLowerCase(), json, inner(JSON.stringify(json)), console];
  return [...new Set([...all, xml, ...quotes])];
}

function inner(quoted: string): string {
  return quoted.slice(1, -1);
}
