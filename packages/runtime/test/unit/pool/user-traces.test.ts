import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { usersWithTraces } from "../../../src/pool/user-traces.ts";

const isRoot = process.getuid?.() === 0;
/** User numbers that nothing else on this machine uses. */
const [mine, other, third] = [61_990, 61_991, 61_992];
const wanted = new Set([mine, other, third]);

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "offhook-traces-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("a process is a trace of its user, and of its group", async (t) => {
  const own = process.getuid?.() ?? 0;
  assert.ok((await usersWithTraces(new Set([own]), [])).has(own));
  if (!isRoot) return;
  const child = spawn("/bin/cat", { uid: mine, gid: other, stdio: ["pipe", "ignore", "ignore"] });
  t.after(() => child.kill());
  await once(child, "spawn");
  assert.deepEqual(await usersWithTraces(wanted, []), new Set([mine, other]));
  child.stdin.end();
  await once(child, "exit");
  assert.deepEqual(await usersWithTraces(wanted, []), new Set());
});

test("a process that changed its user after its start is a trace of the new user", async (t) => {
  if (!isRoot) return;
  const code = `process.setgid(${mine}); process.setuid(${mine}); console.log("changed"); process.stdin.on("end", () => process.exit()).resume();`;
  const child = spawn(process.execPath, ["-e", code], { stdio: ["pipe", "pipe", "ignore"] });
  t.after(() => child.kill());
  await once(child.stdout, "data");
  assert.deepEqual(await usersWithTraces(wanted, []), new Set([mine]));
  child.stdin.end();
  await once(child, "exit");
});

test("a file in a shared folder is a trace, and so is one in an open folder or an isolate's folder inside it", async (t) => {
  const folder = folderFor(t);
  assert.deepEqual(await usersWithTraces(wanted, [folder]), new Set());
  const [open, isolates, closed] = [join(folder, "open"), join(folder, "offhook-scratch-x"), join(folder, "closed")];
  for (const each of [open, isolates, closed]) {
    mkdirSync(each);
    writeFileSync(join(each, "file"), "");
  }
  chmodSync(open, 0o777);
  if (!isRoot) {
    const own = process.getuid?.() ?? 0;
    return assert.deepEqual(await usersWithTraces(new Set([own]), [folder]), new Set([own]));
  }
  chownSync(join(open, "file"), mine, mine);
  chownSync(join(isolates, "file"), other, other);
  chownSync(join(closed, "file"), third, third);
  assert.deepEqual(await usersWithTraces(wanted, [folder]), new Set([mine, other]));
  assert.deepEqual(await usersWithTraces(wanted, [closed, join(folder, "missing")]), new Set([third]));
});
