/**
 * Reports when modules are evaluated, and when user code loads one of Node's modules. Changes that a module makes to
 * the realm while it is evaluated stay. Changes that a handler makes before or after do not.
 */
const Module = process.getBuiltinModule("node:module");
const { isBuiltin, registerHooks } = Module;

// User code may replace these.
const { apply } = Reflect;
const { queueMicrotask } = globalThis;
const includes = String.prototype.includes.call.bind(String.prototype.includes) as (
  text: string,
  part: string,
) => boolean;

export interface EvaluationListener {
  /**
   * The outermost module is about to be evaluated. @param file set for CommonJS. The module is already in the cache.
   */
  onStart(file?: string): void;
  /**
   * The outermost module has been evaluated.
   * @param failed the CommonJS file that threw. Node removes it from the cache right after this call.
   */
  onEnd(failed?: string): void;
  /** Part of the module may run later, so its changes cannot be separated from the changes of other code. */
  onLost(): void;
  /** Called each time that user code is about to get this module of Node. */
  onBuiltin(name: string): void;
  /** A CommonJS file has been evaluated. */
  onEvaluated(file: string, exports: unknown): void;
  /** A source is about to be compiled. */
  onSource(source: string, file: string): void;
}

/** Internal methods of Node. So many loaders depend on them that they are effectively public. */
const loadMethod = "_load";
const compileMethod = "_compile";

interface ModuleInternals {
  [loadMethod]: (request: unknown, ...rest: unknown[]) => unknown;
  readonly prototype: {
    load: (this: { readonly exports: unknown }, file: string) => unknown;
    [compileMethod]: (source: string, file: string, ...rest: unknown[]) => unknown;
  };
}

/** Written in two parts, because this file would otherwise seem to contain a dynamic import. */
const importCall = ["import", "("].join("");

/** The appended line needs specifiers that no author uses. */
const scheme = "offhook-evaluation:";

export class ModuleEvaluation {
  readonly #listener: EvaluationListener;
  /** Nesting depth of the modules that are being evaluated. */
  #depth = 0;
  /**
   * ES modules whose evaluation has started and not ended. Modules that never start because another fails do not count.
   */
  #started = 0;
  #isOpen = false;
  #count = 0;
  #hasHooks = false;

  constructor(listener: EvaluationListener) {
    this.#listener = listener;
  }

  /** Whether the running code is module scope. */
  get isEvaluating(): boolean {
    return this.#depth > 0 || this.#isOpen;
  }

  /** @param hasEsModules whether the project has ES modules. Then they are tracked from the start. */
  install(hasEsModules: boolean): void {
    const internals = Module as unknown as ModuleInternals;
    const { prototype } = internals;
    const { [loadMethod]: load } = internals;
    const { load: loadFile, [compileMethod]: compile } = prototype;
    // In each of these functions, `this` is the module. An arrow function would not have it.
    const evaluate = (run: () => unknown, file: string): unknown => this.evaluate(run, file);
    const noticeBuiltin = (request: unknown): void => this.#noticeBuiltin(request);
    const noticeSource = (source: string, file: string): void => this.noticeSource(source, file);
    internals[loadMethod] = function (request, ...rest) {
      noticeBuiltin(request);
      return apply(load, this, [request, ...rest]);
    };
    const { onEvaluated } = this.#listener;
    prototype.load = function (this: { readonly exports: unknown }, file) {
      return evaluate(() => {
        const result: unknown = apply(loadFile, this, [file]);
        onEvaluated(file, this.exports);
        return result;
      }, file);
    };
    prototype[compileMethod] = function (source, file, ...rest) {
      noticeSource(source, file);
      return apply(compile, this, [source, file, ...rest]);
    };
    const { getBuiltinModule } = process;
    process.getBuiltinModule = (id: string) => {
      noticeBuiltin(id);
      return getBuiltinModule(id);
    };
    if (hasEsModules) this.#followEsModules();
  }

  #noticeBuiltin(request: unknown): void {
    if (typeof request === "string" && isBuiltin(request)) this.#listener.onBuiltin(request);
  }

  noticeSource(source: string, file: string): void {
    if (typeof source !== "string") return;
    if (!this.#hasHooks && includes(source, importCall)) this.#followEsModules();
    this.#listener.onSource(source, file);
  }

  /** Runs a function that evaluates modules synchronously. */
  evaluate<T>(run: () => T, file?: string): T {
    if (this.#depth === 0 && !this.#isOpen) this.#listener.onStart(file);
    this.#depth++;
    let failed = file;
    try {
      const result = run();
      failed = undefined;
      return result;
    } finally {
      this.#depth--;
      if (this.#depth === 0 && !this.#isOpen) this.#listener.onEnd(failed);
    }
  }

  /** Runs an asynchronous evaluation. No other code runs at the same time. */
  async evaluateAsync<T>(run: () => Promise<T>): Promise<T> {
    this.#listener.onStart();
    this.#depth++;
    try {
      return await run();
    } finally {
      this.#depth--;
      this.#listener.onEnd();
    }
  }

  /**
   * Appends a line to each ES module. The import in that line is evaluated right before the module, and the call in it
   * right after. Both arrive here as specifiers to resolve. The line is the last one, so line numbers in stacks do not
   * change.
   */
  #followEsModules(): void {
    if (this.#hasHooks) return;
    this.#hasHooks = true;
    registerHooks({
      resolve: (specifier, context, next) => {
        if (specifier.startsWith(scheme)) {
          const [, step] = specifier.split(":");
          if (step === "start") this.#onEsModuleStart();
          else if (step === "end") this.#onEsModuleEnd();
          return { url: specifier, format: "module", shortCircuit: true };
        }
        if (isBuiltin(specifier)) this.#listener.onBuiltin(specifier);
        return next(specifier, context);
      },
      load: (url, context, next) => {
        if (url.startsWith(scheme)) {
          const source = `import.meta.resolve(${JSON.stringify(`${scheme}start:${url.slice(url.lastIndexOf(":") + 1)}`)});`;
          return { format: "module", source, shortCircuit: true };
        }
        const loaded = next(url, context);
        if (loaded.format !== "module" || loaded.source === null || loaded.source === undefined) return loaded;
        const source =
          typeof loaded.source === "string" ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
        this.noticeSource(source, url);
        if (this.#depth > 0) return loaded;
        const id = ++this.#count;
        const line = `import ${JSON.stringify(`${scheme}module:${id}`)}; import.meta.resolve(${JSON.stringify(`${scheme}end:${id}`)});`;
        return { ...loaded, source: `${source}\n${line}` };
      },
    });
  }

  #onEsModuleStart(): void {
    if (this.#depth > 0) return;
    this.#started++;
    if (this.#isOpen) return;
    this.#listener.onStart();
    this.#isOpen = true;
    // Modules that are imported together are evaluated in one turn, unless one awaits or throws. This microtask runs
    // before the importer continues.
    queueMicrotask(() => this.#close(this.#started === 0));
  }

  #onEsModuleEnd(): void {
    if (this.#depth === 0 && this.#isOpen) this.#started--;
  }

  #close(isComplete: boolean): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#started = 0;
    if (isComplete) this.#listener.onEnd();
    else this.#listener.onLost();
  }
}
