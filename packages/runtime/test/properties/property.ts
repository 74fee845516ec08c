/**
 * Properties: statements that hold for any input. The inputs are new at each run. A failing input is made as small as
 * possible and printed with its seed. `FUZZ_RUNS=100` runs a hundred times as many inputs.
 */
import * as fc from "fast-check";

const factor = Number(process.env["FUZZ_RUNS"] ?? "1");

/** `examples` are inputs that failed once, or that random inputs would rarely reach. */
function parameters<T>(runs: number, examples: T[]): fc.Parameters<T> {
  return { numRuns: Math.max(1, Math.round(runs * factor)), examples };
}

/** Checks that the predicate throws for no input. */
export function holds<T>(property: fc.IProperty<T>, runs: number, examples: T[] = []): void {
  fc.assert(property, parameters(runs, examples));
}

/** Checks a property with an asynchronous predicate. */
export async function comesTrue<T>(property: fc.IAsyncProperty<T>, runs: number, examples: T[] = []): Promise<void> {
  await fc.assert(property, parameters(runs, examples));
}

/** Pieces that mean something to some parser, and characters that text should not contain. */
const troublemakers = [
  ["%", "&", "=", "+", ";", ":", ",", ".", "?", "#", "/", "\\", "[", "]", "(", ")", "{", "}", "<", ">", "%%"],
  ["'", '"', "`", "$", "@", "!", "*", "-", "_", "~", "^", "|", "0", "a", "A", " ", "\0", "\t", "\n", "\r", "\r\n"],
  ["\u001b[2J", "\u007f", "\u0085", "\u00a0", "\u00e9", "\u00ff", "\u0100", "\u2028", "\u202e", "\ufeff", "\ufffd"],
  ["\ud800", "\udc00", "\u6f22", "\u{1f600}", "%00", "%0d%0a", "%2e", "%2F", "%41", "%C3%A9", "%c3", "%ff", "%zz"],
  ["%F0%9F%98%80", "%u0041", "__proto__", "constructor", "prototype", "toString", "..", "//"],
].flat();

/** Text made of these pieces, of any characters, or very long. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: fc.constantFrom(...troublemakers), maxLength: 12 }) },
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...troublemakers), fc.integer({ min: 100, max: 3_000 }))
      .map(([piece, times]) => piece.repeat(times)),
  },
);

/** As it arrives in a head: each character is a byte. */
export const hostileBytesText: fc.Arbitrary<string> = hostileText.map((text) =>
  Buffer.from(text, "utf8").toString("latin1"),
);
