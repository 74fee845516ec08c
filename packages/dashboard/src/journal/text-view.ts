/**
 * A text with its escapes decoded, or with its wrapping dropped. Each character knows its place in the original, so
 * that a match in a view can be masked in the original.
 *
 *     'a\n' +\n  "b%41"  ──decoded──▶  'a⏎' +⏎  "bA"  ──stripped──▶  abA
 *
 * Everything is one pass over the text, because a sender can write text that is slow to search.
 */

/** Code units. For each unit, the place in the original where it starts and ends. */
export class TextView {
  units: Uint16Array;
  starts: Uint32Array;
  ends: Uint32Array;
  length = 0;
  /** The kinds of escapes that the text may contain, as bits. */
  escapes = 0;

  constructor(capacity = 0) {
    this.units = new Uint16Array(capacity);
    this.starts = new Uint32Array(capacity);
    this.ends = new Uint32Array(capacity);
  }

  /** Empties the view and makes room for `capacity` code units. */
  reset(capacity: number): this {
    if (this.units.length < capacity) {
      this.units = new Uint16Array(capacity);
      this.starts = new Uint32Array(capacity);
      this.ends = new Uint32Array(capacity);
    }
    this.length = 0;
    this.escapes = 0;
    return this;
  }

  add(unit: number, start: number, end: number): void {
    const at = this.length++;
    this.units[at] = unit;
    this.starts[at] = start;
    this.ends[at] = end;
    this.escapes |= escapeOf(unit);
  }

  toString(): string {
    let text = "";
    for (let at = 0; at < this.length; at += 8_192)
      text += String.fromCharCode(...this.units.subarray(at, Math.min(at + 8_192, this.length)));
    return text;
  }
}

const backslash = 92;
const percent = 37;
const ampersand = 38;
const semicolon = 59;
const letterU = 117;
const letterX = 120;
const openBrace = 123;
const closeBrace = 125;

/** Escapes of JavaScript and JSON, of URLs and forms, and of XML and HTML. */
export const escapeKinds = { backslash: 1, percent: 2, entity: 4 } as const;
export const allEscapes = 7;

function escapeOf(unit: number): number {
  if (unit === backslash) return escapeKinds.backslash;
  if (unit === percent) return escapeKinds.percent;
  return unit === ampersand ? escapeKinds.entity : 0;
}

export function fillRaw(view: TextView, text: string): TextView {
  view.reset(text.length);
  for (let at = 0; at < text.length; at++) view.add(text.charCodeAt(at), at, at + 1);
  return view;
}

/** Decodes one level of escapes. @param kinds as bits. Other escapes are left as they are. */
export function fillDecoded(view: TextView, source: TextView, kinds: number = allEscapes): TextView {
  view.reset(source.length);
  view.escapes = source.escapes & ~kinds;
  const { units, length } = source;
  for (let at = 0; at < length;) {
    let end = at;
    while (end < length && (escapeOf(units[end] ?? 0) & kinds) === 0) end++;
    copyRun(view, source, at, end);
    if (end === length) break;
    const unit = units[end];
    if (unit === backslash) at = decodeBackslash(view, source, end);
    else if (unit === percent) at = decodePercent(view, source, end);
    else at = decodeEntity(view, source, end);
  }
  return view;
}

function copyRun(view: TextView, source: TextView, at: number, end: number): void {
  if (end === at) return;
  view.units.set(source.units.subarray(at, end), view.length);
  view.starts.set(source.starts.subarray(at, end), view.length);
  view.ends.set(source.ends.subarray(at, end), view.length);
  view.length += end - at;
}

/** Copies a character that looked like the start of an escape, but is not. */
function copy(view: TextView, source: TextView, at: number): number {
  view.add(source.units[at] ?? 0, source.starts[at] ?? 0, source.ends[at] ?? 0);
  return at + 1;
}

/** @param end the index after the escape. */
function addCodePoint(view: TextView, source: TextView, codePoint: number, at: number, end: number): void {
  const [start, stop] = [source.starts[at] ?? 0, source.ends[end - 1] ?? 0];
  if (codePoint > 0xff_ff) {
    view.add(0xd8_00 + ((codePoint - 0x1_00_00) >> 10), start, stop);
    view.add(0xdc_00 + ((codePoint - 0x1_00_00) & 0x3_ff), start, stop);
  } else view.add(codePoint, start, stop);
}

/** Letters of control characters. These count as wrapping, so it does not matter which one it is. */
const controls = new Set(Array.from("nrtbfv0", (letter) => letter.charCodeAt(0)));

function decodeBackslash(view: TextView, source: TextView, at: number): number {
  const next = source.units[at + 1];
  if (next === undefined) return copy(view, source, at);
  if (next === letterU && source.units[at + 2] === openBrace) {
    const end = digitsEnd(source, at + 3, 6, 16);
    const value = numberIn(source, at + 3, end, 16);
    if (end > at + 3 && source.units[end] === closeBrace && value <= 0x10_ff_ff) {
      addCodePoint(view, source, value, at, end + 1);
      return end + 1;
    }
  }
  const width = next === letterU ? 4 : next === letterX ? 2 : 0;
  if (width > 0 && digitsEnd(source, at + 2, width, 16) === at + 2 + width) {
    addCodePoint(view, source, numberIn(source, at + 2, at + 2 + width, 16), at, at + 2 + width);
    return at + 2 + width;
  }
  addCodePoint(view, source, controls.has(next) ? 10 : next, at, at + 2);
  return at + 2;
}

function decodePercent(view: TextView, source: TextView, at: number): number {
  // The format of the old escape().
  if (source.units[at + 1] === letterU && digitsEnd(source, at + 2, 4, 16) === at + 6) {
    addCodePoint(view, source, numberIn(source, at + 2, at + 6, 16), at, at + 6);
    return at + 6;
  }
  const first = percentByte(source, at);
  if (first === -1) return copy(view, source, at);
  const count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  let codePoint = count === 1 ? first : first & (0xff >> (count + 1));
  for (let index = 1; index < count; index++) {
    const byte = percentByte(source, at + 3 * index);
    if (byte === -1 || (byte & 0xc0) !== 0x80) {
      // Not UTF-8.
      addCodePoint(view, source, first, at, at + 3);
      return at + 3;
    }
    codePoint = (codePoint << 6) | (byte & 0x3f);
  }
  addCodePoint(view, source, Math.min(codePoint, 0x10_ff_ff), at, at + 3 * count);
  return at + 3 * count;
}

/** -1 if there is no escaped byte. */
function percentByte(source: TextView, at: number): number {
  if (source.units[at] !== percent || digitsEnd(source, at + 1, 2, 16) !== at + 3) return -1;
  return numberIn(source, at + 1, at + 3, 16);
}

const entities: ReadonlyMap<string, number> = new Map([
  ["amp", 38],
  ["lt", 60],
  ["gt", 62],
  ["quot", 34],
  ["apos", 39],
  ["nbsp", 160],
]);
const maxEntityLength = 10;

function decodeEntity(view: TextView, source: TextView, at: number): number {
  let end = at + 1;
  while (end < source.length && end - at < maxEntityLength && source.units[end] !== semicolon) end++;
  const value = source.units[end] === semicolon ? entityIn(source, at + 1, end) : undefined;
  if (value === undefined || value > 0x10_ff_ff) return copy(view, source, at);
  addCodePoint(view, source, value, at, end + 1);
  return end + 1;
}

function entityIn(source: TextView, at: number, end: number): number | undefined {
  const name = String.fromCharCode(...source.units.subarray(at, end));
  const [, hex, decimal] = /^#(?:x([0-9a-f]+)|(\d+))$/i.exec(name) ?? [];
  if (hex !== undefined) return Number.parseInt(hex, 16);
  return decimal === undefined ? entities.get(name) : Number(decimal);
}

/** The end of the digits that start at `at`. At most `maxDigits` are read. */
function digitsEnd(source: TextView, at: number, maxDigits: number, base: 16): number {
  let end = at;
  while (end < source.length && end - at < maxDigits && digitOf(source.units[end] ?? 0) < base) end++;
  return end;
}

function numberIn(source: TextView, at: number, end: number, base: 16): number {
  let value = 0;
  for (let index = at; index < end; index++) value = value * base + digitOf(source.units[index] ?? 0);
  return value;
}

function digitOf(unit: number): number {
  if (unit >= 48 && unit <= 57) return unit - 48;
  const lower = unit | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : 99;
}

/**
 * - `plain` drops the characters that consoles and serializers put around and between the pieces of a text: white
 *   space, quotes, backslashes, `+`, colours.
 * - `coded` keeps only ASCII letters and digits, for hexadecimal and base64 with any separators.
 */
export type Alphabet = "plain" | "coded";

const kept: Readonly<Record<Alphabet, Uint8Array>> = { plain: new Uint8Array(65_536), coded: new Uint8Array(65_536) };
for (let unit = 0; unit < 65_536; unit++) {
  const text = String.fromCharCode(unit);
  // Half a surrogate pair and the replacement character are written differently everywhere.
  const isBroken = (unit >= 0xd8_00 && unit <= 0xdf_ff) || unit === 0xff_fd;
  kept.coded[unit] = /^[0-9A-Za-z]$/.test(text) ? 1 : 0;
  kept.plain[unit] = !isBroken && !/^[\s\p{Cc}\p{Cf}"'`\\+]$/u.test(text) ? 1 : 0;
}

const escape = 27;
const openBracket = 91;
const maxColorLength = 20;

export function fillStripped(view: TextView, source: TextView, alphabet: Alphabet): TextView {
  const isKept = kept[alphabet];
  view.reset(source.length);
  const { units, starts, ends } = view;
  let length = 0;
  for (let at = 0; at < source.length; at++) {
    const unit = source.units[at] ?? 0;
    if (isKept[unit] === 1) {
      units[length] = unit;
      starts[length] = source.starts[at] ?? 0;
      ends[length] = source.ends[at] ?? 0;
      length++;
    } else if (unit === escape && source.units[at + 1] === openBracket) at = colorEnd(source, at);
  }
  view.length = length;
  return view;
}

/** The index of the last unit of a terminal control sequence. */
function colorEnd(source: TextView, at: number): number {
  for (let end = at + 2; end < source.length && end - at < maxColorLength; end++) {
    const unit = source.units[end] ?? 0;
    if (unit >= 64 && unit <= 126) return end;
  }
  return at;
}

const scratch = { raw: new TextView(), made: new TextView() };

/** The stripped text, without its places. */
export function strippedText(text: string, alphabet: Alphabet): string {
  return fillStripped(scratch.made, fillRaw(scratch.raw, text), alphabet).toString();
}

export function decodedText(text: string): string {
  if (!/[\\%&]/.test(text)) return text;
  return fillDecoded(scratch.made, fillRaw(scratch.raw, text)).toString();
}
