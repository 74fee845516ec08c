/**
 * Compiles a file of the project for Node: TypeScript, or an ES module that uses CommonJS names. It uses a native
 * transformer, which is loaded with the first file that needs it.
 */
import { createRequire } from "node:module";
import { dirname, extname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import type * as Transformer from "oxc-transform";
import type { OxcError, SourceMap, TransformOptions } from "oxc-transform";
import { endingFor, injections, usesCommonJsNames } from "./commonjs-names.ts";
import { isModuleSyntax } from "./module-syntax.ts";
import type { Compiled, CompilerOptions } from "./language.ts";

const { readFileSync } = process.getBuiltinModule("node:fs");

let transformer: typeof Transformer | undefined;

/** @throws if the isolate cannot load native code. */
export function loadTransformer(): typeof Transformer {
  return (transformer ??= createRequire(import.meta.url)("oxc-transform") as typeof Transformer);
}

const placeOfDecorator = /(?<![\w$"'`])@[\w$(]/;

export class Compiler {
  readonly #folder: string;
  readonly #options: TransformOptions;
  readonly #types = new Map<string, boolean>();

  /** @param folder paths in messages are relative to it. */
  constructor(folder: string, options: CompilerOptions) {
    this.#folder = folder;
    this.#options = transformOptionsOf(options);
  }

  /** @throws SyntaxError with file, line, column and the text of the line. */
  compile(file: string, source: string): Compiled {
    this.#refuseDecorators(file, source);
    if (this.isModuleByName(file)) {
      return { code: this.#transform(file, source, { sourceType: "module" }), format: "module" };
    }
    // The transformer adds `export {}` if all imports and exports were types. Without it, the file may be CommonJS.
    const code = this.#transform(file, source, {}).replace(
      /^export \{\};\n(?=\s*(?:\/\/# sourceMappingURL=.*\s*)?$)/m,
      "",
    );
    if (!isModuleSyntax(code)) return { code, format: "commonjs" };
    if (!usesCommonJsNames.test(source)) return { code, format: "module" };
    return { code: this.#transform(file, source, { inject: { ...injections } }, endingFor), format: "module" };
  }

  /**
   * Rejects decorators if `experimentalDecorators` is not set. The transformer would keep them, and Node does not
   * support them: its error is only "Invalid or unexpected token". A trial transformation shows whether there are any,
   * because its output then imports a helper.
   */
  #refuseDecorators(file: string, source: string): void {
    if (this.#options.decorator?.legacy === true || !source.includes("@")) return;
    const at = withoutComments(source).search(placeOfDecorator);
    if (at === -1) return;
    const { code } = loadTransformer().transformSync(file, source, { decorator: { legacy: true } });
    if (!code.includes("@oxc-project/runtime/helpers/decorate")) return;
    const place = placeOf(file, source, at, this.#folder);
    throw new SyntaxError(`${place}: Node does not support decorators. Set experimentalDecorators in tsconfig.json.`);
  }

  /** Whether the extension or `package.json` makes the file an ES module. For other files, the syntax decides. */
  isModuleByName(file: string): boolean {
    const extension = extname(file);
    if (extension === ".mts" || extension === ".mjs") return true;
    return extension !== ".cts" && extension !== ".cjs" && this.#isOfTypeModule(dirname(file));
  }

  #isOfTypeModule(folder: string): boolean {
    const cached = this.#types.get(folder);
    if (cached !== undefined) return cached;
    const type = typeIn(join(folder, "package.json"));
    const above = dirname(folder);
    const isModule = type === undefined ? above !== folder && this.#isOfTypeModule(above) : type === "module";
    this.#types.set(folder, isModule);
    return isModule;
  }

  #transform(file: string, source: string, how: TransformOptions, end: (code: string) => string = () => ""): string {
    const { code, map, errors } = loadTransformer().transformSync(file, source, { ...this.#options, ...how });
    const [first] = errors.filter(({ severity }) => (severity as string) === "Error");
    if (first !== undefined) throw new SyntaxError(describe(first, file, source, this.#folder));
    return `${code}${end(code)}${map === undefined ? "" : inlineMap(map, file)}`;
  }
}

/** `type` of a `package.json`. Null if it has none, undefined if the file does not exist. */
function typeIn(file: string): unknown {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { type?: unknown }).type ?? null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : null;
  }
}

function transformOptionsOf(options: CompilerOptions): TransformOptions {
  const { experimentalDecorators, emitDecoratorMetadata, strictNullChecks } = options;
  return {
    // Syntax that Node 22 supports is not changed.
    target: "node22",
    sourcemap: true,
    typescript: {
      onlyRemoveTypeImports: options.verbatimModuleSyntax,
      removeClassFieldsWithoutInitializer: !options.useDefineForClassFields,
    },
    assumptions: { setPublicClassFields: !options.useDefineForClassFields },
    decorator: { legacy: experimentalDecorators, emitDecoratorMetadata, strictNullChecks },
  };
}

/** Returns a comment with the source map. The map contains the source, so a debugger needs no other file. */
function inlineMap(map: SourceMap, file: string): string {
  const json = JSON.stringify({ ...map, sources: [pathToFileURL(file).href] });
  return `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(json).toString("base64")}\n`;
}

/** `functions/a.ts:3:7: Unexpected token`, and the line with a mark below it. */
function describe(
  { message, labels, codeframe, helpMessage }: OxcError,
  file: string,
  source: string,
  folder: string,
): string {
  // If there are two labels, the second is the place of the error, and the first is the code that it refers to.
  const at = labels.at(-1)?.start ?? 0;
  const place = placeOf(file, source, at, folder);
  const frame = (codeframe ?? "")
    .split("\n")
    .filter((text) => /^\s*(?:\d+\s*\||:)/.test(text))
    .map((text) => `\n${text}`)
    .join("");
  return `${place}: ${message}${helpMessage === null ? "" : ` (${helpMessage})`}${frame}`;
}

function placeOf(file: string, source: string, at: number, folder: string): string {
  const before = source.slice(0, at);
  return `${relative(folder, file)}:${before.split("\n").length}:${at - before.lastIndexOf("\n")}`;
}

/** Replaces comments by spaces, so that positions stay the same. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, (comment) => comment.replace(/[^\n]/g, " "));
}
