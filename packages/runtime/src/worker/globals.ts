/**
 * The globals of a function: `Twilio`, `Runtime`, `Response` (contract §7).
 */
import type { Setup } from "../protocol/messages.ts";
import type { TwilioPackage } from "./twilio-package.ts";
import { TwilioResponse, isTwilioResponse } from "./twilio-response.ts";

const { readFileSync } = process.getBuiltinModule("node:fs");

/** Texts for `open()` of an asset. For TypeScript, that is the compiled JavaScript. */
export interface AssetTexts {
  /** The compiled JavaScript. Undefined if the file is not TypeScript. */
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
 * Replaces the package until code reads a part of it. `Twilio.Response` is our own class, so a function that builds
 * plain replies never loads the package.
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
    // New objects for each call, so that changes by one function do not reach the next.
    getFunctions: () => Object.fromEntries(functions.map(([name, path]) => [name, { path }])) as object,
    getAssets() {
      const map = Object.fromEntries(assets.map(([key, path]) => [key, assetOf(path)])) as object;
      // Source names work, but are not enumerable: a list should look like that of the compiled project.
      for (const [key, path] of sources) {
        const value = { path, open: () => textOf(path) };
        Object.defineProperty(map, key, { value, writable: true, configurable: true });
      }
      return map;
    },
    getSync: (options?: { serviceName?: string }) => twilio.sync(options),
  };
}

/** Matches the name alone, not `Twilio.Response`. */
const namesResponse = /(?<![.\w$])Response\b/;

/** Node's own `Response`, once the global has been replaced. */
export let standardResponse: typeof globalThis.Response | undefined;

/**
 * Replaces the global `Response` right before the first source of the project that names it runs. Reading Node's own
 * loads all of `fetch`, which takes 40 ms. That is nearly half of an isolate's start, and few functions need it.
 */
export function offerResponse(content: string): void {
  if (standardResponse !== undefined || !namesResponse.test(content)) return;
  standardResponse = globalThis.Response;
  define("Response", bothResponses(standardResponse));
}

/**
 * The global `Response` is two classes. If it is constructed like Twilio's (no arguments, or one object with a status
 * code), the result is Twilio's. Otherwise, it is the Fetch standard's, so packages that use the standard class work.
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

/** A stand-in for an object that is loaded when it is first used. */
function standIn(load: () => object, special: ProxyHandler<() => void>): object {
  // The target is a function, so that code can call and construct it. A proxy cannot hide the target's `prototype`, so
  // it is listed.
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
