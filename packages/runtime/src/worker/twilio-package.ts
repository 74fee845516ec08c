/**
 * The `twilio` package. It is loaded only when a function first needs it, because that costs 300 to 450 ms of CPU. The
 * project's own copy comes first. A project without one gets the runtime's, as on the hosted product (row 187).
 */
import type { Setup } from "../protocol/messages.ts";
import { TwilioResponse } from "./twilio-response.ts";

const { createRequire, registerHooks } = process.getBuiltinModule("node:module");
const { basename, dirname, join } = process.getBuiltinModule("node:path");
const { pathToFileURL } = process.getBuiltinModule("node:url");

const { readdirSync } = process.getBuiltinModule("node:fs");
const ownRequire = createRequire(import.meta.url);

/** The parts of the package that we use. */
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

/** Follows the loading of the package, and the objects of it that user code gets. */
export interface TwilioObserver {
  /** Runs a function that loads a part of the package. */
  evaluate<T>(run: () => T): T;
  watch(object: object, name: string): void;
}

const unobserved: TwilioObserver = { evaluate: (run) => run(), watch: () => {} };

/** Files of the package that `Twilio` exports without a REST client. */
const sharedFile = /[\\/]twilio[\\/]lib[\\/](?:index|twiml[\\/](\w+))\.js$/;

/** Returns the name of a file's export, such as `Twilio.twiml.VoiceResponse`. Undefined for other files. */
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
   * `Twilio.twiml`. Its classes are in separate files, which load in a tenth of the time of the whole package. So most
   * functions never load the REST client.
   */
  get twiml(): object {
    if (this.#module !== undefined) return this.#module.twiml;
    return (this.#twiml ??= this.#lazyTwiml() ?? this.load().twiml);
  }

  /** Finds our copy if the project has none, like `require`. In Node 22, `require.resolve` ignores hooks. */
  #resolve(specifier: string): string {
    try {
      return this.#require.resolve(specifier);
    } catch {
      return ownRequire.resolve(specifier);
    }
  }

  /** Loads each class when it is first read. Undefined if the package has another layout. */
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
   * A REST client with the service's credentials, for `context.getTwilioClient(options)`.
   * @throws if the service has no credentials (row 113).
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

  /** The named Sync service, or `default`. Adds the short names of its collections (rows 124, 125). */
  sync(
    options: { serviceName?: string } & Record<string, unknown> = {},
  ): SyncContext & { maps: unknown; lists: unknown } {
    const { serviceName = "default", ...clientOptions } = options;
    const service = this.client(clientOptions).sync.services(serviceName);
    return Object.assign(service, { maps: service.syncMaps, lists: service.syncLists });
  }
}

/** If user code imports `twilio` and the project has none, it gets our copy. */
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
