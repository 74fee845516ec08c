import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { repository, startOffhook } from "./offhook-process.ts";

test("a function in the checkout requires the helpers' source, without a build", async (t) => {
  // No tool of the repository looks into this folder, and it can resolve the repository's packages.
  const folder = await mkdtemp(join(repository, "node_modules", ".offhook-test-"));
  t.after(() => rm(folder, { recursive: true }));
  await chmod(folder, 0o755);
  await mkdir(join(folder, "functions"));
  await writeFile(join(folder, "package.json"), "{}");
  await writeFile(
    join(folder, "functions", "helped.js"),
    `const helpers = require("@offhook/helpers");
    exports.handler = (context, event, callback) =>
      callback(null, { type: typeof helpers, file: require.resolve("@offhook/helpers"), flags: process.execArgv });`,
  );
  await using offhook = await startOffhook(folder);
  const answer = await fetch(`${offhook.url}/helped`);
  assert.equal(answer.status, 200, JSON.stringify(offhook.log));
  const { type, file, flags } = (await answer.json()) as { type: string; file: string; flags: string[] };
  assert.equal(type, "object");
  assert.match(file, /packages\/helpers\/src\/.*\.ts$/);
  assert.equal(flags.filter((each) => each.startsWith("--conditions")).length, 1);
});
