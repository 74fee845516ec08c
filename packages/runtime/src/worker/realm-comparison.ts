/**
 * Whether some 1,000 properties are what they were. This is asked after each invocation, so it is code that is made
 * for it: `a.map === v1 && a.push === v2 && …`. Each comparison is a place of its own for the compiler, and all of
 * them together take 1 to 3 µs; a loop over a list of properties takes 40. To make that code takes 3 ms, so the
 * first few times it is the loop.
 */
import { Accessor, unread, type Entry } from "./realm-change.ts";

interface Watched {
  readonly owner: object;
  readonly key: PropertyKey;
  readonly value: unknown;
}

/** By index: user code may have replaced what `every` and `for of` call. */
export function areAsTheyWere(entries: readonly Entry[]): boolean {
  for (let i = 0; i < entries.length; i++) {
    const { object, keys, values } = entries[i] as Entry;
    for (let j = 0; j < keys.length; j++) {
      const value = values[j];
      if (isComparable(value) && (object as Record<PropertyKey, unknown>)[keys[j] as PropertyKey] !== value)
        return false;
    }
  }
  return true;
}

/** `NaN` is not even equal to itself. */
function isComparable(value: unknown): boolean {
  return value !== unread && value === value && Accessor.of(value) === undefined;
}

/** An isolate that has served so often is likely to serve more. */
export const compileAfter = 5;
/** The compiler gives up on a function that is too long. */
const comparisonsEach = 150;

export function compileComparison(entries: readonly Entry[]): () => boolean {
  const watched = entries.flatMap(({ object, keys, values }) =>
    keys.map((key, i) => ({ owner: object, key, value: values[i] })).filter(({ value }) => isComparable(value)),
  );
  const parts: (() => boolean)[] = [];
  for (let from = 0; from < watched.length; from += comparisonsEach) {
    parts.push(compilePart(watched.slice(from, from + comparisonsEach)));
  }
  return () => {
    for (let i = 0; i < parts.length; i++) if (!parts[i]?.()) return false;
    return true;
  };
}

function compilePart(watched: readonly Watched[]): () => boolean {
  const owners = [...new Set(watched.map(({ owner }) => owner))];
  const values = watched.map(({ value }) => value);
  const keys = watched.map(({ key }) => key);
  const comparisons = watched.map(({ owner, key }, i) => {
    const property = typeof key === "string" ? JSON.stringify(key) : `k${i}`;
    return `o${owners.indexOf(owner)}[${property}] === v${i}`;
  });
  const source = `
    const [${owners.map((_, i) => `o${i}`).join()}] = owners;
    const [${values.map((_, i) => `v${i}`).join()}] = values;
    const [${keys.map((_, i) => `k${i}`).join()}] = keys;
    return () => ${comparisons.join(" && ")};`;
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- see the head of this file; nothing in the source comes from outside
  const make = new Function("owners", "values", "keys", source) as (...lists: unknown[][]) => () => boolean;
  return make(owners, values, keys);
}
