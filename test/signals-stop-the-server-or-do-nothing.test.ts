import assert from "node:assert/strict";
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { childrenOf, isolateCommand, isRunning, reaperCommand } from "../packages/runtime/test/running.ts";
import { heldFunction, release } from "../packages/runtime/test/overlap.ts";
import { writeProject } from "../packages/runtime/test/site.ts";
import { eventually, openLog, startLimited, type LimitedOffhook } from "./offhook-under-limits.ts";

const functions = {
  "functions/hello.js": "callback(null, 'hello')",
  "functions/held.js": heldFunction("'held'"),
  "functions/slow.js": "console.log('begun'); setTimeout(() => callback(null, 'slow'), event.ms)",
  "functions/hang.js": "console.log('begun')",
  "functions/loop.js": "console.log('begun'); setImmediate(() => { while (true); })",
};

interface Logged extends LimitedOffhook {
  readonly folder: string;
  /** Waits until this many invocations run. */
  begun(count: number): Promise<void>;
  /** The requests that ran, as the log has them. */
  codes(): unknown[];
  /** Output of Node itself, which must be empty. */
  errorOutput(): string;
}

async function start(t: TestContext, flags: readonly string[] = []): Promise<Logged> {
  const log = await openLog(t);
  const folder = await writeProject(t, functions);
  const stderr = openSync(join(folder, "stderr"), "a");
  t.after(() => closeSync(stderr));
  const offhook = await startLimited(t, folder, { flags, stdio: ["ignore", log.descriptor, stderr] });
  const count = (): number => log.lines().filter(({ message }) => message === "begun").length;
  return {
    ...offhook,
    folder,
    begun: (expected) => eventually("they have started", () => count() === expected),
    codes: () =>
      log.lines().flatMap(({ status, code }) => (status === 503 && code !== "server-draining" ? [code] : [])),
    errorOutput: () => readFileSync(join(folder, "stderr"), "utf8"),
  };
}

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  test(`${signal} under load: accepted requests are answered, later ones are refused, and the exit is clean`, async (t) => {
    const offhook = await start(t);
    const taken = Array.from({ length: 6 }, () => offhook.call("/held"));
    await offhook.begun(taken.length);
    const isolates = childrenOf(offhook.pid, isolateCommand);
    offhook.child.kill(signal);
    // These requests end too: the server or the system refuses them.
    const outcomes: string[] = [];
    while (outcomes.at(-1) !== "ECONNREFUSED") {
      outcomes.push(
        await offhook.call("/hello").then(
          ({ status }) => String(status),
          (error: NodeJS.ErrnoException) => String(error.code),
        ),
      );
    }
    assert.deepEqual(
      [...new Set(outcomes)].filter((each) => !["200", "503", "ECONNREFUSED", "ECONNRESET"].includes(each)),
      [],
    );
    await release(offhook.folder);
    assert.deepEqual(
      (await Promise.all(taken)).map(({ text }) => text),
      taken.map(() => "held"),
    );
    assert.equal(await offhook.exited, 0);
    assert.deepEqual(isolates.filter(isRunning), []);
  });
}

test("a second SIGTERM ends everything at once", async (t) => {
  const offhook = await start(t);
  const calls = ["/hang", "/loop", "/hang"].map((path) => offhook.call(path));
  const ends = Promise.allSettled(calls);
  await offhook.begun(calls.length);
  const isolates = childrenOf(offhook.pid, isolateCommand);
  offhook.child.kill("SIGTERM");
  // Sent after the server has noticed the first one, so that they are two signals.
  await eventually("it accepts no more", () =>
    offhook.call("/hello").then(
      () => false,
      () => true,
    ),
  );
  offhook.child.kill("SIGTERM");
  assert.equal(await offhook.exited, 143);
  assert.ok((await ends).every(({ status }) => status === "rejected"));
  await eventually("no isolate is left", () => isolates.every((pid) => !isRunning(pid)));
  assert.deepEqual(
    offhook.codes(),
    calls.map(() => "server-stopped"),
    "the log says that the server was stopped",
  );
});

test("SIGQUIT and SIGABRT leave no process behind", async (t) => {
  for (const signal of ["SIGQUIT", "SIGABRT"] as const) {
    const offhook = await start(t);
    void offhook.call("/loop").catch(() => {});
    await offhook.begun(1);
    let children: number[] = [];
    await eventually("the looping isolate, a spare and the reaper run", () => {
      children = [isolateCommand, reaperCommand].flatMap((command) => childrenOf(offhook.pid, command));
      return children.length > 2;
    });
    offhook.child.kill(signal);
    assert.equal(await offhook.exited, signal);
    await eventually("none is left", () => children.every((pid) => !isRunning(pid)));
  }
});

/** Sockets of a process that accept connections. */
function listeners(pid: number): number {
  const tables = ["tcp", "tcp6"].map((name) => readFileSync(`/proc/${pid}/net/${name}`, "utf8"));
  const listening = tables
    .flatMap((table) => table.split("\n").map((line) => line.trim().split(/\s+/)))
    .filter((fields) => fields[3] === "0A")
    .map((fields) => `socket:[${fields[9]}]`);
  const open = readdirSync(`/proc/${pid}/fd`).map((name) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${name}`);
    } catch {
      return "";
    }
  });
  return open.filter((link) => listening.includes(link)).length;
}

test("a signal opens no debugger, neither in the server nor in an isolate, and a broken pipe ends nothing", async (t) => {
  const offhook = await start(t);
  assert.equal(listeners(offhook.pid), 1);
  for (const signal of ["SIGUSR1", "SIGPIPE", "SIGUSR1"] as const) {
    offhook.child.kill(signal);
    for (let i = 0; i < 20; i++) assert.equal((await offhook.call("/hello")).text, "hello");
  }
  const held = offhook.call("/held");
  await offhook.begun(1);
  for (const pid of childrenOf(offhook.pid, isolateCommand)) process.kill(pid, "SIGUSR1");
  await release(offhook.folder);
  assert.equal((await held).text, "held");
  assert.equal((await offhook.call("/hello")).text, "hello");
  assert.equal(listeners(offhook.pid), 1);
  for (const pid of childrenOf(offhook.pid, isolateCommand)) assert.equal(listeners(pid), 0);
  assert.equal(offhook.errorOutput(), "");
});

test("the time in which a server was stopped does not count against the requests", async (t) => {
  const offhook = await start(t, ["--timeout", "2500ms", "--concurrency", "1", "--queue-timeout", "2s"]);
  const running = offhook.call("/slow?ms=3500");
  await offhook.begun(1);
  const waiting = offhook.call("/hello");
  // It has arrived when a later request is answered.
  const health = await offhook.call("/_offhook/health");
  assert.equal(health.status, 200);
  offhook.child.kill("SIGSTOP");
  // This test is about the time itself.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  offhook.child.kill("SIGCONT");
  assert.equal((await running).text, "slow");
  assert.equal((await waiting).text, "hello");
  assert.equal((await offhook.call("/hello")).text, "hello");
});
