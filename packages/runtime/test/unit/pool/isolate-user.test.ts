import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { notices } from "../../../src/observe/channels.ts";
import { chooseIsolateUser, userRange } from "../../../src/pool/isolate-user.ts";

const isRoot = process.getuid?.() === 0;

function folderOfMode(t: TestContext, mode: number): string {
  const folder = mkdtempSync(join(tmpdir(), "offhook-user-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "file"), "");
  chmodSync(folder, mode);
  return folder;
}

function warnings(t: TestContext): string[] {
  const told: string[] = [];
  t.after(notices.subscribe(({ code, message }) => void (code === "isolate-user-unavailable" && told.push(message))));
  return told;
}

test("the server's own user needs nothing", (t) => {
  const told = warnings(t);
  const reads = [join(folderOfMode(t, 0o700), "file")];
  assert.deepEqual(chooseIsolateUser({ setting: "same", sid: "ZS", reads }), { kind: "same" });
  assert.deepEqual(chooseIsolateUser({ setting: String(process.getuid?.()), sid: "ZS", reads }), { kind: "same" });
  assert.deepEqual(told, []);
});

test("a service has its own user if the server is root", (t) => {
  const reads = [join(folderOfMode(t, 0o755), "file")];
  assert.deepEqual(chooseIsolateUser({ setting: "auto", sid: "ZS", reads }), { kind: isRoot ? "own" : "same" });
  const range = userRange();
  assert.ok(range.every((uid) => uid >= 60_706 && uid <= 61_183));
  assert.equal(new Set(range).size, range.length);
});

test("a project that this user cannot read is served by root, with a warning", (t) => {
  const told = warnings(t);
  const folder = folderOfMode(t, 0o700);
  assert.deepEqual(chooseIsolateUser({ setting: "auto", sid: "ZS", reads: [join(folder, "file")] }), { kind: "same" });
  if (!isRoot) return assert.deepEqual(told, []);
  assert.equal(told.length, 1);
  assert.match(
    told[0] ?? "",
    new RegExp(`^Isolates run as root, the server's user: user \\d+ may not read ${folder}$`),
  );
});

test("a user from the setting must exist, be allowed, and be able to read the project", (t) => {
  const hidden = join(folderOfMode(t, 0o700), "file");
  const unavailable = { code: "isolate-user-unavailable" };
  assert.throws(() => chooseIsolateUser({ setting: "nobody-of-this-name", sid: "ZS", reads: [] }), unavailable);
  assert.throws(() => chooseIsolateUser({ setting: "61000", sid: "ZS", reads: [hidden] }), unavailable);
  if (!isRoot) return assert.throws(() => chooseIsolateUser({ setting: "61000", sid: "ZS", reads: [] }), unavailable);
  assert.deepEqual(chooseIsolateUser({ setting: "61000", sid: "ZS", reads: [] }), {
    kind: "named",
    user: { uid: 61_000, gid: 61_000 },
  });
  const nobody = chooseIsolateUser({ setting: "nobody", sid: "ZS", reads: [] });
  assert.ok(nobody.kind === "named" && nobody.user.uid > 0 && nobody.user.gid > 0);
});
