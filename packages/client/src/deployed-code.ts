/**
 * The code of functions as a build has it. A build has JavaScript only, and each function in the place of its URL path:
 * `functions/lib.private.ts` becomes `functions/lib.js`. Plain CommonJS is deployed as it is.
 */
import { readFileSync } from "node:fs";
import { posix, relative, resolve, sep } from "node:path";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { prepare } from "@offhook/runtime/internal/prepare";
import type { Service } from "@offhook/runtime/service";

type Language = NonNullable<Service["language"]>;

const typeScript = /\.[cm]?ts$/;
const moduleSyntax = /^[ \t]*(?:import|export)\b/m;
const specifiers = /(\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(["'])([^"'\n]+)\2/g;
const sourceMap = /\n?\/\/# sourceMappingURL=data:\S*\s*$/;
/** The compiler imports it for modules that use the names of CommonJS. */
const helperOfCompiler = "offhook-commonjs-names";

/**
 * @returns file → code, for TypeScript and ES modules.
 * @throws OffhookError `deployment-failed` with one sentence for each file that a build cannot have.
 */
export function codeFor({ folder, functions, language, outsideFiles }: Service): ReadonlyMap<string, Uint8Array> {
  const result = new Map<string, Uint8Array>();
  if (language === undefined) return result;
  const { prepared = {} } = prepare(folder, language, outsideFiles);
  const problems: string[] = [];
  const places = new Map(functions.map(({ file, path }) => [file, `functions${path}.js`]));
  for (const { file, real = file } of functions) {
    const shown = relative(folder, file).split(sep).join("/");
    const code = readCode(real, prepared[real]);
    if (typeof code !== "string") {
      problems.push(`${shown} ${code.problem}`);
      continue;
    }
    const imports = moveImports(code, { file, places, language });
    problems.push(...imports.problems.map((problem) => `${shown} ${problem}`));
    result.set(file, Buffer.from(imports.code));
  }
  if (problems.length > 0) throw new OffhookError("deployment-failed", refusal(problems));
  return result;
}

function refusal(problems: readonly string[]): string {
  return [
    "This code cannot be deployed as it is:",
    ...problems.map((problem) => `  ${problem}`),
    "Compile or bundle the project to JavaScript, and set functionsFolder to the result.",
  ].join("\n");
}

/** @returns the code, or the end of a sentence that begins with the file. */
function readCode(
  file: string,
  prepared: NonNullable<Language["prepared"]>[string] | undefined,
): string | { readonly problem: string } {
  // The server compiles a module in JavaScript that uses the names of CommonJS.
  if (!typeScript.test(file)) return readFileSync(file, "utf8");
  if (prepared === undefined) return { problem: "is outside the project's folder." };
  if ("error" in prepared) return { problem: `has an error: ${prepared.error}` };
  const code = prepared.code.replace(sourceMap, "\n");
  if (!code.includes(helperOfCompiler)) return code;
  return { problem: "mixes import or export with require, module, exports or __dirname." };
}

interface Importer {
  readonly file: string;
  /** Source file → its place in a build. */
  readonly places: ReadonlyMap<string, string>;
  readonly language: Language;
}

/** Lets imports of other functions lead to their places in a build. */
function moveImports(
  code: string,
  { file, places, language }: Importer,
): { readonly code: string; readonly problems: readonly string[] } {
  // The author's CommonJS is deployed as it is.
  if (!typeScript.test(file) && !moduleSyntax.test(code)) return { code, problems: [] };
  const problems: string[] = [];
  const place = places.get(file) ?? "";
  const moved = code.replace(specifiers, (whole, before: string, quote: string, specifier: string) => {
    if (!specifier.startsWith(".")) {
      if (language.aliases.some(({ pattern }) => matches(pattern, specifier))) {
        problems.push(`imports ${specifier}, an alias of tsconfig.json, which a build does not have.`);
      }
      return whole;
    }
    const target = candidatesOf(resolve(file, "..", specifier)).flatMap((each) => places.get(each) ?? [])[0];
    if (target === undefined) {
      problems.push(`imports ${specifier}, which is no function, so that a build does not have it.`);
      return whole;
    }
    const path = posix.relative(posix.dirname(place), target);
    return `${before}${quote}${path.startsWith(".") ? path : `./${path}`}${quote}`;
  });
  return { code: moved, problems };
}

function matches(pattern: string, specifier: string): boolean {
  const [start = "", end] = pattern.split("*");
  if (end === undefined) return specifier === pattern;
  // `*` alone matches every package too.
  return pattern !== "*" && specifier.startsWith(start) && specifier.endsWith(end);
}

/** The files that a relative import may mean, as TypeScript and bundlers read it. */
function candidatesOf(file: string): string[] {
  return [file, `${file}.ts`, `${file}.js`, file.replace(/js$/, "ts")];
}
