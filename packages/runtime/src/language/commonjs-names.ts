/**
 * `require`, `module`, `exports`, `__filename` and `__dirname` in a file that is an ES module by its syntax, in a project
 * that is CommonJS. TypeScript compiled to CommonJS has all of them, and authors mix them with `import`. The transformer
 * makes imports of those that a file uses and does not declare; here is what they import.
 *
 * A file that uses `exports` or `module` is required as what it has put there, with its ES exports added.
 */

/** Bare specifiers, since Node 22 lets none with a scheme of their own through. */
export const namesSpecifier = "offhook-commonjs-names";
export const selfSpecifier = "offhook-this-module";
/** Behind the URL of the file that imports them. */
export const namesQuery = "?offhook-commonjs-names";

const names = ["require", "module", "exports", "__filename", "__dirname"] as const;

export const usesCommonJsNames = /(?<![.\w$])(?:require|module|exports|__filename|__dirname)\b|^\s*export\s*=/m;

/** For the transformer: name → where it comes from. */
export const injections: Readonly<Record<string, [string, string]>> = Object.fromEntries(
  names.map((name) => [name, [namesSpecifier, name]]),
);

const takesExports = new RegExp(`^import \\{ (?:module|exports) \\} from "${namesSpecifier}";$`, "m");

/** What has to stand at the end of a file after the transformer has been there; mostly nothing. */
export function endingFor(code: string): string {
  if (!takesExports.test(code)) return "";
  return [
    `;import { finish as $offhookFinish } from "${namesSpecifier}"`,
    `import * as $offhookSelf from "${selfSpecifier}"`,
    `const $offhookExports = $offhookFinish($offhookSelf)`,
    `export { $offhookExports as "module.exports" };\n`,
  ].join(";");
}

/** The source of what a file imports them from. */
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
