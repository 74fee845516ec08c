/**
 * What is published works where there is no source: both packages are packed as `npm publish` would, laid
 * out as `npm install` would, and run.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { mkdir, mkdtemp, readFile, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { repository, startOffhook } from "./offhook-process.ts";

const run = promisify(execFile);

/** @returns the folder in which `node_modules` has the packages. */
async function install(t: TestContext): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "offhook-install-")));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, source] of [
    ["@offhook/runtime", "packages/runtime"],
    ["offhook", "packages/cli"],
  ] as const) {
    const packed = await run("npm", ["pack", "--json", "--pack-destination", folder], {
      cwd: join(repository, source),
    });
    const [{ filename }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf("["))) as [{ filename: string }];
    const target = join(folder, "node_modules", name);
    await mkdir(target, { recursive: true });
    await run("tar", ["-xzf", join(folder, filename), "-C", target, "--strip-components=1"]);
  }
  await linkDependencies(folder);
  return folder;
}

/** Other people's packages come from the checkout, so that the test needs no registry. */
async function linkDependencies(folder: string): Promise<void> {
  const manifest = join(repository, "packages/runtime/package.json");
  const { dependencies } = JSON.parse(await readFile(manifest, "utf8")) as { dependencies: Record<string, string> };
  const { resolve } = createRequire(manifest);
  for (const name of Object.keys(dependencies)) {
    let found = dirname(resolve(name));
    while (!found.endsWith(`/node_modules/${name}`)) found = dirname(found);
    await symlink(found, join(folder, "node_modules", name));
  }
}

test("the packed packages serve a project", async (t) => {
  const folder = await install(t);
  const command = join(folder, "node_modules/offhook/bin/offhook.js");
  await using offhook = await startOffhook(join(repository, "examples/voice-ivr"), { command });
  const started = await offhook.logged((line) => line["event"] === "started");
  const [{ path: voice }] = started["functions"] as [{ path: string }];
  const reply = await fetch(`${offhook.url}${voice}`, { method: "POST" });
  assert.equal(reply.status, 200);
  assert.match(reply.headers.get("content-type") ?? "", /^text\/xml/);
  assert.match(await reply.text(), /<Response>/);
});
