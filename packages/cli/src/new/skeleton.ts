/**
 * The first content of new files.
 */
import { extname } from "node:path";

import { readTemplate } from "../scaffold/template.ts";
import type { SkeletonName } from "./skeleton-names.ts";

/**
 * @param file its file name.
 * @param isModule whether `.js` files are ES modules in this project.
 */
export function functionText(
  skeleton: SkeletonName | "private",
  { file, name, isModule }: { file: string; name: string; isModule: boolean },
): string {
  const extension = extname(file);
  const isTypeScript = extension.endsWith("ts");
  const text = readTemplate(`function/${skeleton}.${isTypeScript ? "ts" : "js"}`).replaceAll("{{name}}", name);
  const isCommonJs = extension === ".cjs" || (extension === ".js" && !isModule);
  return isTypeScript || isCommonJs ? text : asModule(text);
}

/** Our skeletons have `require` and `exports` in these two forms only. */
function asModule(text: string): string {
  return text
    .replaceAll(/^const (\{.*\}) = require\((".*")\);$/gm, "import $1 from $2;")
    .replaceAll(/^exports\.(\w+) = /gm, "export const $1 = ");
}

const assetTexts: Readonly<Record<string, string>> = {
  ".html": `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>New page</title>
  </head>
  <body>
    <h1>New page</h1>
  </body>
</html>
`,
  ".json": "{}\n",
  ".svg": `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"></svg>\n`,
};

/** Empty if files of this kind have no common first content. */
export function assetText(file: string): string {
  return assetTexts[extname(file).toLowerCase()] ?? "";
}
