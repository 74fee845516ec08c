/**
 * `@offhook/helpers/testing`: tools with which authors test their functions, in any test framework.
 */
import fs from "node:fs";
import path from "node:path";
import { ending, type Ending } from "./disposal.ts";
import { functionsIn, privateAssetsIn, type Resources } from "./project-resources.ts";
import { twilioGlobal } from "./project-twilio.ts";
import { isTwilioResponse, TwilioResponse } from "./twilio-response.ts";

export { type FunctionCallback, type FunctionContext, type FunctionEvent } from "../function-types.ts";
export { fakeContext, type FakeContext, type FakeContextOverrides } from "./fake-context.ts";
export { callFunction, type CallOptions, type Callable } from "./function-call.ts";
export { type FunctionReply, type ReplyHeaders } from "./function-reply.ts";
export { useFakeClock, type FakeClock, type FakeClockOptions } from "./fake-clock.ts";
export { startTokenService, type TokenService, type TokenServiceOptions } from "./token-service.ts";
export { incomingMessage, messageStatus } from "./message-event.ts";
export { callStatus, gatherResult, incomingCall } from "./call-event.ts";
export { flexRequest, studioRequest } from "./request-event.ts";
export { fakeSid } from "./sid.ts";
export { parseTwiml, type TwimlElement, type TwimlSource } from "./twiml-tree.ts";
export { assertTwiml, findVerb, verbs } from "./twiml-assertion.ts";
export { TwilioResponse } from "./twilio-response.ts";

export interface GlobalsOptions {
  /** The project's folder, with `functions/`, `assets/` and `node_modules/`. By default the current folder. */
  readonly folder?: string;
  /** Replaces the project's `twilio` package. */
  readonly twilio?: object;
  /**
   * An unusual functions' folder, or a map from name to file (relative to the project) that overrides the functions
   * found.
   */
  readonly functions?: string | Resources;
  /** The same for assets, with names such as `/prices.json`. */
  readonly assets?: string | Resources;
  /** Makes the result of `Runtime.getSync(options)`. */
  readonly sync?: (options?: object) => unknown;
}

/**
 * Puts `Twilio`, `Runtime` and `Response` on `globalThis`, as the platforms do (contract §7). Call it before you load
 * the file of a function, because most functions use `Runtime` while they load.
 * @returns a function that restores the previous globals. It also works with `using`.
 * @throws if a folder that you name does not exist. Using `Twilio.twiml` and the like throws if the project has no
 * package `twilio`.
 */
export function installGlobals(options: GlobalsOptions = {}): Ending {
  const folder = path.resolve(options.folder ?? ".");
  // All three are made before the first is installed, because making one may throw.
  const made = {
    Twilio: twilioGlobal(folder, options.twilio),
    Runtime: runtimeGlobal(folder, options),
    Response: responseGlobal(),
  };
  const restores = Object.entries(made).map(([name, value]) => replaceGlobal(name, value));
  return ending(() => {
    for (const restore of restores) restore();
  });
}

function replaceGlobal(name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(globalThis, name);
    else Object.defineProperty(globalThis, name, before);
  };
}

function runtimeGlobal(folder: string, { functions, assets, sync }: GlobalsOptions): object {
  const found = (how: typeof functionsIn, source: string | Resources | undefined): Resources => {
    if (typeof source === "string") return how(folder, source);
    const replaced = Object.entries(source ?? {}).map(([name, file]) => [name, path.resolve(folder, file)] as const);
    return { ...how(folder), ...Object.fromEntries(replaced) };
  };
  const functionFiles = Object.entries(found(functionsIn, functions));
  const assetFiles = Object.entries(found(privateAssetsIn, assets));
  const asset = (file: string): object => ({ path: file, open: () => fs.readFileSync(file, "utf8") });
  return {
    // A new object each time, as on Offhook, so that one function's changes do not reach the next.
    getFunctions: () => Object.fromEntries(functionFiles.map(([name, file]) => [name, { path: file }])),
    getAssets: () => Object.fromEntries(assetFiles.map(([name, file]) => [name, asset(file)])),
    getSync(syncOptions?: object): unknown {
      if (sync !== undefined) return sync(syncOptions);
      throw new Error("This test has no Sync service. Pass one: installGlobals({ sync: () => fake })");
    },
  };
}

/**
 * Twilio's `Response` for Twilio's arguments (nothing, or one object with a status code and the like), and otherwise
 * the Fetch standard's, so that a fake `fetch` can still make its answers.
 */
function responseGlobal(): unknown {
  const standard = globalThis.Response as typeof globalThis.Response | undefined;
  if (standard === undefined) return TwilioResponse;
  return new Proxy(standard, {
    construct(target, args: unknown[], newTarget) {
      if (args.length === 0 || (args.length === 1 && isInit(args[0]))) return new TwilioResponse(args[0] as object);
      return Reflect.construct(target, args, newTarget) as object;
    },
    get(target, key) {
      if (key !== Symbol.hasInstance) return Reflect.get(target, key) as unknown;
      return (value: unknown) => isTwilioResponse(value) || value instanceof target;
    },
  });
}

/** Checks the keys, not the prototype, because the prototype differs if a test framework created the realm. */
function isInit(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Object.prototype.toString.call(value) !== "[object Object]") {
    return false;
  }
  return Object.keys(value).every((key) => ["statusCode", "body", "headers"].includes(key));
}
