/** Detects whether a JavaScript source is an ES module, like Node: by the error of compiling it as CommonJS. */
import { compileFunction } from "node:vm";
import { looksLikeModule } from "./language.ts";

const ofModules = [
  "Cannot use import statement outside a module",
  "Unexpected token 'export'",
  "Cannot use 'import.meta' outside a module",
];
/** Errors that may be plain mistakes. The same code is valid in a module. */
const ofModulesPerhaps = ["await is only valid in async functions and the top level bodies of modules"];

export function isModuleSyntax(code: string): boolean {
  if (!looksLikeModule.test(code) && !/\bawait\b/.test(code)) return false;
  try {
    compileFunction(code, ["exports", "require", "module", "__filename", "__dirname"]);
    return false;
  } catch (error) {
    const { message } = error as Error;
    if (ofModules.some((text) => message.includes(text))) return true;
    return ofModulesPerhaps.some((text) => message.includes(text));
  }
}
