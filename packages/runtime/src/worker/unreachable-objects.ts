/**
 * Objects of the platform that no property leads to, though every program gets at them: the prototypes of what a
 * function returns. One is made of each, and thrown away.
 */

// User code may replace these.
const { apply, getPrototypeOf } = Reflect;

type AnyFunction = (...args: unknown[]) => object;
type Exports = Record<string, AnyFunction>;

/** A key for Ed25519, which is the fastest to read: 32 zeros. */
const anyPrivateKey = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32)]);

interface Channel {
  subscribe(listener: () => void): void;
  unsubscribe(listener: () => void): void;
}

const ignore = (): void => {};

/** By the name of the module. */
const makers: Readonly<Record<string, (exports: Exports) => readonly object[]>> = {
  async_hooks: ({ createHook }) => [createHook?.({}) as object],
  crypto: ({ createSecretKey, createPrivateKey, createPublicKey }) => {
    const key = createPrivateKey?.({ key: anyPrivateKey, format: "der", type: "pkcs8" }) as object;
    return [createSecretKey?.(Buffer.from("a")) as object, key, createPublicKey?.(key) as object];
  },
  diagnostics_channel: ({ tracingChannel }) => [tracingChannel?.("offhook:probe") as object],
  /** A channel with a listener has another prototype. Not while a handler runs, whose listeners are taken away. */
  "a channel with a listener"({ channel }) {
    const probe = channel?.("offhook:probe") as Channel;
    probe.subscribe(ignore);
    const active = Object.create(getPrototypeOf(probe)) as object;
    probe.unsubscribe(ignore);
    return [active];
  },
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

/** To call them only to see what they return would open something. By the name of the module. */
const returning: Readonly<Record<string, readonly string[]>> = {
  fs: ["watch", "watchFile"],
  http2: ["connect", "createServer", "createSecureServer"],
  perf_hooks: ["monitorEventLoopDelay"],
};

/** @param onReturn called with the prototype of what such a function returns, before user code has it. */
export function followReturns(
  module: string,
  exports: object,
  onReturn: (prototype: object, name: string) => void,
): void {
  for (const name of returning[module] ?? []) {
    const original = (exports as Exports)[name];
    if (original === undefined) continue;
    let isSeen = false;
    const follow = function (this: unknown, ...args: unknown[]): object {
      const returned = apply(original, this, args);
      if (!isSeen) onReturn(getPrototypeOf(returned) as object, `(prototype of ${module}.${name}())`);
      isSeen = true;
      return returned;
    };
    Object.defineProperties(follow, { name: { value: name }, length: { value: original.length } });
    Reflect.set(exports, name, follow);
  }
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

/** The iterator over what a stream holds, once such streams are loaded. */
export function iteratorsOfStreams(): (readonly [name: string, object: object])[] {
  return [["(stream iterator)", Object.getPrototypeOf(new ReadableStream().values()) as object]];
}

/** Only for sources that name the class: to make one takes 10 ms and a megabyte. */
export function iteratorsOfSegmenter(): (readonly [name: string, object: object])[] {
  const segments = new Intl.Segmenter().segment("a");
  return [
    ["(segments)", Object.getPrototypeOf(segments) as object],
    ["(segments iterator)", Object.getPrototypeOf(segments[Symbol.iterator]()) as object],
  ];
}
