/**
 * Loads the handlers of function files, once per isolate. Module scope is kept for the life of the isolate, as on a
 * warm hosted instance (contract §2.1).
 */
import type * as ErrorPlaces from "../language/error-places.ts";
import type { Setup } from "../protocol/messages.ts";
import { hideRequirer } from "./author-error.ts";
import type { Context } from "./context.ts";
import type { Event } from "./event.ts";
import { firstFailureOf, isFollowUpError, keepModuleFailures, unfinishedBehind } from "./module-failures.ts";

const { createRequire } = process.getBuiltinModule("node:module");
const { join } = process.getBuiltinModule("node:path");
const { pathToFileURL } = process.getBuiltinModule("node:url");

type Callback = (error?: unknown, payload?: unknown) => void;
export type Handler = (context: Context, event: Event, callback: Callback) => unknown;

type Evaluate = (run: () => Promise<unknown>) => Promise<unknown>;

/** The file loads, but exports no handler. */
export class HandlerMissingError extends Error {}

export class HandlerLoader {
  readonly #setup: Setup;
  readonly #evaluate: Evaluate;
  readonly #require: NodeJS.Require;
  readonly #handlers = new Map<string, Handler>();
  #isLoading = false;

  /** @param evaluate runs a function that evaluates a module asynchronously. */
  constructor(setup: Setup, evaluate: Evaluate = (run) => run()) {
    this.#setup = setup;
    this.#evaluate = evaluate;
    const requirer = join(setup.folder, "package.json");
    hideRequirer(requirer);
    const sources = {
      reaches: (root: string, file: string) => errorPlaces()?.reaches(root, file, setup.language) ?? false,
      syntaxErrorOf: (file: string) => errorPlaces()?.syntaxErrorOf(file, setup.language),
    };
    keepModuleFailures(sources, () => !this.#isLoading);
    this.#require = createRequire(requirer);
  }

  isLoaded(name: string): boolean {
    return this.#handlers.has(name);
  }

  /**
   * The handler of a function. Synchronous if possible, so that a warm call costs no turn of the loop. A promise only
   * for an ES module that awaits at its top level.
   * @throws HandlerMissingError, or the error that the file throws while it loads.
   */
  load(name: string): Handler | Promise<Handler> {
    const handler = this.#handlers.get(name);
    if (handler !== undefined) return handler;
    const file = this.#setup.functions[name];
    if (file === undefined) throw new Error(`There is no function ${name} in this service`);
    try {
      return this.#keep(name, this.#requireFunction(file));
    } catch (error) {
      const unfinished = unfinishedBehind(error);
      if (unfinished !== undefined) return this.#loadAfter(unfinished, error, name, file);
      const isAsync = (error as NodeJS.ErrnoException | null)?.code === "ERR_REQUIRE_ASYNC_MODULE";
      if (!isAsync && !isFollowUpError(error)) throw this.#withPlace(error, file);
      return this.#import(file).then(
        (module) => this.#keep(name, module),
        (failure: unknown) => {
          throw this.#withPlace(isFollowUpError(failure) ? firstFailureOf(failure, file) : failure, file);
        },
      );
    }
  }

  /**
   * Tries again after an import. The module may be fine, and may have failed only as a part of another module. If so,
   * its import succeeds, and then it can be required.
   * @param error is thrown if the import fails without a better error.
   */
  async #loadAfter(unfinished: string, error: unknown, name: string, file: string): Promise<Handler> {
    try {
      await this.#import(unfinished);
    } catch (failure) {
      throw this.#withPlace(isFollowUpError(failure) ? error : failure, file);
    }
    try {
      return this.#keep(name, this.#requireFunction(file));
    } catch (failure) {
      const next = unfinishedBehind(failure);
      if (next === undefined || next === unfinished) throw this.#withPlace(failure, file);
      return await this.#loadAfter(next, failure, name, file);
    }
  }

  #requireFunction(file: string): unknown {
    this.#isLoading = true;
    try {
      return this.#require(file);
    } finally {
      this.#isLoading = false;
    }
  }

  #import(file: string): Promise<unknown> {
    return this.#evaluate((): Promise<unknown> => import(pathToFileURL(file).href));
  }

  #keep(name: string, module: unknown): Handler {
    const file = this.#setup.functions[name] ?? "";
    const handler = handlerOf(module);
    if (handler === undefined) throw new HandlerMissingError(`${file} exports no handler`);
    this.#handlers.set(name, handler);
    return handler;
  }

  /** Adds the place of a syntax error. Node reports it only for CommonJS, not for ES modules. */
  #withPlace(error: unknown, file: string): unknown {
    errorPlaces()?.addPlace(error, file, this.#setup.language);
    return error;
  }
}

const placesFile = `../language/error-places${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`;

/** Undefined if the isolate's user cannot read our files. Then errors have no place. */
function errorPlaces(): typeof ErrorPlaces | undefined {
  try {
    return createRequire(import.meta.url)(placesFile) as typeof ErrorPlaces;
  } catch {
    return undefined;
  }
}

/** Returns `exports.handler`. In an ES module, the default export or its `handler` also counts. */
function handlerOf(module: unknown): Handler | undefined {
  if ((typeof module !== "object" && typeof module !== "function") || module === null) return undefined;
  const { handler, default: fallback } = module as { handler?: unknown; default?: unknown };
  if (typeof handler === "function") return handler as Handler;
  if (!isEsModule(module)) return undefined;
  if (typeof fallback === "function") return fallback as Handler;
  return handlerOf(fallback);
}

function isEsModule(module: unknown): boolean {
  return Object.prototype.toString.call(module) === "[object Module]";
}
