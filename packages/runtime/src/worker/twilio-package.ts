/**
 * The `twilio` package, loaded only when a function first needs it: it costs 300 to 450 ms of CPU.
 * The project's own copy comes first; a project that lists none gets the runtime's, as hosted (row 187).
 */
import type { Setup } from "../protocol/messages.ts";
import { TwilioResponse } from "./twilio-response.ts";

const { createRequire, registerHooks } = process.getBuiltinModule("node:module");
const { basename, dirname, join } = process.getBuiltinModule("node:path");
const { pathToFileURL } = process.getBuiltinModule("node:url");

const { readdirSync } = process.getBuiltinModule("node:fs");
const ownRequire = createRequire(import.meta.url);

/** What is used of the package; its types are the author's business. */
export interface TwilioModule {
  (accountSid: string, authToken: string, options?: object): TwilioClient;
  Response?: unknown;
  twiml: object;
}

interface SyncContext {
  readonly syncMaps: unknown;
  readonly syncLists: unknown;
}

export interface TwilioClient {
  readonly sync: { services(name: string): SyncContext };
}

/** Has to know of what the package adds and what user code is given of it. */
export interface TwilioObserver {
  /** Runs what loads a part of the package. */
  evaluate<T>(run: () => T): T;
  watch(object: object, name: string): void;
}

const unobserved: TwilioObserver = { evaluate: (run) => run(), watch: () => {} };

/** What `Twilio` leads to without a REST client. */
const sharedFile = /[\\/]twilio[\\/]lib[\\/](?:index|twiml[\\/](\w+))\.js$/;

/** `Twilio.twiml.VoiceResponse`, for the file of the package that exports it. Undefined for others. */
export function twilioNameOf(file: string): string | undefined {
  const match = sharedFile.exec(file);
  if (match === null) return undefined;
  return match[1] === undefined ? "Twilio" : `Twilio.twiml.${match[1]}`;
}

export class TwilioPackage {
  readonly #setup: Setup;
  readonly #require: NodeJS.Require;
  readonly #observer: TwilioObserver;
  #module: TwilioModule | undefined;
  #twiml: object | undefined;

  constructor(setup: Setup, observer: TwilioObserver = unobserved) {
    this.#setup = setup;
    this.#observer = observer;
    this.#require = createRequire(join(setup.folder, "package.json"));
    if (!this.#resolves()) offerOwnCopy();
  }

  #resolves(): boolean {
    try {
      this.#require.resolve("twilio");
      return true;
    } catch {
      return false;
    }
  }

  /** The package itself, with `Response` added, as functions see it. */
  load(): TwilioModule {
    return (this.#module ??= this.#observer.evaluate(() => {
      const loaded = this.#require("twilio") as TwilioModule;
      loaded.Response = TwilioResponse;
      return loaded;
    }));
  }

  /**
   * `Twilio.twiml`. Its classes are files of their own, which take a tenth of the time of the whole package, so most
   * functions never load the REST client.
   */
  get twiml(): object {
    if (this.#module !== undefined) return this.#module.twiml;
    return (this.#twiml ??= this.#lazyTwiml() ?? this.load().twiml);
  }

  /** Like `require`, it finds our copy where the project has none: in Node 22 `require.resolve` asks no hooks. */
  #resolve(specifier: string): string {
    try {
      return this.#require.resolve(specifier);
    } catch {
      return ownRequire.resolve(specifier);
    }
  }

  /** Each class is loaded when it is asked for. Undefined where the package is laid out in some other way. */
  #lazyTwiml(): object | undefined {
    try {
      const folder = dirname(this.#resolve("twilio/lib/twiml/TwiML"));
      const files = readdirSync(folder).filter((file) => file.endsWith("Response.js"));
      if (files.length === 0) return undefined;
      const twiml = {};
      for (const file of files) {
        const name = basename(file, ".js");
        const define = (how: PropertyDescriptor): object =>
          Object.defineProperty(twiml, name, { configurable: true, enumerable: true, ...how });
        let loaded: object | undefined;
        define({
          get: () => {
            loaded ??= this.#require(join(folder, file)) as object;
            return loaded;
          },
          set: (value: unknown) => void define({ value, writable: true }),
        });
      }
      this.#observer.watch(twiml, "Twilio.twiml");
      return twiml;
    } catch {
      return undefined;
    }
  }

  /**
   * A REST client with the service's credentials, as `context.getTwilioClient(options)`.
   * @throws where the service has none (row 113).
   */
  client(options?: object): TwilioClient {
    const { ACCOUNT_SID: accountSid, AUTH_TOKEN: authToken } = this.#setup.variables;
    if (!accountSid || !authToken) {
      throw Object.assign(
        new Error(
          "Account credentials are not available to this function: set ACCOUNT_SID and AUTH_TOKEN in the service's .env.",
        ),
        { code: "credentials-missing" },
      );
    }
    return this.load()(accountSid, authToken, { lazyLoading: true, ...options });
  }

  /** The Sync service `default`, or the one named, with the short names of its collections (rows 124, 125). */
  sync(
    options: { serviceName?: string } & Record<string, unknown> = {},
  ): SyncContext & { maps: unknown; lists: unknown } {
    const { serviceName = "default", ...clientOptions } = options;
    const service = this.client(clientOptions).sync.services(serviceName);
    return Object.assign(service, { maps: service.syncMaps, lists: service.syncLists });
  }
}

/** Where user code asks for `twilio` and finds none, it gets ours. */
function offerOwnCopy(): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier !== "twilio" && !specifier.startsWith("twilio/")) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch {
        return { url: pathToFileURL(ownRequire.resolve(specifier)).href, shortCircuit: true };
      }
    },
  });
}
