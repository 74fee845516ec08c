/**
 * Adds TypeScript and ES modules for the author's files, with Node's module hooks. The author's files are those of the
 * project, and files outside it that it imports. Installed packages are not changed.
 */
import { createRequire, isBuiltin, registerHooks, type LoadHookSync, type ResolveHookSync } from "node:module";
import * as nodeModule from "node:module";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { namesModule, namesQuery, namesSpecifier, selfSpecifier, usesCommonJsNames } from "./commonjs-names.ts";
import { Compiler, loadTransformer } from "./compiler.ts";
import { isIn, isInstalled, looksLikeModule, settingsFor, typeScriptFile } from "./language.ts";
import type { Compiled, CompilerOptions, Language } from "./language.ts";
import { importsOf, interopModule, interopQuery } from "./interop.ts";
import { isModuleSyntax } from "./module-syntax.ts";
import { candidatesFor, findFile, findUnresolved } from "./resolution.ts";

const { readFileSync, realpathSync } = process.getBuiltinModule("node:fs");

/** The transformer's runtime helpers, which its output may import. */
const helpersPrefix = "@oxc-project/runtime/helpers/";

export interface HookOptions {
  /** The project's folder. Paths in messages are relative to it. */
  readonly folder: string;
  readonly language: Language;
  /** Called with each of the author's sources before it runs. */
  onSource(content: string, file: string): void;
}

/** Our source folder. In a checkout, its files are TypeScript too. */
const ourFolder = fileURLToPath(new URL("..", import.meta.url));

export class LanguageHooks {
  readonly #options: HookOptions;
  readonly #compilers = new Map<CompilerOptions, Compiler>();
  readonly #imports = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();

  /** Called while the process can still read all files. Later it may run as a user who cannot. */
  constructor(options: HookOptions) {
    this.#options = options;
    const { transforms, prepared } = options.language;
    if (transforms && prepared === undefined) loadTransformer();
  }

  /** Registers the hooks. Hooks that are registered before these run inside `next()`, so these see their results. */
  install(): void {
    if (this.#options.language.sourceMaps) {
      nodeModule.setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
    }
    registerHooks({ resolve: this.#resolve, load: this.#load });
  }

  /** The JavaScript of a TypeScript file. Undefined for other files. */
  compiledText(file: string): string | undefined {
    if (!typeScriptFile.test(file)) return undefined;
    const { code } = this.#compiled(file, readFileSync(file, "utf8"));
    return code.replace(/\n\/\/# sourceMappingURL=.*\n$/, "");
  }

  readonly #resolve: ResolveHookSync = (specifier, context, next) => {
    const { parentURL } = context;
    if (parentURL === undefined || !parentURL.startsWith("file:") || isBuiltin(specifier)) {
      return next(specifier, context);
    }
    if (specifier === namesSpecifier) return { url: parentURL + namesQuery, format: "module", shortCircuit: true };
    if (specifier === selfSpecifier) return { url: parentURL, format: "module", shortCircuit: true };
    const parent = fileURLToPath(parentURL);
    if (!isOwn(parent)) return next(specifier, context);
    if (specifier.startsWith(helpersPrefix)) return next(specifier, { ...context, parentURL: import.meta.url });
    const name = specifier.startsWith("file:") ? fileURLToPath(specifier) : specifier;
    const isFromTypeScript = typeScriptFile.test(parent);
    for (const path of candidatesFor(name, dirname(parent), settingsFor(parent, this.#options.language))) {
      const file = findFile(path, isFromTypeScript);
      // The specifier names the exact file, so Node resolves it.
      if (file === path && /^[./]/.test(name)) break;
      if (file !== undefined) return { url: pathToFileURL(realpathSync(file)).href, shortCircuit: true };
    }
    const found = resolvePackage(specifier, parent, () => next(specifier, context));
    const names = isImport(context.conditions) ? this.#imports.get(parentURL)?.get(specifier) : undefined;
    return names === undefined || !this.#isCommonJs(found.url)
      ? found
      : { ...interop(found.url, names), shortCircuit: true };
  };

  readonly #load: LoadHookSync = (url, context, next) => {
    if (!url.startsWith("file:")) return next(url, context);
    if (url.endsWith(namesQuery)) {
      return { format: "module", source: namesModule(url.slice(0, -namesQuery.length)), shortCircuit: true };
    }
    const file = fileURLToPath(url);
    if (url.includes(interopQuery)) {
      return { format: "module", source: interopModule(file, namesIn(url)), shortCircuit: true };
    }
    if (!isOwn(file)) return next(url, context);
    if (file.endsWith(".json") && isImport(context.conditions)) {
      return next(url, { ...context, importAttributes: { type: "json" } });
    }
    if (typeScriptFile.test(file)) {
      // Node itself removes the types, as far as it can.
      if (!this.#canCompile(file)) return next(url, context);
      const source = readFileSync(file, "utf8");
      this.#options.onSource(source, file);
      const made = this.#compiled(file, source);
      if (made.format === "module" && !this.#compilerFor(file).isModuleByName(file)) {
        this.#imports.set(url, importsOf(made.code));
      }
      return loaded(made);
    }
    if (!/\.c?js$/.test(file)) return next(url, context);
    const source = readFileSync(file, "utf8");
    this.#options.onSource(source, file);
    if (this.#compilerFor(file).isModuleByName(file) || !looksLikeModule.test(source) || !isModuleSyntax(source)) {
      return next(url, context);
    }
    return loaded(
      usesCommonJsNames.test(source) && this.#canCompile(file)
        ? this.#compiled(file, source)
        : { code: source, format: "module" },
    );
  };

  #isCommonJs(url: string): boolean {
    if (!url.startsWith("file:") || !/\.c?js$/.test(url)) return false;
    const file = fileURLToPath(url);
    return !this.#compilerFor(file).isModuleByName(file);
  }

  #compilerFor(file: string): Compiler {
    const { options } = settingsFor(file, this.#options.language);
    const compiler = this.#compilers.get(options) ?? new Compiler(this.#options.folder, options);
    this.#compilers.set(options, compiler);
    return compiler;
  }

  /** A hardened isolate has compiled code only for the files that existed when the server started. */
  #canCompile(file: string): boolean {
    const { prepared, roots } = this.#options.language;
    return prepared === undefined || prepared[file] !== undefined || isIn(file, roots);
  }

  #compiled(file: string, source: string): Compiled {
    const { prepared } = this.#options.language;
    if (prepared === undefined) return this.#compilerFor(file).compile(file, source);
    const made = prepared[file];
    if (made === undefined)
      throw new Error(`${file} did not exist when the server started. A hardened isolate cannot compile it.`);
    if ("error" in made) throw new SyntaxError(made.error);
    return made;
  }
}

/** Whether the file is one of the author's, in any folder. */
function isOwn(file: string): boolean {
  return !isInstalled(file) && !file.startsWith(ourFolder);
}

function loaded({ code, format }: Compiled): { format: string; source: string; shortCircuit: true } {
  return { format, source: code, shortCircuit: true };
}

function interop(url: string, names: ReadonlySet<string>): { url: string; format: "module" } {
  return { url: `${url}${interopQuery}${encodeURIComponent([...names].join())}`, format: "module" };
}

function namesIn(url: string): string[] {
  return decodeURIComponent(url.slice(url.indexOf(interopQuery) + interopQuery.length)).split(",");
}

/** @param conditions an array or a set, depending on the version of Node. */
function isImport(conditions: Iterable<string> | undefined): boolean {
  return [...(conditions ?? [])].includes("import");
}

/** Also resolves a file in a package without its extension, as CommonJS does. Node's `import` does not. */
function resolvePackage<T>(specifier: string, parent: string, next: () => T): T | { url: string; shortCircuit: true } {
  try {
    return next();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const isBare = !/^(?:\.{0,2}\/|[a-z]+:)/i.test(specifier);
    if (!isBare || !notFoundCodes.has(code)) throw error;
    const path = findBare(specifier, parent, error);
    if (path === undefined) throw error;
    return { url: pathToFileURL(path).href, shortCircuit: true };
  }
}

const notFoundCodes = new Set(["ERR_MODULE_NOT_FOUND", "ERR_UNSUPPORTED_DIR_IMPORT", "MODULE_NOT_FOUND"]);

function findBare(specifier: string, parent: string, error: unknown): string | undefined {
  try {
    // `require` has failed already.
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") return createRequire(parent).resolve(specifier);
  } catch {
    // The file may be in a linked package.
  }
  return findUnresolved(specifier, dirname(parent), typeScriptFile.test(parent), error);
}
