/**
 * Finds secrets in a text, in all their spellings at once. The time grows with the text, and hardly with the number of
 * secrets.
 */
import { maxLevels, minPatternLength, patternsOf } from "./secret-patterns.ts";
import { allEscapes, escapeKinds, fillDecoded, fillRaw, fillStripped, TextView, type Alphabet } from "./text-view.ts";

/** A range in a text. The end is exclusive. */
export type Range = readonly [start: number, end: number];

const alphabets = ["plain", "coded"] as const;

/** Reused, because most texts are short and there are many of them. */
const scratch = emptyScratch();
/** Longer buffers are released after use. */
const maxScratchLength = 262_144;

function emptyScratch() {
  return { raw: new TextView(), one: new TextView(), other: new TextView(), stripped: new TextView() };
}

export class SecretMatcher {
  readonly #tables: Readonly<Record<Alphabet, PatternTable>>;
  readonly #spellings = new Set<string>();
  readonly #values = new Set<string>();

  /** @param size roughly how many patterns there will be. More patterns only make it slower. */
  constructor(size: "small" | "large" = "large") {
    const buckets = size === "large" ? 65_536 : 1_024;
    this.#tables = { plain: new PatternTable(buckets), coded: new PatternTable(buckets) };
  }

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  add(value: string): void {
    if (this.#values.has(value)) return;
    this.#values.add(value);
    const { patterns, spellings } = patternsOf(value);
    for (const { alphabet, text } of patterns) this.#tables[alphabet].add(text);
    for (const spelling of spellings) this.#spellings.add(spelling);
  }

  /** Adds ranges to `found`. They are not sorted and may overlap. */
  find(text: string, found: Range[]): void {
    if (this.isEmpty || text.length < minPatternLength) return;
    for (const spelling of this.#spellings) {
      for (let at = text.indexOf(spelling); at !== -1; at = text.indexOf(spelling, at + spelling.length))
        found.push([at, at + spelling.length]);
    }
    const { escapes } = fillRaw(scratch.raw, text);
    this.#findIn(scratch.raw, found);
    this.#findDecoded(allEscapes, found);
    // An apparent escape of another kind may be part of the secret, or directly precede it. So each kind is also
    // decoded alone.
    for (const kind of Object.values(escapeKinds)) {
      if ((escapes & kind) !== 0 && escapes !== kind) this.#findDecoded(kind, found);
    }
    if (text.length > maxScratchLength) Object.assign(scratch, emptyScratch());
  }

  /** Decodes and searches level by level. @param kinds the kinds of escapes. */
  #findDecoded(kinds: number, found: Range[]): void {
    let view = scratch.raw;
    let free = scratch.one;
    for (let level = 0; level < maxLevels && (view.escapes & kinds) !== 0; level++) {
      const decoded = fillDecoded(free, view, kinds);
      if (decoded.length === view.length) return;
      this.#findIn(decoded, found, kinds === allEscapes ? alphabets : ["plain"]);
      free = view === scratch.raw ? scratch.other : view;
      view = decoded;
    }
  }

  #findIn(view: TextView, found: Range[], within: readonly Alphabet[] = alphabets): void {
    for (const alphabet of within) this.#tables[alphabet].find(fillStripped(scratch.stripped, view, alphabet), found);
  }
}

/** Patterns by a hash of their first characters. */
class PatternTable {
  /** Whether a bucket has patterns. */
  readonly #isUsed: Uint8Array;
  readonly #patterns = new Map<number, Uint16Array[]>();
  readonly #known = new Set<string>();

  /** @param buckets a power of two. */
  constructor(buckets: number) {
    this.#isUsed = new Uint8Array(buckets);
  }

  add(text: string): void {
    if (this.#known.has(text)) return;
    this.#known.add(text);
    const units = new Uint16Array(text.length);
    for (let at = 0; at < text.length; at++) units[at] = text.charCodeAt(at);
    const bucket = this.#bucketOf(units, 0);
    const others = this.#patterns.get(bucket);
    this.#isUsed[bucket] = 1;
    if (others === undefined) this.#patterns.set(bucket, [units]);
    else others.push(units);
  }

  find({ units, starts, ends, length }: TextView, found: Range[]): void {
    if (this.#patterns.size === 0) return;
    /** Where the last match of each pattern ended. Without it, a text of one repeated letter would match everywhere. */
    const matchedTo = new Map<Uint16Array, number>();
    for (let at = 0; at + minPatternLength <= length; at++) {
      const bucket = this.#bucketOf(units, at);
      if (this.#isUsed[bucket] === 0) continue;
      for (const pattern of this.#patterns.get(bucket) ?? []) {
        if ((matchedTo.get(pattern) ?? 0) > at) continue;
        const matchLength = commonLength(pattern, units, at, length);
        if (matchLength < minMatchLength(pattern.length)) continue;
        matchedTo.set(pattern, at + matchLength);
        found.push([starts[at] ?? 0, ends[at + matchLength - 1] ?? 0]);
      }
    }
  }

  #bucketOf(units: Uint16Array, at: number): number {
    let hash = 0;
    for (let index = at; index < at + minPatternLength; index++) hash = Math.imul(hash, 31) + (units[index] ?? 0);
    // The hashes of similar letters differ in few bits, so they are spread.
    return (Math.imul(hash, 0x9e_37_79_b1) >>> 16) & (this.#isUsed.length - 1);
  }
}

function commonLength(pattern: Uint16Array, units: Uint16Array, at: number, length: number): number {
  const maxLength = Math.min(pattern.length, length - at);
  let same = 0;
  while (same < maxLength && pattern[same] === units[at + same]) same++;
  return same;
}

/** The console cuts long texts, and so do we. A large part of a secret's beginning is therefore a secret too. */
function minMatchLength(length: number): number {
  return Math.min(length, Math.max(16, Math.ceil(length / 2)), 64);
}
