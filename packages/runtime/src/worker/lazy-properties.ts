/**
 * Properties that load a part of Node when they are read. Reading all of them at the start of an isolate would take 60
 * ms and 15 MB, mostly for `fetch`. So a property is read only after its part of Node has been loaded. A test compares
 * this list with the running version of Node.
 */

interface LazyGroup {
  /** Node's internal module that is loaded once one of the properties has been read. */
  readonly module: string;
  readonly names: readonly string[];
}

const groups: readonly LazyGroup[] = [
  {
    module: "internal/deps/undici/undici",
    names: ["FormData", "Headers", "Request", "Response", "MessageEvent", "CloseEvent", "WebSocket", "EventSource"],
  },
  {
    module: "internal/webstreams/writablestream",
    names: ["WritableStream", "WritableStreamDefaultController", "WritableStreamDefaultWriter"],
  },
  {
    module: "internal/webstreams/readablestream",
    names: [
      "ReadableStream",
      "ReadableStreamDefaultReader",
      "ReadableStreamBYOBReader",
      "ReadableStreamBYOBRequest",
      "ReadableByteStreamController",
      "ReadableStreamDefaultController",
    ],
  },
  {
    module: "internal/webstreams/transformstream",
    names: ["TransformStream", "TransformStreamDefaultController"],
  },
  {
    module: "internal/webstreams/queuingstrategies",
    names: ["ByteLengthQueuingStrategy", "CountQueuingStrategy"],
  },
  { module: "internal/webstreams/encoding", names: ["TextEncoderStream", "TextDecoderStream"] },
  { module: "internal/webstreams/compression", names: ["CompressionStream", "DecompressionStream"] },
  { module: "internal/file", names: ["File"] },
  { module: "internal/crypto/webcrypto", names: ["Crypto", "CryptoKey", "SubtleCrypto"] },
  { module: "internal/navigator", names: ["Navigator"] },
  { module: "internal/worker/io", names: ["BroadcastChannel", "MessageChannel", "MessagePort"] },
  // A property of `util`.
  { module: "internal/util/trace_sigint", names: ["setTraceSigInt"] },
];

const { moduleLoadList } = process as unknown as { readonly moduleLoadList: readonly string[] };

/** Name of a property → its module. */
const moduleOf: Record<string, string> = { __proto__: null } as unknown as Record<string, string>;
for (const { module, names } of groups) for (const name of names) moduleOf[name] = module;

/** Modules that had been loaded at the last call of `noticeLoaded`. */
const loaded: Record<string, true> = { __proto__: null } as unknown as Record<string, true>;
let countSeen = 0;

/** @returns whether Node has loaded something since the last call. */
export function noticeLoaded(): boolean {
  const { length } = moduleLoadList;
  if (length === countSeen) return false;
  for (; countSeen < length; countSeen++) {
    const entry = moduleLoadList[countSeen] as string;
    // Compares by index, because user code may have replaced `startsWith`.
    if (entry[0] === "N") loaded[entry] = true;
  }
  return true;
}

/** Whether a property can be read without loading a part of Node. */
export function isLoaded(name: PropertyKey): boolean {
  if (typeof name !== "string") return true;
  const module = moduleOf[name];
  return module === undefined || isModuleLoaded(module);
}

export function isModuleLoaded(module: string): boolean {
  return loaded[`NativeModule ${module}`] === true;
}

export const lazyNames: readonly string[] = groups.flatMap(({ names }) => names);

/** Matches a name alone or after `globalThis.`, but not `twilio.Response`. */
const naming = new RegExp(`(?:(?<![.\\w$])|global(?:This)?\\s*\\.\\s*)(?:${lazyNames.join("|")})\\b`, "g");
/** Matches imports of the package with the same classes, and the global with its dispatcher. */
const namesUndici = /undici\.globalDispatcher|(?:\bfrom|\brequire\(|\bimport\(|\bimport)\s*["']undici["'/]/;

/** Names of lazy properties in a source that is about to run. User code may replace those properties from then on. */
export function lazyNamesIn(source: string): readonly string[] {
  // Few sources contain such a name, and compiling the expressions takes longer than this check.
  if (!lazyNames.some((name) => source.includes(name)) && !source.includes("undici")) return [];
  const names = new Set<string>();
  for (const [match] of source.matchAll(naming)) {
    const name = /\w+$/.exec(match)?.[0] as string;
    names.add(name);
  }
  if (namesUndici.test(source)) names.add("Headers");
  return [...names].filter((name) => !isLoaded(name));
}
