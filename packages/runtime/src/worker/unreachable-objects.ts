/**
 * Objects of the platform that no property leads to, although every program can get them: the prototypes of objects
 * that functions return. To find them, one object of each kind is created and discarded.
 */

// User code may replace these.
const { apply, getPrototypeOf } = Reflect;

type AnyFunction = (...args: unknown[]) => object;
type Exports = Record<string, AnyFunction>;

/** An Ed25519 key of 32 zeros. This kind of key is the fastest to read. */
const anyPrivateKey = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32)]);

interface Channel {
  subscribe(listener: () => void): void;
  unsubscribe(listener: () => void): void;
}

const ignore = (): void => {};

/** Name of a module → creates objects of each kind. */
const makers: Readonly<Record<string, (exports: Exports) => readonly object[]>> = {
  async_hooks: ({ createHook }) => [createHook?.({}) as object],
  crypto: ({ createSecretKey, createPrivateKey, createPublicKey }) => {
    const key = createPrivateKey?.({ key: anyPrivateKey, format: "der", type: "pkcs8" }) as object;
    return [createSecretKey?.(Buffer.from("a")) as object, key, createPublicKey?.(key) as object];
  },
  diagnostics_channel: ({ tracingChannel }) => [tracingChannel?.("offhook:probe") as object],
  /**
   * A channel with a listener has another prototype. Not called while a handler runs, because its listeners are
   * removed.
   */
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

/** @returns prototypes and their names. */
export function unreachableIn(name: string, exports: object): (readonly [name: string, object: object])[] {
  let made: readonly object[] = [];
  try {
    made = makers[name]?.(exports as Exports) ?? [];
  } catch {
    // A hardened isolate cannot read every file.
  }
  return made.map((object) => [prototypeName(object), Object.getPrototypeOf(object) as object]);
}

/** Name of a module → functions whose results are not created ahead, because each call would open a resource. */
const returning: Readonly<Record<string, readonly string[]>> = {
  fs: ["watch", "watchFile"],
  http2: ["connect", "createServer", "createSecureServer"],
  perf_hooks: ["monitorEventLoopDelay"],
};

/**
 * @param onReturn called with the prototype of each function's first result, before user code gets the result.
 */
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

/** Iterators over `Headers` and `FormData`. Called once those classes are loaded. */
export function iteratorsOfFetch(): (readonly [name: string, object: object])[] {
  return [
    ["(headers iterator)", Object.getPrototypeOf(new Headers().entries()) as object],
    ["(form iterator)", Object.getPrototypeOf(new FormData().entries()) as object],
  ];
}

/** The iterator over the chunks of a stream. Called once web streams are loaded. */
export function iteratorsOfStreams(): (readonly [name: string, object: object])[] {
  return [["(stream iterator)", Object.getPrototypeOf(new ReadableStream().values()) as object]];
}

/** Called only for sources that name the class, because creating one takes 10 ms and a megabyte. */
export function iteratorsOfSegmenter(): (readonly [name: string, object: object])[] {
  const segments = new Intl.Segmenter().segment("a");
  return [
    ["(segments)", Object.getPrototypeOf(segments) as object],
    ["(segments iterator)", Object.getPrototypeOf(segments[Symbol.iterator]()) as object],
  ];
}
