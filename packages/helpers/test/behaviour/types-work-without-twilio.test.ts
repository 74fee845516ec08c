/** Projects without the `twilio` package can use the types, even if they check declarations. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";

const require = createRequire(import.meta.url);
const compiler = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
const build = join(import.meta.dirname, "../../tsconfig.build.json");

/** @returns the compiler's errors. */
function compile(...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, ...args], (_error, stdout) => resolve(stdout));
  });
}

test("types do not need the twilio package", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "offhook-types-"));
  t.after(() => rmSync(folder, { recursive: true }));
  await mkdir(join(folder, "node_modules/@types"), { recursive: true });
  for (const name of ["@types/node", "undici-types"]) {
    symlinkSync(dirname(require.resolve(`${name}/package.json`)), join(folder, "node_modules", name), "junction");
  }
  const declarations = ["--composite", "false", "--incremental", "false", "--tsBuildInfoFile", "null"];
  assert.equal(await compile("-p", build, "--outDir", join(folder, "dist"), ...declarations), "");
  const consumer = `import { twilioExecute } from "./dist/function-helper.js";
export const handler = async (context: any) => (await twilioExecute(context, (client) => client.whatever.there.is())).data;`;
  writeFileSync(join(folder, "consumer.ts"), consumer);
  const compilerOptions = { noEmit: true, strict: true, skipLibCheck: false, module: "nodenext", types: ["node"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
  assert.equal(await compile("-p", folder), "");
});
