/**
 * Makes a project from each template, in each language, in an empty folder. Runs its test, compiles it if necessary,
 * serves it and calls it.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { languages, templateNames } from "../packages/cli/src/scaffold/template-names.ts";
import { repository, startOffhook } from "./offhook-process.ts";
import { authTokenOf, calls, makeCall } from "./template-calls.ts";
import { linkPackages } from "./temporary-project.ts";
import { runOffhook } from "./typed-project.ts";

for (const template of templateNames) {
  for (const language of languages) {
    test(`the template ${template} in ${language} makes a project that works`, async (t) => {
      const folder = await emptyFolder(t);
      const { code, out, err } = await runOffhook(folder, "init", ".", "--template", template, "--language", language);
      assert.deepEqual([code, err], [0, ""], out);
      await linkPackages(folder);
      const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest;

      assert.equal(manifest.scripts["test"], "node --test");
      const tested = await run(folder, process.execPath, "--test");
      assert.match(tested.out, /^ℹ pass [1-9]/m, tested.out);
      assert.equal(tested.code, 0, tested.out);
      // Authors would see a warning at each run.
      assert.equal(tested.err, "");

      const checked = await runOffhook(folder, "check");
      assert.equal(checked.code, 0, checked.out);
      if (language === "ts") {
        assert.equal(manifest.scripts["check"], "offhook types && tsc");
        const types = await runOffhook(folder, "types", "--check");
        assert.equal(types.code, 0, types.err);
        const compiled = await run(folder, join(repository, "node_modules/.bin/tsc"), ...sourceTypes);
        assert.equal(compiled.code, 0, compiled.out);
      }

      const verb = manifest.scripts["dev"]?.replace("offhook ", "");
      assert.ok(verb === "dev");
      await using offhook = await startOffhook(folder, { verb });
      assert.deepEqual(offhook.log[0]?.["warnings"], []);
      const token = await authTokenOf(folder);
      for (const call of calls[template]) await makeCall(call, offhook.url, token);
    });
  }
}

for (const language of languages) {
  test(`functions for the Flex Project Template find their wrappers in the template flex in ${language}`, async (t) => {
    const folder = await emptyFolder(t);
    await runOffhook(folder, "init", "--template", "flex", "--language", language);
    await linkPackages(folder);
    const theirs = (helper: string): string => `
      const helpers = require(Runtime.getFunctions()["common/helpers/${helper}"].path);
      exports.handler = (context, event, callback) => callback(null, Object.keys(helpers));`;
    // In a project of ES modules, these files need the extension of CommonJS.
    await writeFile(join(folder, "functions/wrappers.cjs"), theirs("function-helper"));
    await writeFile(join(folder, "functions/retries.cjs"), theirs("retry-handler"));
    await using offhook = await startOffhook(folder);
    for (const path of ["/wrappers", "/retries"]) {
      const names = (await (await fetch(offhook.url + path)).json()) as string[];
      for (const name of ["prepareFlexFunction", "prepareStudioFunction", "twilioExecute", "retryHandler"]) {
        assert.ok(names.includes(name), `${path}: ${names.join()}`);
      }
    }
  });
}

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
}

/** The checkout's packages are sources. The compiler needs a condition to resolve them. */
const sourceTypes = ["--customConditions", "offhook-source", "--pretty", "false"];

async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "offhook-template-"));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  // Readable for all, as projects are: isolates may have a user of their own.
  await chmod(folder, 0o755);
  return folder;
}

function run(
  cwd: string,
  file: string,
  ...args: readonly string[]
): Promise<{ code: unknown; out: string; err: string }> {
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
    HOME: process.env["HOME"],
    NODE_OPTIONS: "--conditions=offhook-source",
  };
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env, timeout: 120_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : error.code, out, err });
    });
  });
}

test("templates require the packages that this repository is tested with", async () => {
  const read = async (path: string): Promise<unknown> => JSON.parse(await readFile(join(repository, path), "utf8"));
  const asked = (await read("packages/cli/templates/versions.json")) as Record<string, string>;
  const { packages } = (await read("package-lock.json")) as { packages: Record<string, { version: string }> };
  for (const [name, range] of Object.entries(asked)) {
    assert.equal(range, `^${packages[`node_modules/${name}`]?.version}`, name);
  }
});
