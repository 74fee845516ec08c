/**
 * Provides `require`, `module`, `exports`, `__filename` and `__dirname` to files that are ES modules by their syntax,
 * in a CommonJS project. TypeScript that is compiled to CommonJS has all of them, and authors mix them with `import`.
 * The transformer adds imports of the names that a file uses and does not declare. This file defines the imported
 * modules.
 *
 * If a file uses `exports` or `module`, `require()` of it returns that object, with the ES exports added.
 */

/** Bare specifiers, because Node 22 rejects specifiers with an unknown scheme. */
export const namesSpecifier = "offhook-commonjs-names";
export const selfSpecifier = "offhook-this-module";
/** Follows the URL of the file that imports the names. */
export const namesQuery = "?offhook-commonjs-names";

const names = ["require", "module", "exports", "__filename", "__dirname"] as const;

export const usesCommonJsNames = /(?<![.\w$])(?:require|module|exports|__filename|__dirname)\b|^\s*export\s*=/m;

/** For the transformer: name → module and export. */
export const injections: Readonly<Record<string, [string, string]>> = Object.fromEntries(
  names.map((name) => [name, [namesSpecifier, name]]),
);

const takesExports = new RegExp(`^import \\{ (?:module|exports) \\} from "${namesSpecifier}";$`, "m");

/** Returns the text to append to a transformed file. Usually empty. */
export function endingFor(code: string): string {
  if (!takesExports.test(code)) return "";
  return [
    `;import { finish as $offhookFinish } from "${namesSpecifier}"`,
    `import * as $offhookSelf from "${selfSpecifier}"`,
    `const $offhookExports = $offhookFinish($offhookSelf)`,
    `export { $offhookExports as "module.exports" };\n`,
  ].join(";");
}

/** Source of the module from which a file imports the names. */
export function namesModule(url: string): string {
  return `import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { dirname } from "node:path";
export const require = createRequire(${JSON.stringify(url)});
export const __filename = fileURLToPath(${JSON.stringify(url)});
export const __dirname = dirname(__filename);
export const module = { id: __filename, filename: __filename, path: __dirname, exports: {}, children: [], require };
export const exports = module.exports;
export function finish(self) {
  const made = module.exports;
  if ((typeof made !== "object" && typeof made !== "function") || made === null) return made;
  for (const name of Reflect.ownKeys(self)) {
    if (typeof name === "symbol" || name === "module.exports" || Object.hasOwn(made, name)) continue;
    Object.defineProperty(made, name, { enumerable: true, configurable: true, get: () => self[name] });
  }
  return made;
}
`;
}
