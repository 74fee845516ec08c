import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { testFaults, type Fault } from "../fault.ts";
import { isHalted, isRunning } from "../running.ts";
import { serve, until } from "../site.ts";

const leaving = {
  "a timer": ["setTimeout(mark, 100);", "timer"],
  "an unreferenced timer": ["setTimeout(mark, 100).unref();", "timer"],
  "an interval": ["setInterval(mark, 100);", "timer"],
  "a thousand timers": ["for (let i = 0; i < 1000; i++) setTimeout(mark, 100);", "1000 timers"],
  "a promise that waits for a timer": ["require('timers/promises').setTimeout(100).then(mark);", "timer"],
  "a chain of immediates": ["(function again() { mark(); setImmediate(again); })();", "immediate"],
  "a listening server": ["require('http').createServer(mark).listen(0);", "server"],
  "an unreferenced listening server": ["require('net').createServer(mark).listen(0).unref();", "server"],
  "a connection attempt": ["require('net').connect(9, '127.0.0.2').on('error', () => setTimeout(mark, 100));", ""],
  "a hash being computed": ["require('crypto').pbkdf2('a', 'b', 5e6, 32, 'sha256', mark);", "crypto operation"],
  "data being compressed": ["require('zlib').brotliCompress(Buffer.alloc(3e7, 'ab'), mark);", "compression"],
  "a worker thread": ["new (require('worker_threads').Worker)('setInterval(() => {}, 10)', { eval: true });", ""],
  "a file watcher": ["require('fs').watch(__dirname, mark);", "file watcher"],
  "a UDP socket": ["require('dgram').createSocket('udp4').bind(0);", ""],
  "a global that cannot be deleted": [
    "Object.defineProperty(globalThis, 'stays', { value: 1, enumerable: true });",
    "global stays was added",
  ],
  "a replaced method": ["JSON.stringify = () => 'gotcha';", "JSON.stringify was replaced"],
  "a changed prototype": ["Array.prototype.map = () => 'gotcha';", "Array.prototype.map was replaced"],
  "an extended String.prototype": ["String.prototype.shout = 1;", "String.prototype.shout was added"],
  "an extended prototype": ["Object.prototype.polluted = 1;", "Object.prototype.polluted was added"],
  "a replaced global": ["globalThis.Promise = class extends Promise {};", "globalThis.Promise was replaced"],
  "a replaced console": ["console.log = () => {};", "console.log was replaced"],
  "a listener on the process": ["process.on('SIGTERM', () => {});", 'a listener for "SIGTERM"'],
  "a child process": ["require('child_process').spawn('sleep', ['60']);", "child process"],
} as const;

test("after callback() the execution is over", async (t) => {
  const functions = Object.entries(leaving).map(([, [code]], i) => [
    `functions/f${i}.js`,
    `let calls = 0;
     exports.handler = (context, event, callback) => {
       const mark = () => require('fs').writeFileSync(context.MARKER, 'f${i}');
       callback(null, { calls: ++calls, pid: process.pid });
       ${code}
     };`,
  ]);
  const site = await serve(t, {
    ...Object.fromEntries(functions),
    "functions/hello.js": "callback(null, 'hello')",
    ".env": `MARKER=${join("/tmp", `offhook-marker-${process.pid}`)}`,
  });
  for (const [i, [name, [, told]]] of Object.entries(leaving).entries()) {
    await t.test(name, async () => {
      const first = (await site.call(`/f${i}`)).json() as { calls: number; pid: number };
      assert.equal(first.calls, 1);
      const ended = () => site.ended.find((end) => end.pid === first.pid);
      await until("the isolate has ended", () => ended() !== undefined);
      assert.equal(ended()?.reason, "leftovers");
      assert.match(ended()?.detail ?? "", new RegExp(told.replace(".", "\\.")));
      assert.equal((await site.call("/hello")).text, "hello");
      const second = (await site.call(`/f${i}`)).json() as { calls: number };
      assert.equal(second.calls, 1, "the next call has a fresh isolate");
    });
  }
});

const late = "require('fs').writeFileSync(context.MARKER, '')";

const lasting = {
  "an interval": `setInterval(() => ${late}, 200);`,
  "a child process": `
    const code = "setTimeout(() => require('fs').writeFileSync(process.argv[1], ''), 200)";
    require('child_process').spawn(process.execPath, ["-e", code, context.MARKER], { env: process.env });`,
} as const;

test("leftovers stop at once, even if the server takes long to end the isolate", async (t) => {
  const functions = Object.values(lasting).map((code, i) => [
    `functions/f${i}.js`,
    `callback(null, process.pid);${code}`,
  ]);
  const marker = join("/tmp", `offhook-late-${process.pid}`);
  const site = await serve(t, { ...Object.fromEntries(functions), ".env": `MARKER=${marker}` });
  for (const [i, name] of Object.keys(lasting).entries()) {
    await t.test(name, async () => {
      const pid = Number((await site.call(`/f${i}`)).text);
      // The server runs in this process, and cannot react before this loop ends.
      const deadline = Date.now() + 10_000;
      while (!isHalted(pid) && Date.now() < deadline) wait(5);
      wait(600);
      assert.ok(!existsSync(marker), "it continued to run");
      await until("the isolate has ended", () => site.ended.some((end) => end.pid === pid));
    });
  }
});

/** Blocks this process. */
function wait(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test("a changed built-in is found even if the isolate has served many calls", async (t) => {
  const patch = `
      let calls = 0;
      exports.handler = (context, event, callback) => {
        calls++;
        if (event.patch) Array.prototype.every = () => true;
        callback(null, calls);
        if (event.patch) JSON.stringify = () => 'gotcha';
      };`;
  const site = await serve(t, { "functions/patch.js": patch }, { spares: 0 });
  for (const before of [0, 3, 4, 5, 6, 20]) {
    for (let i = 1; i <= before; i++) assert.equal((await site.call("/patch")).text, String(i));
    assert.equal((await site.call("/patch?patch=1")).text, String(before + 1));
    await until("the isolate has ended", () => site.ended.length > 0);
    assert.equal(site.ended.shift()?.reason, "leftovers");
  }
});

test("an error after the reply ends the isolate, and the log has it", async (t) => {
  const site = await serve(t, {
    "functions/late.js": "callback(null, 'replied'); process.nextTick(() => { throw new Error('too late'); });",
  });
  assert.equal((await site.call("/late")).text, "replied");
  await until("the isolate has ended", () => site.ended.some((end) => end.reason === "tainted"));
  assert.ok(site.output.some((line) => line.function === "late" && line.text.includes("too late")));
});

test("the log shows where a timer was created", async (t) => {
  const site = await serve(t, {
    "functions/timer.js": "callback(null, 'replied');\nsetTimeout(() => {}, 5000);",
  });
  await site.call("/timer");
  await until("the isolate has ended", () => site.ended.length > 0);
  assert.equal(site.ended[0]?.detail, "timer, started at functions/timer.js:3:1");
});

test("work that was left running does nothing more", async (t) => {
  const site = await serve(t, {
    "functions/late.js": `
      const { writeFileSync } = require('fs');
      callback(null, process.pid);
      setTimeout(() => writeFileSync(event.marker, 'ran'), 2_000);`,
  });
  const marker = join(site.folder, "marker");
  const { text: pid } = await site.call(`/late?marker=${encodeURIComponent(marker)}`);
  await until("its process has ended", () => !isRunning(Number(pid)));
  assert.equal(existsSync(marker), false);
});

const left: Readonly<Record<string, Pick<Fault, "does" | "isolate" | "why">>> = {
  "10,000 timers": {
    does: "for (let i = 0; i < 1e4; i++) setTimeout(() => {}, 1e6);",
    isolate: ["leftovers", "unresponsive"],
  },
  "10,000 unreferenced timers": {
    does: "for (let i = 0; i < 1e4; i++) setInterval(() => {}, 1e6).unref();",
    isolate: ["leftovers", "unresponsive"],
  },
  "an unreferenced server, timer and socket": {
    does: `
      require('net').createServer().listen(0).unref();
      require('dgram').createSocket('udp4').bind(0).unref();
      setInterval(() => {}, 5).unref();`,
    isolate: "leftovers",
    why: /server/,
  },
  "a worker that loops": {
    does: "new (require('worker_threads').Worker)('while (true) {}', { eval: true }).unref();",
    isolate: "leftovers",
    why: /worker thread/,
  },
  "a full thread pool": {
    does: "for (let i = 0; i < 8; i++) require('crypto').pbkdf2('a', 'b', 1e8, 32, 'sha256', () => {});",
    isolate: "leftovers",
    why: /^8 crypto operations/,
  },
  "a read of standard input": {
    does: "process.stdin.on('data', () => {}); process.stdin.resume();",
    // Standard input is empty. The thread pool decides whether that has been read by the time of the check.
    isolate: ["kept", "leftovers"],
  },
  "an endless loop": { does: "while (true) {}", isolate: "unresponsive" },
  "an endless chain of promises": { does: "(async () => { while (true) await null; })();", isolate: "unresponsive" },
  "an endless chain of microtasks": {
    does: "(function again() { queueMicrotask(again); })();",
    isolate: "unresponsive",
  },
  "an endless chain of ticks": { does: "(function again() { process.nextTick(again); })();", isolate: "unresponsive" },
  "a system call that blocks": { does: "require('child_process').execSync('sleep 60');", isolate: "unresponsive" },
  "a process that exits": { does: "process.exit(3);", isolate: "exited" },
  "closed descriptors 0 to 20": {
    does: "for (let fd = 0; fd <= 20; fd++) try { require('fs').closeSync(fd); } catch {}",
    isolate: "crashed",
  },
  "1,000 files left open": {
    does: "for (let i = 0; i < 1000; i++) require('fs').openSync('/dev/null');",
    isolate: "leftovers",
    why: /^\d{4} files/,
  },
};
testFaults(
  "work after callback() ends the isolate, and the caller already has the reply",
  Object.fromEntries(
    Object.entries(left).map(([name, fault]): [string, Fault] => [
      name,
      { ...fault, does: `callback(null, 'replied'); ${fault.does}`, gets: "200", body: "replied" },
    ]),
  ),
);

test("child processes end with the isolate, also detached ones", async (t) => {
  const site = await serve(t, {
    "functions/children.js": `
      const { spawn, execSync } = require('child_process');
      const children = [
        spawn('sleep', ['61']),
        spawn('sleep', ['62'], { detached: true, stdio: 'ignore' }),
        spawn('sh', ['-c', 'exec sleep 64'], { detached: true }),
      ];
      for (const child of children) child.unref();
      const background = Number(execSync('sleep 63 > /dev/null 2>&1 & echo $!'));
      const forkedTwice = Number(execSync('(sleep 65 > /dev/null 2>&1 & echo $!)'));
      callback(null, [...children.map((child) => child.pid), background, forkedTwice]);`,
  });
  const pids = (await site.call("/children")).json() as number[];
  assert.equal(pids.length, 5);
  await until("all children have ended", () => pids.every((pid) => !isRunning(pid)));
});
