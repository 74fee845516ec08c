/**
 * What a function finds without importing it: `Twilio`, `Runtime`, `Response` (contract §7).
 */
import type { Setup } from "../protocol/messages.ts";
import type { TwilioPackage } from "./twilio-package.ts";
import { TwilioResponse, isTwilioResponse } from "./twilio-response.ts";

const { readFileSync } = process.getBuiltinModule("node:fs");

/** What `open()` gives: the text of a file, or the JavaScript that is made of TypeScript. */
export interface AssetTexts {
  /** The JavaScript. Undefined where the file is none that has to be made into some. */
  compiledText(file: string): string | undefined;
}

export function installGlobals(setup: Setup, twilio: TwilioPackage, texts?: AssetTexts): void {
  define("Twilio", lazyTwilio(twilio));
  define("Runtime", buildRuntime(setup, twilio, texts));
}

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
}

/**
 * Stands for the package until something of it is asked for. `Twilio.Response` is ours and needs no
 * package, so that a function that builds plain replies never loads one.
 */
function lazyTwilio(twilio: TwilioPackage): object {
  const load = (): object => twilio.load();
  return standIn(load, {
    get: (_, key) => {
      if (key === "Response") return TwilioResponse;
      return key === "twiml" ? twilio.twiml : (Reflect.get(load(), key) as unknown);
    },
    has: (_, key) => key === "Response" || Reflect.has(load(), key),
  });
}

function buildRuntime(setup: Setup, twilio: TwilioPackage, texts: AssetTexts | undefined): object {
  const functions = Object.entries(setup.functions);
  const assets = Object.entries(setup.assets);
  const sources = Object.entries(setup.sourceAssets ?? {});
  const textOf = (path: string): string => readFileSync(path, "utf8");
  const assetOf = (path: string): object => ({ path, open: () => texts?.compiledText(path) ?? textOf(path) });
  return {
    // Fresh objects for each call: what one function does to them must not reach the next.
    getFunctions: () => Object.fromEntries(functions.map(([name, path]) => [name, { path }])) as object,
    getAssets() {
      const map = Object.fromEntries(assets.map(([key, path]) => [key, assetOf(path)])) as object;
      // They are found, but not listed: a list should look as the compiled project's.
      for (const [key, path] of sources) {
        const value = { path, open: () => textOf(path) };
        Object.defineProperty(map, key, { value, writable: true, configurable: true });
      }
      return map;
    },
    getSync: (options?: { serviceName?: string }) => twilio.sync(options),
  };
}

/** The word on its own, not `Twilio.Response`. */
const namesResponse = /(?<![.\w$])Response\b/;

/** Node's own, once it has been replaced. */
export let standardResponse: typeof globalThis.Response | undefined;

/**
 * Replaces the global `Response` when the first source of the project that names it is about to run. To read Node's own
 * loads all of `fetch`, which takes 40 ms: nearly half of an isolate's start, and hardly any function needs either.
 */
export function offerResponse(content: string): void {
  if (standardResponse !== undefined || !namesResponse.test(content)) return;
  standardResponse = globalThis.Response;
  define("Response", bothResponses(standardResponse));
}

/**
 * The global `Response` is both: Twilio's where it is built as Twilio's (no arguments, or one object
 * with a status code), the Fetch standard's otherwise. Packages that make or recognise the standard
 * one go on working.
 */
function bothResponses(ownResponse: typeof globalThis.Response): object {
  const standard = (): typeof globalThis.Response => ownResponse;
  return standIn(standard, {
    construct(_, args, newTarget) {
      const [init] = args as [unknown];
      const isTwilios = args.length === 0 || (args.length === 1 && isPlainInit(init));
      if (isTwilios) return new TwilioResponse(init as object | undefined);
      return Reflect.construct(standard() as Constructor, args, newTarget);
    },
    get(_, key) {
      if (key === Symbol.hasInstance) return (value: unknown) => isTwilioResponse(value) || value instanceof standard();
      return Reflect.get(standard(), key) as unknown;
    },
  });
}

type Constructor = new (...args: unknown[]) => object;

/** Something that is loaded when it is first used, and is then as good as the thing itself. */
function standIn(load: () => object, special: ProxyHandler<() => void>): object {
  // A function, so that it can be called and constructed; its `prototype` cannot be hidden, so it is listed.
  return new Proxy(function () {}, {
    get: (_, key) => Reflect.get(load(), key) as unknown,
    set: (_, key, value) => Reflect.set(load(), key, value),
    has: (_, key) => Reflect.has(load(), key),
    apply: (_, self, args) => Reflect.apply(load() as () => unknown, self, args),
    construct: (_, args) => Reflect.construct(load() as Constructor, args),
    ownKeys: () => [...new Set([...Reflect.ownKeys(load()), "prototype"])],
    getOwnPropertyDescriptor(own, key) {
      if (key === "prototype") return Reflect.getOwnPropertyDescriptor(own, key);
      const descriptor = Reflect.getOwnPropertyDescriptor(load(), key);
      return descriptor && { ...descriptor, configurable: true };
    },
    ...special,
  });
}

function isPlainInit(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return (
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.keys(value).every((key) => ["statusCode", "body", "headers"].includes(key))
  );
}
