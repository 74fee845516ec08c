/**
 * Function files become handlers, once per isolate: module scope is kept while the isolate lives, as on
 * a warm hosted instance (contract §2.1).
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Setup } from "../protocol/messages.ts";
import type { Context } from "./context.ts";
import type { Event } from "./event.ts";

export type Callback = (error?: unknown, payload?: unknown) => void;
export type Handler = (context: Context, event: Event, callback: Callback) => unknown;

type Evaluate = (run: () => Promise<unknown>) => Promise<unknown>;

/** The file loads, but exports nothing to call. */
export class HandlerMissingError extends Error {}

export class HandlerLoader {
  readonly #setup: Setup;
  readonly #evaluate: Evaluate;
  readonly #require: NodeJS.Require;
  readonly #handlers = new Map<string, Handler>();

  /** @param evaluate runs what evaluates a module asynchronously. */
  constructor(setup: Setup, evaluate: Evaluate = (run) => run()) {
    this.#setup = setup;
    this.#evaluate = evaluate;
    this.#require = createRequire(join(setup.folder, "package.json"));
  }

  isLoaded(name: string): boolean {
    return this.#handlers.has(name);
  }

  /**
   * The handler of a function. Synchronous where it can be, so that a warm call costs no turn of the
   * loop; a promise only for an ES module that awaits at its top level.
   * @throws HandlerMissingError, or whatever the file throws while it loads.
   */
  load(name: string): Handler | Promise<Handler> {
    const known = this.#handlers.get(name);
    if (known !== undefined) return known;
    const file = this.#setup.functions[name];
    if (file === undefined) throw new Error(`There is no function ${name} in this service`);
    try {
      return this.#keep(name, this.#require(file));
    } catch (error) {
      if ((error as NodeJS.ErrnoException | null)?.code !== "ERR_REQUIRE_ASYNC_MODULE") throw error;
      const evaluated = this.#evaluate((): Promise<unknown> => import(pathToFileURL(file).href));
      return evaluated.then((module) => this.#keep(name, module));
    }
  }

  #keep(name: string, module: unknown): Handler {
    const file = this.#setup.functions[name] ?? "";
    const handler = handlerOf(module);
    if (handler === undefined) throw new HandlerMissingError(`${file} exports no handler`);
    this.#handlers.set(name, handler);
    return handler;
  }
}

/** `exports.handler`; in an ES module also the default export, itself or its `handler`. */
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
