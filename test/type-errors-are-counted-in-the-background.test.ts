/**
 * `offhook dev` in a TypeScript project, with the real compiler.
 */
import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { childrenOf, isRunning } from "../packages/runtime/test/running.ts";
import { call, until } from "../packages/runtime/test/site.ts";
import { repository, startOffhook, type OffhookProcess } from "./offhook-process.ts";
import { copyProject } from "./temporary-project.ts";

const handler = (reply: string): string =>
  `export const handler = (context: unknown, event: unknown, callback: (error: unknown, reply: unknown) => void): void =>
  callback(null, ${reply});`;

const wrong = `"a" * ("b" as unknown as string)`;

const hangingCompiler = {
  "node_modules/typescript/package.json": JSON.stringify({ name: "typescript", bin: { tsc: "./tsc.js" } }),
  "node_modules/typescript/tsc.js": "setInterval(() => undefined, 1_000);",
};

async function served(
  t: TestContext,
  {
    files,
    flags = [],
    compiler = "real",
  }: { files: Record<string, string>; flags?: string[]; compiler?: "real" | "none" | "hanging" },
): Promise<{
  offhook: OffhookProcess;
  folder: string;
  types: () => string[];
  logged: (text: string) => Promise<unknown>;
}> {
  const project = await copyProject(
    undefined,
    {
      "package.json": JSON.stringify({ type: "module", scripts: { check: "tsc" } }),
      "tsconfig.json": JSON.stringify({
        compilerOptions: { noEmit: true, types: [], strict: true },
        include: ["functions"],
      }),
      ...files,
      ...(compiler === "hanging" && hangingCompiler),
    },
    // The project has its own folder of packages. A link to that of the checkout would be written through.
    { hasPackages: false },
  );
  if (compiler === "real") {
    await mkdir(join(project.folder, "node_modules"));
    await symlink(join(repository, "node_modules/typescript"), join(project.folder, "node_modules/typescript"));
  }
  const offhook = await startOffhook(project.folder, { verb: "dev", flags });
  t.after(async () => {
    await offhook.stop();
    await project[Symbol.asyncDispose]();
  });
  const messages = (): string[] => offhook.log.map(({ message }) => String(message));
  return {
    offhook,
    folder: project.folder,
    types: () => messages().filter((message) => /type error|check types|types are not checked/.test(message)),
    logged: (text) => offhook.logged(({ message }) => String(message).includes(text)),
  };
}

test("errors are counted after the first reply and after each change", { timeout: 120_000 }, async (t) => {
  const { offhook, folder, types, logged } = await served(t, {
    files: { "functions/a.ts": handler(wrong), "functions/b.ts": handler(`1 + Symbol()`) },
  });
  assert.deepEqual(types(), []);
  await call(offhook.url, "/a");
  // The operands of `*` are two errors.
  await logged("3 type errors. Run npm run check.");
  await writeFile(join(folder, "functions/a.ts"), handler("1"));
  await logged("1 type error. Run npm run check.");
  await writeFile(join(folder, "functions/b.ts"), handler("2"));
  await logged("No type errors.");
  assert.equal(types().length, 3);
});

test("without a compiler in the project, dev says once how to install it", async (t) => {
  const { offhook, logged } = await served(t, { files: { "functions/a.ts": handler("1") }, compiler: "none" });
  await call(offhook.url, "/a");
  await logged("npm install --save-dev typescript");
});

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  test(`a compiler that hangs delays no reply, and ends with dev after ${signal}`, async (t) => {
    const { offhook } = await served(t, { files: { "functions/a.ts": handler("1") }, compiler: "hanging" });
    await call(offhook.url, "/a");
    const compilers = (): number[] => childrenOf(offhook.pid, /tsc\.js/);
    await until("the compiler runs", async () => compilers().length === 1);
    const [compiler = 0] = compilers();
    assert.equal((await call(offhook.url, "/a")).status, 200);
    process.kill(offhook.pid, signal);
    await until("the compiler is gone", async () => !isRunning(compiler));
  });
}

test("--no-type-check turns it off", async (t) => {
  const { offhook, types, folder, logged } = await served(t, {
    files: { "functions/a.ts": handler(wrong) },
    flags: ["--no-type-check"],
  });
  await call(offhook.url, "/a");
  await writeFile(join(folder, "functions/a.ts"), handler(`${wrong} + 1`));
  await logged("Reloaded");
  assert.deepEqual(childrenOf(offhook.pid, /typescript/), []);
  assert.deepEqual(types(), []);
});
