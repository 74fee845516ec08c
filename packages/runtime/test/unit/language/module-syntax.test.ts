import assert from "node:assert/strict";
import { test } from "node:test";
import { isModuleSyntax } from "../../../src/language/module-syntax.ts";

const sources: readonly (readonly [string, boolean])[] = [
  ['import x from "y";', true],
  ["const a = 1; export { a };", true],
  ["'use strict';export default 1", true],
  ["console.log(import.meta.url);", true],
  ["await 1;", true],
  ["exports.a = 1;", false],
  ['const x = import("y");', false],
  ["// import x from 'y'\nexports.a = 1;", false],
  ["/*\nimport x from 'y'\n*/ exports.a = 1;", false],
  ["const text = `\nimport x from 'y'\n`;", false],
  ["async () => await 1;", false],
  ["this is no JavaScript at all", false],
];

for (const [source, isModule] of sources) {
  test(`${JSON.stringify(source)} ${isModule ? "has" : "has no"} ES module syntax`, () => {
    assert.equal(isModuleSyntax(source), isModule);
  });
}
