/**
 * Objects of the platform that no property leads to, though every program gets at them: the prototypes of what a
 * function returns. One is made of each, and thrown away.
 */

type Exports = Record<string, (...args: unknown[]) => object>;

/** By the name of the module. */
const makers: Readonly<Record<string, (exports: Exports) => readonly object[]>> = {
  async_hooks: ({ createHook }) => [createHook?.({}) as object],
  crypto: ({ createSecretKey }) => [createSecretKey?.(Buffer.from("a")) as object],
  fs: ({ statSync }) => [statSync?.(process.cwd(), { bigint: true }) as object],
  perf_hooks: ({ createHistogram }) => [createHistogram?.() as object],
  timers: ({ setTimeout, clearTimeout, setImmediate, clearImmediate }) => {
    const timer = setTimeout?.(() => {}, 1) as object;
    const immediate = setImmediate?.(() => {}) as object;
    clearTimeout?.(timer);
    clearImmediate?.(immediate);
    return [timer, immediate];
  },
};

/** @returns prototypes, with what to call them. */
export function unreachableIn(name: string, exports: object): (readonly [name: string, object: object])[] {
  let made: readonly object[] = [];
  try {
    made = makers[name]?.(exports as Exports) ?? [];
  } catch {
    // A hardened isolate may not look at every file.
  }
  return made.map((object) => [prototypeName(object), Object.getPrototypeOf(object) as object]);
}

function prototypeName(object: object): string {
  return `${object.constructor.name}.prototype`;
}

/** Iterators over the pairs of `Headers` and `FormData`, once those are loaded. */
export function iteratorsOfFetch(): (readonly [name: string, object: object])[] {
  return [
    ["(headers iterator)", Object.getPrototypeOf(new Headers().entries()) as object],
    ["(form iterator)", Object.getPrototypeOf(new FormData().entries()) as object],
  ];
}

/** Only for sources that name the class: to make one takes 10 ms and a megabyte. */
export function iteratorsOfSegmenter(): (readonly [name: string, object: object])[] {
  const segments = new Intl.Segmenter().segment("a");
  return [
    ["(segments)", Object.getPrototypeOf(segments) as object],
    ["(segments iterator)", Object.getPrototypeOf(segments[Symbol.iterator]()) as object],
  ];
}
