/** The loaded modules: `require.cache`, and the exports of each module. */
const Module = process.getBuiltinModule("node:module");

// User code may replace these.
const { ownKeys, deleteProperty, defineProperty } = Reflect;

interface LoadedModule {
  exports: unknown;
  readonly loaded: boolean;
}

type Cache = Record<string, LoadedModule | undefined>;

/** Node's internal name of the object behind `require.cache`. */
const cacheKey = "_cache";
const { [cacheKey]: cache } = Module as unknown as Record<typeof cacheKey, Cache>;

interface ModuleRecord {
  readonly file: string;
  readonly module: LoadedModule;
  readonly exports: unknown;
}

export class LoadedModules {
  #records: readonly ModuleRecord[] = [];

  /** @param isOwn whether to accept the module of a file that is not recorded yet. */
  remember(isOwn: (file: string) => boolean = () => true): void {
    const before = new Map(this.#records.map((known) => [known.file, known]));
    this.#records = (ownKeys(cache) as string[]).flatMap((file) => {
      const module = cache[file];
      const record = before.get(file);
      if (record !== undefined && record.module === module) return [record];
      return module !== undefined && isOwn(file) ? [{ file, module, exports: module.exports }] : record ? [record] : [];
    });
  }

  /** Files whose entries differ. */
  changed(): Set<string> {
    const files = new Set(ownKeys(cache) as string[]);
    for (const { file, module, exports } of this.#records) {
      if (cache[file] === module && (module.exports === exports || !module.loaded)) files.delete(file);
      else files.add(file);
    }
    return files;
  }

  /** Restores entries that differ. @returns whether there was one. Uses nothing that user code can replace. */
  restore(): boolean {
    let hasChanged = false;
    const records = this.#records;
    const files = ownKeys(cache);
    let isSameOrder = files.length === records.length;
    for (let i = 0; i < records.length; i++) {
      const { file, module, exports } = records[i] as ModuleRecord;
      if (files[i] !== file) isSameOrder = false;
      if (cache[file] !== module) {
        hasChanged = true;
        defineProperty(cache, file, {
          __proto__: null,
          value: module,
          writable: true,
          enumerable: true,
          configurable: true,
        } as PropertyDescriptor);
      }
      if (module.exports !== exports && module.loaded) {
        hasChanged = true;
        module.exports = exports;
      }
    }
    if (isSameOrder) return hasChanged;
    for (let i = 0; i < files.length; i++) {
      const file = files[i] as string;
      if (this.#has(file)) continue;
      hasChanged = true;
      deleteProperty(cache, file);
    }
    return hasChanged;
  }

  #has(file: string): boolean {
    for (let i = 0; i < this.#records.length; i++) if (this.#records[i]?.file === file) return true;
    return false;
  }
}
