/**
 * Imports of CommonJS packages by TypeScript in a CommonJS project. They work as in code that `tsc` compiled:
 *
 * - Every name that the package has after loading can be imported, not only the names that Node finds in its source.
 * - If the package was compiled from an ES module, a default import gets its default export.
 *
 * Projects that declare ES modules get Node's own behaviour.
 */
import { pathToFileURL } from "node:url";

/** Follows the URL of the package's file. The names come after it. */
export const interopQuery = "?offhook-names-of-commonjs=";

const fromPattern = /^(?:import|export) (?:([\w$]+)(?:, )?)?(?:\{ ([^}]*) \}|\* as ([\w$]+))? ?from "([^"]+)"/gm;

/**
 * Specifier of a package → names that the code imports from it. A star stands for all names. The transformer wrote the
 * code, so its form is known.
 */
export function importsOf(code: string): Map<string, ReadonlySet<string>> {
  const imports = new Map<string, Set<string>>();
  for (const [, , list = "", star, specifier = ""] of code.matchAll(fromPattern)) {
    if (/^(?:\.{0,2}\/|node:|#)/.test(specifier)) continue;
    const names = imports.get(specifier) ?? new Set<string>();
    for (const each of list.split(", ")) names.add(each.split(" as ")[0] ?? "");
    if (star !== undefined) for (const name of ["*", ...membersOf(star, code)]) names.add(name);
    imports.set(specifier, names);
  }
  return imports;
}

function membersOf(star: string, code: string): string[] {
  const pattern = new RegExp(`(?<![\\w$.])${star.replaceAll("$", "\\$")}\\??\\.([\\w$]+)`, "g");
  return [...code.matchAll(pattern)].map((match) => match[1] ?? "");
}

/**
 * Source of a module that replaces `file`. It loads the file when it is evaluated, so the order stays the same.
 */
export function interopModule(file: string, names: readonly string[]): string {
  const exported = names.filter((name) => name !== "default" && /^[A-Za-z_$][\w$]*$/.test(name));
  const path = JSON.stringify(file);
  const all = names.includes("*") ? [`export * from ${JSON.stringify(pathToFileURL(file).href)};`] : [];
  return [
    ...all,
    `import { createRequire as $offhookCreateRequire } from "node:module";`,
    `const $offhookMade = $offhookCreateRequire(${path})(${path});`,
    `const $offhookDefault = $offhookMade?.__esModule && "default" in $offhookMade ? $offhookMade.default : $offhookMade;`,
    `export { $offhookDefault as default };`,
    ...exported.map((name, i) => `const $offhook${i} = $offhookMade?.${name}; export { $offhook${i} as ${name} };`),
  ].join("\n");
}
