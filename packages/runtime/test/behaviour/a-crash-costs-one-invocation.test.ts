import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { testFaults, type Fault, type Faults } from "../fault.ts";
import { serve, until } from "../site.ts";

/** Each function prints its last words and then crashes, so no caller gets its reply. */
function crashing(
  gets: "500 process-exited" | "500 isolate-crashed" | "500 out-of-memory",
  isolate: Fault["isolate"],
  why: RegExp,
  codes: Readonly<Record<string, string>>,
): Faults {
  return Object.fromEntries(
    Object.entries(codes).map(([name, code]): [string, Fault] => [
      name,
      { does: `console.log('last words'); ${code}`, gets, isolate, why, detail: why, prints: /last words/ },
    ]),
  );
}

const spawnShell = (script: string): string =>
  `require('child_process').spawn('sh', ['-c', '${script}', process.pid]);`;

const exits = crashing("500 process-exited", "exited", /^it called process\.exit\(\) \(exit code \d+\)$/, {
  "process.exit()": "process.exit()",
  "process.exit() with a code": "process.exit(7)",
  "process.exit() later": "setTimeout(() => process.exit(7), 10)",
  "process.exit() in a promise": "Promise.resolve().then(() => process.exit())",
  "process.exit() in an exit listener": "process.on('exit', () => process.exit(3)); process.exit(1)",
  "process.exit() with an exit code set before": "process.exitCode = 9; process.exit()",
  "process.exit() in the payload's getter": "callback(null, { get a() { process.exit() } })",
  "an error in its own async hook": `
    require('async_hooks').createHook({ init() { throw new Error('in the hook') } }).enable();
    setTimeout(() => {}, 1);`,
  "process.reallyExit()": "process.reallyExit(5)",
});

const kills = crashing(
  "500 process-exited",
  "exited",
  /^it called process\.(?:abort|kill)\(\)(?: on itself)? \(signal SIG/,
  {
    "process.abort()": "process.abort()",
    "SIGKILL to itself": "process.kill(process.pid, 'SIGKILL')",
    "SIGTERM to itself": "process.kill(process.pid)",
    "SIGSEGV to itself": "process.kill(process.pid, 'SIGSEGV')",
    "SIGINT to itself": "process.kill(process.pid, 'SIGINT')",
    "SIGKILL to its group": "process.kill(0, 'SIGKILL')",
    "SIGTERM to its group": "process.kill(-process.pid)",
  },
);

const crashes = crashing("500 isolate-crashed", "crashed", /^(?:signal SIG|exit code \d+)/, {
  "a segmentation fault from elsewhere": spawnShell("kill -SEGV $0"),
  "a bus error from elsewhere": spawnShell("kill -BUS $0"),
  "a kill from elsewhere": spawnShell("kill -KILL $0"),
  "a failed check inside V8": `
    require('v8').setFlagsFromString('--allow-natives-syntax');
    require('vm').runInThisContext('%AbortJS("gone")');`,
  "a closed pipe": "require('fs').closeSync(4); callback(null, 'lost')",
});

const broken = crashing("500 isolate-crashed", "protocol-broken", /^it sent an? (?:frame of|invalid message)/, {
  "bytes that are not a frame": "require('fs').writeSync(4, Buffer.alloc(64, 255))",
  "unknown messages": `
    const frame = Buffer.from('00000000{"kind":"gotcha"}');
    frame.writeUInt32BE(21, 0);
    frame.writeUInt32BE(17, 4);
    require('fs').writeSync(4, frame);`,
});

const memory = crashing("500 out-of-memory", "out-of-memory", /^(?:the heap is full|resident memory reached)/, {
  "one array that grows": "const all = []; for (let i = 0; ; i++) all[i] = i + 0.5;",
  "many arrays": "const all = []; for (;;) all.push(new Array(1000).fill(all.length));",
  strings: "const all = []; for (let i = 0; ; i++) all.push(('x' + i).repeat(1000).split('').join(i));",
  "objects of JSON.parse": "const all = []; for (;;) all.push(JSON.parse('[' + '{\"a\":[1,2]},'.repeat(9999) + '1]'));",
  "millions of promises": "const all = []; (async () => { for (;;) all.push((async () => { await all; })()); })();",
  "an endless generator as a list": "callback(null, [...(function* () { for (;;) yield {}; })()])",
  "buffers outside the heap": "const all = []; setInterval(() => all.push(Buffer.alloc(3e7, 1)), 5)",
  "shared memory": "const all = []; setInterval(() => all.push(new Uint8Array(new SharedArrayBuffer(3e7)).fill(1)), 5)",
  "WebAssembly memory": `
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
    setInterval(() => memory.grow(400) && new Uint8Array(memory.buffer).fill(1), 5);`,
});

const settings = { memory: 64, timeout: 20_000 } as const;
testFaults("a handler that ends its process costs one invocation", { ...exits, ...kills }, settings);
testFaults("a process that crashes costs one invocation", { ...crashes, ...broken }, settings);
testFaults("a handler that uses too much memory costs one invocation", memory, settings);

test("an isolate that is killed between invocations is replaced", async (t) => {
  const site = await serve(t, { "functions/pid.js": "callback(null, process.pid)" });
  const pid = Number((await site.call("/pid")).text);
  process.kill(pid, "SIGKILL");
  await until("its end was noticed", () => site.ended.some((end) => end.pid === pid));
  assert.notEqual(Number((await site.call("/pid")).text), pid);
});

test("the end of an isolate is reported even if a replacement was already planned", async (t) => {
  const site = await serve(t, {
    "functions/wait.js": `
      console.log('begun');
      const wait = setInterval(() => {
        if (!require('fs').existsSync(event.file)) return;
        clearInterval(wait);
        process.exit(0);
      }, 5);`,
  });
  const file = join(site.folder, "go");
  const answer = site.call(`/wait?file=${encodeURIComponent(file)}`);
  await until("it has begun", () => site.output.some(({ text }) => text === "begun"));
  site.server.updateVariables({ NEW: "1" });
  writeFileSync(file, "");
  assert.equal((await answer).headers["x-offhook-error"], "process-exited");
  assert.ok(site.ended.some(({ reason }) => reason === "exited"));
});

test("no isolate outlives the server", async (t) => {
  const site = await serve(t, { "functions/pid.js": "callback(null, process.pid)" });
  const pid = Number((await site.call("/pid")).text);
  await site.server.kill();
  assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
});
