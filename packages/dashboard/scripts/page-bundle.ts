/**
 * Builds the published page: a script with preact in it, another one for the phone, and a style sheet. As a hundred
 * modules the page would be nearly twice as large, and users would have to install the packages that it imports.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

const page = fileURLToPath(new URL("../src/page/", import.meta.url));

/** @param folder where `page/` is to be: beside the built `site.js`. */
export async function buildPage(folder: string): Promise<void> {
  const target = join(folder, "page");
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  await build({
    input: join(page, "main.tsx"),
    platform: "browser",
    tsconfig: false,
    // The scripts contain the phone's sources, so that it need not be built before.
    resolve: { conditionNames: ["offhook-source", "import", "default"] },
    transform: { jsx: { runtime: "automatic", importSource: "preact" } },
    // The bundler leaves a note for other bundlers at every element. Browsers do not need them.
    output: { dir: target, format: "es", minify: true, comments: false, chunkFileNames: "[name].js" },
    logLevel: "warn",
  });
  copyFileSync(join(page, "logo.svg"), join(target, "logo.svg"));
  writeFileSync(join(target, "style.css"), styleSheet(join(page, "style.css")));
  // The license requires that every copy includes it.
  const preact = dirname(dirname(fileURLToPath(import.meta.resolve("preact"))));
  copyFileSync(join(preact, "LICENSE"), join(target, "preact-license.txt"));
}

/** With what it imports in its place, and without comments and needless spaces: what is left is small when compressed. */
function styleSheet(file: string): string {
  return readFileSync(file, "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^@import "([^"]+)";$/gm, (_, name: string) => styleSheet(resolve(dirname(file), name)))
    .replace(/\s+/g, " ")
    .replace(/ ?([{};,>]) ?/g, "$1")
    .replace(/;\}|: /g, (text) => (text === ": " ? ":" : "}"))
    .trim();
}

if (import.meta.main) await buildPage(fileURLToPath(new URL("../dist/", import.meta.url)));
