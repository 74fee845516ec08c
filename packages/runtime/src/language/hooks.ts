/**
 * TypeScript and ES modules for the files of the project, by Node's own hooks. What belongs to a package goes by untouched.
 */
import { createRequire, isBuiltin, registerHooks } from "node:module";
import * as nodeModule from "node:module";
import { dirname, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { namesModule, namesQuery, namesSpecifier, selfSpecifier, usesCommonJsNames } from "./commonjs-names.ts";
import { Compiler, loadTransformer } from "./compiler.ts";
import { looksLikeModule, typeScriptFile, type Compiled, type Language } from "./language.ts";
import { importsOf, interopModule, interopQuery } from "./interop.ts";
import { isModuleSyntax } from "./module-syntax.ts";
import { candidatesFor, findFile } from "./resolution.ts";

const { readFileSync, realpathSync } = process.getBuiltinModule("node:fs");

/** Of the transformer: what the code that it makes may ask for. */
const helpersPrefix = "@oxc-project/runtime/helpers/";

export interface HookOptions {
  readonly folder: string;
  readonly language: Language;
  /** Told of each source of the project before it runs. */
  onSource(content: string, file: string): void;
}

/** While the process may still read everything: afterwards it may be a user who cannot. */
export function preloadLanguage({ transforms, prepared }: Language): void {
  if (transforms && prepared === undefined) loadTransformer();
}

/** Last of all hooks, so that it sees what the others find. */
export function installLanguage({ folder, language, onSource }: HookOptions): void {
  if (language.sourceMaps) nodeModule.setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
  const compiler = new Compiler(folder, language.options);
  const roots = language.roots.map((root) => root + sep);
  const isOwn = (path: string): boolean =>
    !path.includes(`${sep}node_modules${sep}`) && roots.some((root) => path.startsWith(root));

  const imports = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();

  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL } = context;
      if (parentURL === undefined || !parentURL.startsWith("file:") || isBuiltin(specifier))
        return next(specifier, context);
      if (specifier === namesSpecifier) return { url: parentURL + namesQuery, format: "module", shortCircuit: true };
      if (specifier === selfSpecifier) return { url: parentURL, format: "module", shortCircuit: true };
      const parent = fileURLToPath(parentURL);
      if (!isOwn(parent)) return next(specifier, context);
      if (specifier.startsWith(helpersPrefix)) return next(specifier, { ...context, parentURL: import.meta.url });
      const name = specifier.startsWith("file:") ? fileURLToPath(specifier) : specifier;
      const isFromTypeScript = typeScriptFile.test(parent);
      for (const path of candidatesFor(name, dirname(parent), language)) {
        const file = findFile(path, isFromTypeScript);
        // It is the very file: Node knows what to do.
        if (file === path && /^[./]/.test(name)) break;
        if (file !== undefined) return { url: pathToFileURL(realpathSync(file)).href, shortCircuit: true };
      }
      const found = resolvePackage(specifier, parent, () => next(specifier, context));
      const names = isImport(context.conditions) ? imports.get(parentURL)?.get(specifier) : undefined;
      return names === undefined || !isCommonJs(found.url)
        ? found
        : { ...interop(found.url, names), shortCircuit: true };
    },

    load(url, context, next) {
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
        const source = readFileSync(file, "utf8");
        onSource(source, file);
        const made = compiled(file, source);
        if (made.format === "module" && !compiler.isModuleByName(file)) imports.set(url, importsOf(made.code));
        return loaded(made);
      }
      if (!/\.c?js$/.test(file)) return next(url, context);
      const source = readFileSync(file, "utf8");
      onSource(source, file);
      if (compiler.isModuleByName(file) || !looksLikeModule.test(source) || !isModuleSyntax(source))
        return next(url, context);
      return loaded(usesCommonJsNames.test(source) ? compiled(file, source) : { code: source, format: "module" });
    },
  });

  function isCommonJs(url: string): boolean {
    return url.startsWith("file:") && /\.c?js$/.test(url) && !compiler.isModuleByName(fileURLToPath(url));
  }

  function compiled(file: string, source: string): Compiled {
    if (language.prepared === undefined) return compiler.compile(file, source);
    const prepared = language.prepared[file];
    if (prepared === undefined)
      throw new Error(`${file} was not there when the server started, and the isolate is hardened`);
    if ("error" in prepared) throw new SyntaxError(prepared.error);
    return prepared;
  }
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

/** An array in one version of Node, a set in another. */
function isImport(conditions: Iterable<string> | undefined): boolean {
  return [...(conditions ?? [])].includes("import");
}

/** A file in a package, with its extension left out: CommonJS finds it, an `import` does not. */
function resolvePackage<T>(specifier: string, parent: string, next: () => T): T | { url: string; shortCircuit: true } {
  try {
    return next();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isBare = !/^(?:\.{0,2}\/|[a-z]+:)/i.test(specifier);
    if (!isBare || (code !== "ERR_MODULE_NOT_FOUND" && code !== "ERR_UNSUPPORTED_DIR_IMPORT")) throw error;
    let path;
    try {
      path = createRequire(parent).resolve(specifier);
    } catch {
      throw error;
    }
    return { url: pathToFileURL(path).href, shortCircuit: true };
  }
}
