/**
 * The patterns that find a secret in all its spellings. The text is searched with its escapes decoded and its wrapping
 * dropped (`text-view.ts`). Nearly all spellings are then the same.
 */
import { decodedText, strippedText, type Alphabet } from "./text-view.ts";

interface Pattern {
  readonly alphabet: Alphabet;
  /** Reduced to the characters of the alphabet. */
  readonly text: string;
}

export interface SecretPatterns {
  readonly patterns: readonly Pattern[];
  /** Searched for unchanged, because their patterns would be too short. */
  readonly spellings: readonly string[];
}

/** Shorter patterns occur by chance. */
export const minPatternLength = 5;
/** Each line of a secret is a secret, except for shorter ones. */
const minLineLength = 5;
/** Shorter secrets, without their first characters, would match unrelated text. */
const minTailedLength = 12;
/** How many levels of escapes are decoded: JSON in JSON in a form has three. */
export const maxLevels = 4;
/** For longer pieces, only the beginning is searched for in hexadecimal and base64. */
const maxCodedLength = 4_096;

/** @param value at least as long as the shortest line. */
export function patternsOf(value: string): SecretPatterns {
  const patterns = new Map<string, Pattern>();
  const spellings = new Set<string>();
  for (const piece of piecesOf(value)) {
    const add = (alphabet: Alphabet, text: string): void => {
      if (text.length >= minPatternLength) patterns.set(`${alphabet} ${text}`, { alphabet, text });
    };
    if (strippedText(piece, "plain").length < minPatternLength)
      for (const spelling of spellingsOf(piece)) spellings.add(spelling);
    // If the secret itself contains apparent escapes, they are decoded along with the text around it.
    let plain = piece;
    for (let level = 0; level <= maxLevels; level++) {
      const stripped = strippedText(plain, "plain");
      add("plain", stripped);
      // A stray `\` or `%` before the secret can form an escape with its first characters.
      if (stripped.length >= minTailedLength) for (const eaten of [1, 2, 4]) add("plain", stripped.slice(eaten));
      const next = decodedText(plain);
      if (next === plain) break;
      plain = next;
    }
    for (const coded of codedOf(piece)) add("coded", coded);
  }
  return { patterns: [...patterns.values()], spellings: [...spellings] };
}

/** The value, and each of its lines. Line breaks are dropped like other white space, so their kind does not matter. */
function piecesOf(value: string): string[] {
  const lines = value.split(/[\r\n\u2028\u2029]+|\\n/).map((line) => line.trim());
  const trimmed = value.trim();
  if (lines.length === 1) return [trimmed];
  return [...new Set([trimmed, ...lines.filter((line) => line.length >= minLineLength)])];
}

/** The piece as hexadecimal, base64 and lists of bytes. */
function codedOf(piece: string): string[] {
  const bytes = Buffer.from(piece.slice(0, maxCodedLength));
  const hex = bytes.toString("hex");
  const literals = Array.from(bytes, (byte) => `0x${byte.toString(16).padStart(2, "0")}`).join("");
  // As Uint8Array and JSON print it.
  const decimal = Array.from(bytes).join("");
  const letters = codedLetters(piece);
  // A list of single characters, or of groups of them.
  const spaced = letters.length >= minSpacedLength ? [letters] : [];
  return [hex, hex.toUpperCase(), literals, decimal, ...spaced, ...base64Of(bytes)];
}

const minSpacedLength = 10;

/**
 * The base64 characters that depend on the piece alone, whatever bytes are before and after it. In `Basic`, for
 * example, the account precedes the token. The URL-safe alphabet differs only in characters that are dropped.
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

/** All spellings of a value, without duplicates. */
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
