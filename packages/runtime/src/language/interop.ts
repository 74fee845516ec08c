/**
 * What TypeScript of a CommonJS project imports of a CommonJS package, it gets as from compiled code: every name that the
 * package has when it has been loaded, not only those that Node sees by reading it, and of packages that were compiled from
 * ES modules the default export itself. Node's own way is for those who have said that they write ES modules.
 */
import { pathToFileURL } from "node:url";

/** Behind the URL of the package's file; the names follow. */
export const interopQuery = "?offhook-names-of-commonjs=";

const fromPattern = /^(?:import|export) (?:([\w$]+)(?:, )?)?(?:\{ ([^}]*) \}|\* as ([\w$]+))? ?from "([^"]+)"/gm;

/**
 * Specifier → names that the code uses of it, as far as it is from a package; a star says that all of them are wanted. The
 * code is the transformer's, so its form is known.
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

/** A module in the place of `file`, which runs when its turn comes, as it would have. */
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
