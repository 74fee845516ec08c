/**
 * Checks whether about 1,000 properties are unchanged. The check runs after each invocation, so it is generated code:
 * `a.map === v1 && a.push === v2 && …`. V8 optimises each comparison separately, and all of them take 1 to 3 µs. A loop
 * over a list of properties takes 40 µs. Generating the code takes 3 ms, so the first few checks use the loop.
 */
import { Accessor, unread, type Entry } from "./realm-change.ts";

interface Watched {
  readonly owner: object;
  readonly key: PropertyKey;
  readonly value: unknown;
}

/** Loops by index, because user code may have replaced the methods that `every` and `for of` call. */
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

/** Excludes `NaN`, which is not equal to itself. */
function isComparable(value: unknown): boolean {
  return value !== unread && value === value && Accessor.of(value) === undefined;
}

/** After this many calls, an isolate is likely to serve many more. */
export const compileAfter = 5;
/** V8 does not optimise functions that are too long. */
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
