import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { writeProject } from "../packages/runtime/test/site.ts";
import type { LogLine } from "./offhook-process.ts";
import { eventually, openLog, parseLog, setLimit, startLimited, type LimitedOffhook } from "./offhook-under-limits.ts";

const functions = {
  "functions/hello.js": "callback(null, 'hello')",
  "functions/fail.js": "throw new Error('told in the log')",
  "functions/flood.js": `
    for (let i = 0; i < event.lines; i++) console.log('x'.repeat(event.length));
    callback(null, 'flooded');`,
};

/** Lines of a function's output in the log, and the number of missing lines that the log reports. */
function countOutput(lines: readonly LogLine[]): { written: number; lost: number } {
  const losses = lines.filter((line) => line["code"] === "log-lines-lost");
  return {
    written: lines.filter((line) => line["event"] === "output").length,
    lost: losses.reduce((sum, { message }) => sum + Number.parseInt(String(message), 10), 0),
  };
}

async function assertServes(offhook: LimitedOffhook): Promise<void> {
  assert.equal((await offhook.call("/hello")).text, "hello");
  const failed = await offhook.call("/fail");
  assert.equal(failed.headers["x-offhook-error"], "handler-threw");
}

async function assertStops({ child, exited }: LimitedOffhook): Promise<void> {
  child.kill("SIGTERM");
  assert.equal(await exited, 0);
}

test("a disk that stays full costs log lines and nothing else", async (t) => {
  const full = openSync("/dev/full", "w");
  t.after(() => closeSync(full));
  const offhook = await startLimited(t, await writeProject(t, functions), { stdio: ["ignore", full, full] });
  for (let i = 0; i < 3; i++) await assertServes(offhook);
  await assertStops(offhook);
});

test("when a disk has room again, it gets the waiting lines, and the number of lines that were dropped", async (t) => {
  const log = await openLog(t);
  const offhook = await startLimited(t, await writeProject(t, functions), {
    shell: "ulimit -S -f 16",
    stdio: ["ignore", log.descriptor, "ignore"],
  });
  // More than the log keeps waiting.
  for (let i = 0; i < 4; i++) assert.equal((await offhook.call("/flood?lines=3000&length=1000")).text, "flooded");
  await assertServes(offhook);
  assert.ok(log.lines().length < 100, "the disk is full");
  await setLimit(offhook.pid, "--fsize=unlimited");
  await eventually("the loss is logged", () => countOutput(log.lines()).lost > 0);
  const { written, lost } = countOutput(log.lines());
  assert.ok(written > 7_000, `${written} lines waited`);
  assert.ok(written + lost >= 12_000, `${written} written, ${lost} lost`);
  await assertServes(offhook);
  await eventually("it continues", () => log.lines().at(-1)?.["code"] === "handler-threw");
  await assertStops(offhook);
});

function residentMb(pid: number): number {
  return (Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * 4096) / 2 ** 20;
}

async function startUnread(t: TestContext): Promise<LimitedOffhook> {
  return await startLimited(t, await writeProject(t, functions), { stdio: ["ignore", "pipe", "ignore"] });
}

test("a pipe that nobody reads takes bounded memory and no time, and the log reports the lost lines", async (t) => {
  const offhook = await startUnread(t);
  await assertServes(offhook);
  const before = residentMb(offhook.pid);
  // Far more than the log keeps waiting. The lines are long, so that the test is quick.
  for (let i = 0; i < 16; i++) assert.equal((await offhook.call("/flood?lines=500&length=32000")).text, "flooded");
  const after = residentMb(offhook.pid);
  assert.ok(after - before < 128, `${after - before} MB for 256 MB of output`);
  await assertServes(offhook);
  let text = "";
  offhook.child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  await eventually("the loss is logged", () => text.includes("log-lines-lost"));
  const { written, lost } = countOutput(parseLog(text));
  assert.ok(written >= 200 && written + lost >= 8_000, `${written} written, ${lost} lost`);
  text = "";
  await assertServes(offhook);
  await eventually("it continues", () => text.includes("handler-threw"));
  await assertStops(offhook);
});

test("a pipe that nobody reads does not delay the exit", async (t) => {
  const offhook = await startUnread(t);
  await offhook.call("/flood?lines=500&length=32000");
  await assertStops(offhook);
});

test("streams whose reader has exited cost no request", async (t) => {
  const offhook = await startLimited(t, await writeProject(t, functions), { stdio: ["ignore", "pipe", "pipe"] });
  offhook.child.stdout?.destroy();
  offhook.child.stderr?.destroy();
  for (let i = 0; i < 3; i++) await assertServes(offhook);
  await assertStops(offhook);
});

test("streams that were closed before the start cost no request", async (t) => {
  const offhook = await startLimited(t, await writeProject(t, functions), { shell: "exec >&- 2>&-" });
  await assertServes(offhook);
  await assertStops(offhook);
});
