/**
 * Mistakes with `require()` of ES modules.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Detector } from "./facts.ts";

const { readFileSync } = process.getBuiltinModule("node:fs");

const maxSourceLength = 500_000;

/** `require()` of an ES module returns all of its exports. The default export is one of them. */
export const namespaceCalled: Detector = (facts) => {
  const { error, frames } = facts;
  if (error?.name !== "TypeError") return [];
  const [, called] = /^([A-Za-z_$][\w$]*) is not a (?:function|constructor)/.exec(error.message) ?? [];
  const [frame] = frames;
  if (called === undefined || frame?.file === undefined) return [];
  const { file } = frame;
  const places = facts.outlineOf(file)?.requires.filter(({ name }) => name === called) ?? [];
  const [only] = places;
  if (only === undefined || places.length > 1 || !hasDefaultExport(only.specifier, file)) return [];
  const { specifier, line, column } = only;
  const text = `${specifier} is an ES module, and require() returns all of its exports. The default export is require("${specifier}").default.`;
  return [{ text, place: { file, line, column } }];
};

/** Judged by the module's text. The module is not run. */
function hasDefaultExport(specifier: string, from: string): boolean {
  try {
    const file = createRequire(from).resolve(specifier);
    if (!/\.m?[jt]s$/.test(file)) return false;
    const text = readFileSync(file, "utf8");
    if (text.length > maxSourceLength || !isModule(file, text)) return false;
    // With an export of the name "module.exports", the module itself decides the value that require() returns.
    return /\bexport\s+default\b|\bas\s+default\b/.test(text) && !/["']module\.exports["']/.test(text);
  } catch {
    return false;
  }
}

function isModule(file: string, text: string): boolean {
  if (/\.m[jt]s$/.test(file) || typeAbove(dirname(file)) === "module") return true;
  return /^export\s+default\b/m.test(text) && !/\b(?:module\.)?exports\b/.test(text);
}

/** `type` of the nearest `package.json`. */
function typeAbove(folder: string): unknown {
  let text;
  try {
    text = readFileSync(join(folder, "package.json"), "utf8");
  } catch {
    const above = dirname(folder);
    return above === folder ? undefined : typeAbove(above);
  }
  return (JSON.parse(text) as { type?: unknown }).type;
}
