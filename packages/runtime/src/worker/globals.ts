/**
 * What a function finds without importing it: `Twilio`, `Runtime`, `Response` (contract §7).
 */
import { readFileSync } from "node:fs";
import type { Setup } from "../protocol/messages.ts";
import type { TwilioPackage } from "./twilio-package.ts";
import { TwilioResponse, isTwilioResponse } from "./twilio-response.ts";

export function installGlobals(setup: Setup, twilio: TwilioPackage): void {
  define("Twilio", lazyTwilio(twilio));
  define("Runtime", buildRuntime(setup, twilio));
  define("Response", bothResponses());
}

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
}

/**
 * Stands for the package until something of it is asked for. `Twilio.Response` is ours and needs no
 * package, so that a function that builds plain replies never loads one.
 */
function lazyTwilio(twilio: TwilioPackage): object {
  const target = function Twilio() {};
  const load = twilio.load.bind(twilio) as () => never;
  return new Proxy(target, {
    get: (_, key) => (key === "Response" ? TwilioResponse : Reflect.get(load(), key)),
    set: (_, key, value) => Reflect.set(load(), key, value),
    has: (_, key) => key === "Response" || Reflect.has(load(), key),
    apply: (_, self, args) => Reflect.apply(load(), self, args),
    construct: (_, args) => Reflect.construct<unknown[], object>(load(), args),
    // The target's `prototype` cannot be hidden, so it must be listed.
    ownKeys: () => [...new Set([...Reflect.ownKeys(load()), "prototype"])],
    getOwnPropertyDescriptor(own, key) {
      if (key === "prototype") return Reflect.getOwnPropertyDescriptor(own, key);
      const descriptor = Reflect.getOwnPropertyDescriptor(load(), key);
      return descriptor && { ...descriptor, configurable: true };
    },
  });
}

function buildRuntime(setup: Setup, twilio: TwilioPackage): object {
  const functions = Object.entries(setup.functions).map(([name, path]) => [name, { path }]);
  const assets = Object.entries(setup.assets).map(([key, path]) => [
    key,
    { path, open: () => readFileSync(path, "utf8") },
  ]);
  return {
    // A fresh map for each call: what one function does to it must not reach the next.
    getFunctions: () => Object.fromEntries(functions) as object,
    getAssets: () => Object.fromEntries(assets) as object,
    getSync: (options?: { serviceName?: string }) => twilio.sync(options),
  };
}

/**
 * The global `Response` is both: Twilio's where it is built as Twilio's (no arguments, or one object
 * with a status code), the Fetch standard's otherwise. Packages that make or recognise the standard
 * one go on working.
 */
function bothResponses(): object {
  const standard = globalThis.Response;
  return new Proxy(standard, {
    construct(_, args, newTarget) {
      const [init] = args as [unknown];
      const isTwilios = args.length === 0 || (args.length === 1 && isPlainInit(init));
      if (isTwilios) return new TwilioResponse(init as object | undefined);
      return Reflect.construct(standard, args, newTarget) as object;
    },
    get(target, key) {
      if (key === Symbol.hasInstance) return (value: unknown) => isTwilioResponse(value) || value instanceof standard;
      return Reflect.get(target, key) as unknown;
    },
  });
}

function isPlainInit(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return (
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.keys(value).every((key) => ["statusCode", "body", "headers"].includes(key))
  );
}
