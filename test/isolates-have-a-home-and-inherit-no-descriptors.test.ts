/**
 * The surroundings of an isolate. It has no descriptor that the server was started with. It has a home, a user name and
 * a folder for temporary files, for any user that the server runs as.
 */
import assert from "node:assert/strict";
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { writeProject } from "../packages/runtime/test/site.ts";
import { eventually, startLimited, type LimitedOffhook, type Limits } from "./offhook-under-limits.ts";

const isRoot = process.getuid?.() === 0;
/** A user without an entry in the list of users, as in containers that run with an arbitrary number. */
const asUnlisted = isRoot ? 'set -- setpriv --reuid 54321 --regid 54321 --clear-groups -- "$@"' : "";

const files = {
  "functions/descriptors.js": `
    const { fstatSync } = require("fs");
    const open = event.numbers.split(",").filter((number) => {
      try { return fstatSync(Number(number)); } catch { return false; }
    });
    callback(null, { open });`,
  "functions/of-child.js": `
    callback(null, require("child_process").execSync("ls /proc/self/fd").toString());`,
  // Clients of cloud services do this while they load.
  "functions/at-load.js": `
    const { homedir, tmpdir, userInfo } = require("os");
    const path = require("path");
    const seen = { home: homedir(), user: userInfo(), tmp: tmpdir(), file: path.join(homedir(), ".aws", "config") };
    exports.handler = (context, event, callback) => {
      const { HOME, TMPDIR, USER, LOGNAME } = process.env;
      callback(null, { ...seen, env: { HOME, TMPDIR, USER, LOGNAME } });
    };`,
  "functions/module.mjs": `
    import os, { homedir, userInfo } from "node:os";
    export const handler = (context, event, callback) => {
      const bytes = os.userInfo({ encoding: "buffer" });
      callback(null, { home: homedir(), name: userInfo().username, bytes: bytes.username.toString() });
    };`,
  "functions/without.js": `
    delete process.env.HOME;
    const os = require("os");
    callback(null, { home: os.homedir(), name: os.userInfo().username });`,
  "functions/writes.js": `
    const fs = require("fs"), os = require("os"), path = require("path");
    const folder = path.join(os.homedir(), ".config", "deep");
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, "file"), "x");
    fs.chmodSync(folder, 0o500);
    fs.symlinkSync(event.outside, path.join(os.homedir(), "link"));
    const temporary = fs.mkdtempSync(path.join(os.tmpdir(), "of-a-function-"));
    fs.rmdirSync(temporary);
    callback(null, os.homedir());`,
};

interface Seen {
  readonly home: string;
  readonly user: { readonly username: string; readonly homedir: string; readonly uid: number };
  readonly tmp: string;
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The server has its own folder for temporary files, so that remaining files in it are the server's. */
async function start(t: TestContext, limits: Limits = {}): Promise<LimitedOffhook & { temporary: string }> {
  const folder = await writeProject(t, files);
  chmodSync(folder, 0o755);
  const temporary = join(folder, "temporary");
  mkdirSync(temporary);
  chmodSync(temporary, 0o777);
  const offhook = await startLimited(t, folder, { ...limits, env: { TMPDIR: temporary, ...limits.env } });
  return { ...offhook, temporary };
}

async function json<T>(offhook: LimitedOffhook, path: string): Promise<T> {
  const answer = await offhook.call(path);
  assert.equal(answer.status, 200, answer.text);
  return answer.json() as T;
}

for (const [name, flags, shell] of [
  ["an isolate", [], ""],
  ["a hardened isolate", ["--hardened"], ""],
  ["an isolate of a server that is not root", [], asUnlisted],
  ["a hardened isolate of a server that is not root", ["--hardened"], asUnlisted],
] as const) {
  test(`${name} has no descriptor that the server was started with, however high its number`, async (t) => {
    const secret = openSync(import.meta.filename, "r");
    t.after(() => closeSync(secret));
    const numbers = [17, 20, 21, 100, 200, 1000];
    const stdio = Array.from({ length: 1001 }, (_, i) => (numbers.includes(i) ? secret : ("ignore" as const)));
    const offhook = await start(t, { flags, shell, stdio });
    assert.deepEqual(
      readdirSync(`/proc/${offhook.pid}/fd`)
        .map(Number)
        .filter((number) => numbers.includes(number))
        .toSorted((a, b) => a - b),
      numbers,
      "the server has them",
    );
    // Node itself has some, with low numbers.
    const high = numbers.slice(3).join(",");
    assert.deepEqual(await json(offhook, `/descriptors?numbers=${high}`), { open: [] });
    if (flags.length === 0) {
      const ofChild = (await offhook.call("/of-child")).text.trim().split("\n").map(Number);
      assert.deepEqual(
        ofChild.filter((number) => number > 9),
        [],
      );
    }
  });
}

for (const [name, flags, shell, isListed] of [
  ["isolates with a user of their own", [], "", !isRoot],
  ["hardened isolates", ["--hardened"], "", !isRoot],
  ["isolates of the server's user", ["--isolate-user", "same"], "", true],
  ["isolates of a user without an entry", [], asUnlisted, !isRoot],
  ["hardened isolates of a user without an entry", ["--hardened"], asUnlisted, !isRoot],
] as const) {
  test(`${name} have a home, a name and a folder for temporary files, also while it loads`, async (t) => {
    const offhook = await start(t, { flags, shell });
    const { home, user, tmp, file, env } = await json<Seen>(offhook, "/at-load");
    assert.equal(home, env["HOME"]);
    assert.ok(home.startsWith(join(offhook.temporary, "offhook-scratch-")), home);
    assert.ok(file.startsWith(`${home}/`));
    assert.equal(tmp, env["TMPDIR"]);
    if (flags.includes("--hardened" as never)) assert.equal(tmp, home);
    assert.equal(user.username, env["USER"]);
    assert.equal(env["USER"], env["LOGNAME"]);
    if (!isListed) assert.deepEqual([user.username, user.homedir], ["offhook", home]);
    const { name: inModule, bytes } = await json<{ name: string; bytes: string }>(offhook, "/module");
    assert.deepEqual([inModule, bytes], [user.username, user.username]);
    if (!isListed) assert.equal((await json<{ name: string }>(offhook, "/without")).name, "offhook");
  });
}

for (const [name, flags, shell] of [
  ["isolates with a user of their own", [], ""],
  ["isolates of a user without an entry", [], asUnlisted],
] as const) {
  test(`the homes of ${name} are writable, and are removed with them`, async (t) => {
    const offhook = await start(t, { flags, shell });
    const outside = join(offhook.temporary, "kept");
    mkdirSync(outside);
    writeFileSync(join(outside, "file"), "");
    const { text: home } = await offhook.call(`/writes?outside=${encodeURIComponent(outside)}`);
    assert.ok(existsSync(join(home, ".config", "deep", "file")), home);
    offhook.child.kill("SIGTERM");
    assert.equal(await offhook.exited, 0);
    assert.deepEqual(readdirSync(offhook.temporary), ["kept"]);
    assert.deepEqual(readdirSync(outside), ["file"], "what a link leads to stays");
  });
}

test("the homes of isolates are removed when the server is killed", async (t) => {
  const offhook = await start(t);
  const { home } = await json<Seen>(offhook, "/at-load");
  assert.ok(existsSync(home));
  process.kill(offhook.pid, "SIGKILL");
  await eventually("they are removed", () => readdirSync(offhook.temporary).length === 0);
});

test("a variable of the project overrides the isolate's", async (t) => {
  const folder = await writeProject(t, { ...files, ".env": "HOME=/of/the/project\nUSER=someone" });
  chmodSync(folder, 0o755);
  const offhook = await startLimited(t, folder);
  const { home, env } = await json<Seen>(offhook, "/at-load");
  assert.deepEqual([home, env["HOME"], env["USER"]], ["/of/the/project", "/of/the/project", "someone"]);
});
