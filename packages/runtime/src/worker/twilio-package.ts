/**
 * The `twilio` package, loaded only when a function first needs it: it costs 300 to 450 ms of CPU.
 * The project's own copy comes first; a project that lists none gets the runtime's, as hosted (row 187).
 */
import { createRequire, registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Setup } from "../protocol/messages.ts";
import { TwilioResponse } from "./twilio-response.ts";

/** What is used of the package; its types are the author's business. */
export interface TwilioModule {
  (accountSid: string, authToken: string, options?: object): TwilioClient;
  Response?: unknown;
}

interface SyncContext {
  readonly syncMaps: unknown;
  readonly syncLists: unknown;
}

export interface TwilioClient {
  readonly sync: { services(name: string): SyncContext };
}

export class TwilioPackage {
  readonly #setup: Setup;
  readonly #require: NodeJS.Require;
  #module: TwilioModule | undefined;

  constructor(setup: Setup) {
    this.#setup = setup;
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
    if (this.#module === undefined) {
      this.#module = this.#require("twilio") as TwilioModule;
      this.#module.Response = TwilioResponse;
    }
    return this.#module;
  }

  get isLoaded(): boolean {
    return this.#module !== undefined;
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
  const ownRequire = createRequire(import.meta.url);
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
