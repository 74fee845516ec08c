/**
 * `offhook dev` in a monorepo: functions load code from outside the project, and from packages of the workspace.
 */
import assert from "node:assert/strict";
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { startOffhook, type OffhookProcess } from "./offhook-process.ts";
import { copyProject, type TemporaryProject } from "./temporary-project.ts";

const deadlineMs = 20_000;

let workspace: TemporaryProject;
let offhook: OffhookProcess;
before(async () => {
  workspace = await copyProject(undefined, {
    "service/functions/word.js": answering('require("../../shared/words").word'),
    "service/functions/root.js": answering('require("../../root").word'),
    "service/functions/dynamic.js": answering('require("../../shared/" + "late").word'),
    "service/functions/module.mjs": `import { word } from "../../shared/module.mjs";
      export const handler = (context, event, callback) => callback(null, word);`,
    "service/functions/package.js": answering('require("@acme/words").word'),
    "service/functions/kind.ts": `import { Kind } from "../../shared/kind";
      export const handler = (c: unknown, e: unknown, callback: Function) => callback(null, Kind.Call);`,
    "shared/words.js": 'exports.word = "first";',
    "root.js": 'exports.word = "first";',
    "shared/late.js": 'exports.word = "first";',
    "shared/module.mjs": 'export const word = "first";',
    "shared/kind.ts": 'export enum Kind { Call = "first" }',
    "shared/unused.js": "",
    "packages/words/package.json": '{ "name": "@acme/words", "main": "lib/index.js" }',
    "packages/words/lib/index.js": 'exports.word = require("./part").word;',
    "packages/words/lib/part.js": 'exports.word = "first";',
  });
  await mkdir(join(workspace.folder, "service/node_modules/@acme"), { recursive: true });
  await symlink("../../../packages/words", join(workspace.folder, "service/node_modules/@acme/words"));
  offhook = await startOffhook(join(workspace.folder, "service"), { verb: "dev" });
});
after(async () => {
  await offhook.stop();
  await workspace[Symbol.asyncDispose]();
});

function answering(value: string): string {
  return `const word = ${value};\nexports.handler = (context, event, callback) => callback(null, word);`;
}

/** Repeats a request until this is the answer. @throws at the deadline, with the last answer. */
async function until(path: string, expected: string): Promise<void> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const reply = await fetch(offhook.url + path, { signal: AbortSignal.timeout(deadlineMs) });
    const answer = await reply.text();
    if (answer === expected) return;
    if (performance.now() > end) assert.equal(answer, expected);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const changes: readonly (readonly [what: string, path: string, file: string, text: string])[] = [
  ["a file beside the project", "/word", "shared/words.js", 'exports.word = "second";'],
  ["a file in the folder above the project", "/root", "root.js", 'exports.word = "second";'],
  ["a file that only running code names", "/dynamic", "shared/late.js", 'exports.word = "second";'],
  ["an ES module", "/module", "shared/module.mjs", 'export const word = "second";'],
  ["TypeScript", "/kind", "shared/kind.ts", 'export enum Kind { Call = "second" }'],
  ["a package of the workspace", "/package", "packages/words/lib/part.js", 'exports.word = "second";'],
];

for (const [what, path, file, text] of changes) {
  test(`a change of ${what} is live`, async () => {
    await until(path, "first");
    await writeFile(join(workspace.folder, file), text);
    await until(path, "second");
  });

  test(`${what} is watched even if an editor replaces it repeatedly`, async () => {
    for (const word of ["third", "fourth"]) {
      const place = join(workspace.folder, file);
      const draft = join(dirname(place), "draft.tmp");
      await writeFile(draft, text.replace("second", word));
      await rename(draft, place);
      await until(path, word);
    }
  });
}
