import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { factsOf } from "../../../src/pool/process-stats.ts";
import { UserClaims } from "../../../src/pool/user-claims.ts";

function folderFor(t: TestContext): string {
  const parent = mkdtempSync(join(tmpdir(), "offhook-claims-"));
  t.after(() => rmSync(parent, { recursive: true }));
  return join(parent, "users");
}

test("all servers see a claim, and its record names the environment after its release", (t) => {
  const folder = folderFor(t);
  const [one, other] = [new UserClaims([folder]), new UserClaims([folder])];
  const claim = one.claim(7, "ZEa", one.list());
  assert.ok(claim !== undefined);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.deepEqual(other.list().map(described), ["7 ZEa held"]);
  assert.equal(other.claim(7, "ZEb", other.list()), undefined);
  claim.release();
  assert.deepEqual(other.list().map(described), ["7 ZEa free"]);
  assert.ok(other.claim(7, "ZEb", other.list()));
  assert.deepEqual(one.list().map(described), ["7 ZEb held"]);
});

function described({ uid, environment, isHeld }: { uid: number; environment: string; isHeld: boolean }): string {
  return `${uid} ${environment} ${isHeld ? "held" : "free"}`;
}

test("a user that was claimed and released since the search started is not taken", (t) => {
  const folder = folderFor(t);
  const claims = new UserClaims([folder]);
  const seen = claims.list();
  claims.claim(7, "ZEa", seen)?.release();
  assert.equal(claims.claim(7, "ZEb", seen), undefined);
  assert.deepEqual(claims.list().map(described), ["7 ZEa free"]);
});

/** The file name of a claim by this process, in its parts: user, environment, process, start and count. */
function heldName(t: TestContext): string[] {
  const folder = folderFor(t);
  new UserClaims([folder]).claim(7, "ZEa", []);
  return (readdirSync(folder)[0] ?? "").split(".");
}

test("a claim is free once its process has ended, even if another process has that number now", (t) => {
  const [, , , start = ""] = heldName(t);
  const folder = folderFor(t);
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, `7.ZEa.4194305.${start}.1`), "");
  for (const [uid, pid] of [
    [8, process.pid],
    [9, process.ppid],
  ])
    writeFileSync(join(folder, `${uid}.ZEa.${pid}.${start}1.1`), "");
  writeFileSync(join(folder, "no claim"), "");
  const free = ["7 ZEa free", "8 ZEa free", "9 ZEa free"];
  assert.deepEqual(new UserClaims([folder]).list().map(described).toSorted(), free);
});

test("a claim from before a reboot is free, even if a process has the same number and start", async (t) => {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "inherit"] });
  t.after(() => child.kill());
  await once(child, "spawn");
  const [, , , ownStart = ""] = heldName(t);
  const [boot = ""] = ownStart.split("_");
  const folder = folderFor(t);
  mkdirSync(folder, { mode: 0o700 });
  for (const [uid, runOfMachine] of [
    [7, boot],
    [8, "7c1f1c37-5c9c-4a5e-9d58-4c7c6a9a5d0e"],
  ]) {
    const startedAt = factsOf(child.pid ?? 0)?.startedAt;
    writeFileSync(join(folder, `${uid}.ZEa.${child.pid}.${runOfMachine}_${startedAt}.1`), "");
  }
  const records = new UserClaims([folder]).list().map(described);
  assert.deepEqual(records.toSorted(), ["7 ZEa held", "8 ZEa free"]);
});

test("a claim also holds for servers that can write only to other folders", (t) => {
  const [shared, own] = [folderFor(t), folderFor(t)];
  const other = new UserClaims([shared]).claim(7, "ZEa", []);
  // Root can write to any folder, so file modes cannot test this. Instead, the shared folder is the second one, which
  // is read but not written to.
  const claims = new UserClaims([own, shared]);
  assert.deepEqual(claims.list().map(described), ["7 ZEa held"]);
  assert.equal(claims.claim(7, "ZEb", claims.list()), undefined);
  other?.release();
  assert.ok(claims.claim(7, "ZEb", claims.list()) !== undefined);
});

test("a folder that others can write to, or that is a file, is not used", (t) => {
  const folder = folderFor(t);
  const [open, file, good] = [`${folder}-open`, `${folder}-file`, `${folder}-good`];
  mkdirSync(open);
  chmodSync(open, 0o777);
  writeFileSync(file, "");
  const claims = new UserClaims([join(folder, "missing", "deep"), open, file, good]);
  assert.ok(claims.claim(7, "ZEa", []));
  assert.deepEqual(readdirSync(open), []);
  assert.equal(readdirSync(good).length, 1);
});

test("a folder that was deleted is created again, and its releases are forgotten", (t) => {
  const folder = folderFor(t);
  const claims = new UserClaims([folder]);
  const claim = claims.claim(7, "ZEa", []);
  rmSync(folder, { recursive: true });
  claim?.release();
  assert.deepEqual(claims.list(), []);
  assert.ok(claims.claim(7, "ZEb", []));
});

test("if no folder can be used, a process still knows its own claims", () => {
  const claims = new UserClaims([]);
  const claim = claims.claim(7, "ZEa", []);
  assert.equal(claims.claim(7, "ZEb", []), undefined);
  claim?.release();
  assert.deepEqual(claims.list().map(described), ["7 ZEa free"]);
  assert.ok(claims.claim(7, "ZEb", []));
});

test("processes that claim at once never get the same user", async (t) => {
  const folder = folderFor(t);
  const code = `
    import(${JSON.stringify(new URL("../../../src/pool/user-claims.ts", import.meta.url).href)}).then(({ UserClaims }) => {
      const claims = new UserClaims([${JSON.stringify(folder)}]);
      process.stdin.once("data", () => {
        const had = [];
        for (let uid = 1; uid <= 40; uid++) if (claims.claim(uid, "ZE" + process.pid, claims.list())) had.push(uid);
        console.log(JSON.stringify(had));
      });
      process.stdin.on("end", () => process.exit());
      console.log("ready");
    });`;
  const children = Array.from({ length: 3 }, () =>
    spawn(process.execPath, ["-e", code], { stdio: ["pipe", "pipe", "inherit"] }),
  );
  t.after(() => children.map((child) => child.kill()));
  const lines = children.map((child) => createInterface(child.stdout)[Symbol.asyncIterator]());
  for (const each of lines) assert.equal((await each.next()).value, "ready");
  // All start at nearly the same moment.
  for (const child of children) child.stdin.write("go\n");
  const had = await Promise.all(lines.map(async (each) => JSON.parse((await each.next()).value as string) as number[]));
  const all = had.flat();
  assert.equal(new Set(all).size, all.length);
  // They still run, so their claims hold.
  const held = new UserClaims([folder]).list().filter(({ isHeld }) => isHeld);
  assert.deepEqual(new Set(held.map(({ uid }) => uid)), new Set(all));
  for (const child of children) child.stdin.end();
  for (const child of children) if (child.exitCode === null) await once(child, "exit");
  assert.ok(new UserClaims([folder]).list().every(({ isHeld }) => !isHeld));
  assert.ok(existsSync(folder));
});
