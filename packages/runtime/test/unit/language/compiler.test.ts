import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { Compiler } from "../../../src/language/compiler.ts";
import { usualTsConfig } from "../../../src/project/tsconfig.ts";
import { makeProject } from "../project/temp-project.ts";

test("a file is a module by its name, by package.json, or by the syntax that is left after compiling", (t) => {
  const folder = makeProject(t, { "esm/package.json": '{ "type": "module" }', "package.json": "{}" });
  const compiler = new Compiler(folder, usualTsConfig.options);
  const formatOf = (file: string, source: string): string => compiler.compile(join(folder, file), source).format;
  assert.equal(formatOf("a.ts", "export const a = 1;"), "module");
  assert.equal(formatOf("a.ts", "const a: number = 1;"), "commonjs");
  assert.equal(formatOf("a.ts", 'import type { A } from "a"; let a: A;'), "commonjs");
  assert.equal(formatOf("a.ts", "const a: number = await 1;"), "module");
  assert.equal(formatOf("a.mts", "const a: number = 1;"), "module");
  assert.equal(formatOf("a.cts", "const a: number = 1;"), "commonjs");
  assert.equal(formatOf("esm/a.ts", "const a: number = 1;"), "module");
  assert.equal(formatOf("esm/deeper/a.ts", "const a: number = 1;"), "module");
  assert.equal(formatOf("esm/a.cts", "const a: number = 1;"), "commonjs");
});

test("a debugger finds the source: the code contains its source map with the source", () => {
  const { code } = new Compiler("/p", usualTsConfig.options).compile(
    "/p/a.ts",
    "const a: number = 1;\nexports.a = a;\n",
  );
  const [, encoded = ""] = /\n\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\n$/.exec(code) ?? [];
  const map = JSON.parse(Buffer.from(encoded, "base64").toString()) as { sources: string[]; sourcesContent: string[] };
  assert.deepEqual(map.sources, [pathToFileURL("/p/a.ts").href]);
  assert.deepEqual(map.sourcesContent, ["const a: number = 1;\nexports.a = a;\n"]);
});

test("an address in a text, or a tag in a comment, is not a decorator", () => {
  const source = `/** @param a */\nexport const to: string = "a@b.example"; // @here\nexport const tag = "@all";`;
  assert.equal(new Compiler("/p", usualTsConfig.options).compile("/p/a.ts", source).format, "module");
});
