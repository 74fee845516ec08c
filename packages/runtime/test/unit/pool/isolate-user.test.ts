import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { notices } from "../../../src/observe/channels.ts";
import { chooseIsolateUser } from "../../../src/pool/isolate-user.ts";

const isRoot = process.getuid?.() === 0;
const sid = `ZS${"0123456789abcdef".repeat(2)}`;

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
  assert.equal(chooseIsolateUser({ setting: "same", sid, reads }), undefined);
  assert.equal(chooseIsolateUser({ setting: String(process.getuid?.()), sid, reads }), undefined);
  assert.deepEqual(told, []);
});

test("a service has a user of its own, the same each time, where the server is root", (t) => {
  const reads = [join(folderOfMode(t, 0o755), "file")];
  const user = chooseIsolateUser({ setting: "auto", sid, reads });
  if (!isRoot) return assert.equal(user, undefined);
  assert.deepEqual(user, chooseIsolateUser({ setting: "auto", sid, reads }));
  assert.ok(user !== undefined && user.uid >= 60_706 && user.uid <= 61_183 && user.gid === user.uid);
  const other = chooseIsolateUser({ setting: "auto", sid: `${sid.slice(0, -1)}0`, reads });
  assert.notEqual(other?.uid, user.uid);
});

test("what that user could not read is served by root, which is told", (t) => {
  const told = warnings(t);
  const folder = folderOfMode(t, 0o700);
  assert.equal(chooseIsolateUser({ setting: "auto", sid, reads: [join(folder, "file")] }), undefined);
  if (!isRoot) return assert.deepEqual(told, []);
  assert.equal(told.length, 1);
  assert.match(
    told[0] ?? "",
    new RegExp(`^Isolates run as root, the server's user: user \\d+ may not read ${folder}$`),
  );
});

test("a user that is named has to do", (t) => {
  const hidden = join(folderOfMode(t, 0o700), "file");
  const unavailable = { code: "isolate-user-unavailable" };
  assert.throws(() => chooseIsolateUser({ setting: "nobody-of-this-name", sid, reads: [] }), unavailable);
  assert.throws(() => chooseIsolateUser({ setting: "61000", sid, reads: [hidden] }), unavailable);
  if (!isRoot) return assert.throws(() => chooseIsolateUser({ setting: "61000", sid, reads: [] }), unavailable);
  assert.deepEqual(chooseIsolateUser({ setting: "61000", sid, reads: [] }), { uid: 61_000, gid: 61_000 });
  const nobody = chooseIsolateUser({ setting: "nobody", sid, reads: [] });
  assert.ok(nobody !== undefined && nobody.uid > 0 && nobody.gid > 0);
});
