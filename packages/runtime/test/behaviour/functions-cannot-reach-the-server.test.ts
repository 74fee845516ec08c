/**
 * Code in a function tries to harm the server, other isolates and the machine. If the tests run as root, isolates run
 * as another user and the kernel refuses. Otherwise, they run as the server's user.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { heldFunction, release } from "../overlap.ts";
import { isRunning } from "../running.ts";
import { ask, hasOwnUser, probe } from "../probe.ts";
import { serve, until } from "../site.ts";

test("a function runs as another user if the server is root", async (t) => {
  const site = await serve(t, probe);
  const { value } = await ask(site, "[process.getuid(), process.getgid(), process.getgroups(), process.geteuid()]");
  const [uid, gid, groups, effective] = value as [number, number, number[], number];
  if (!hasOwnUser) return assert.equal(uid, process.getuid?.());
  assert.ok(uid >= 60_706 && uid <= 61_183, String(uid));
  assert.deepEqual([gid, groups, effective], [uid, [uid], uid]);
  assert.deepEqual(await ask(site, "process.setuid(0)"), { code: "EPERM" });
});

const server = process.pid;
const refusals = {
  "signal it": [`process.kill(${server}, 'SIGKILL')`, "EPERM"],
  "test whether it may signal it": [`process.kill(${server}, 0)`, "EPERM"],
  "read its environment": [`require('fs').readFileSync('/proc/${server}/environ')`, "EACCES"],
  "read its memory": [`require('fs').openSync('/proc/${server}/mem', 'r')`, "EACCES"],
  "see its descriptors": [`require('fs').readdirSync('/proc/${server}/fd')`, "EACCES"],
  "go through its root folder": [`require('fs').readdirSync('/proc/${server}/root')`, "EACCES"],
  "write to Offhook's own files": [`require('fs').openSync(${JSON.stringify(import.meta.filename)}, 'a')`, "EACCES"],
  "read files of root": ["require('fs').readFileSync('/etc/shadow')", "EACCES"],
} as const;

test("a function cannot reach the server", async (t) => {
  const site = await serve(t, { ...probe, "functions/hello.js": "callback(null, 'hello')" });
  for (const [what, [code, refusal]] of Object.entries(refusals)) {
    await t.test(`it cannot ${what}`, async () => {
      // Under the same user it could, as SECURITY.md says. Then the test does not try it on its own process.
      if (hasOwnUser) assert.deepEqual(await ask(site, code), { code: refusal });
      assert.equal((await site.call("/hello")).text, "hello");
    });
  }
});

test("an isolate cannot inspect another one of the same service", async (t) => {
  const site = await serve(t, {
    ...probe,
    "functions/wait.js": `console.log('pid', process.pid); ${heldFunction("event.secret")}`,
  });
  const waiting = site.call("/wait", { form: { secret: "only mine" } });
  await until("it waits", () => site.output.length > 0);
  const pid = site.output[0]?.text.split(" ")[1];
  for (const file of ["environ", "mem", "maps", "auxv"]) {
    const answer = await ask(site, `require('fs').readFileSync('/proc/${pid}/${file}').length`);
    if (hasOwnUser) assert.deepEqual(answer, { code: "EACCES" }, file);
  }
  if (hasOwnUser) assert.deepEqual(await ask(site, `require('fs').readdirSync('/proc/${pid}/fd')`), { code: "EACCES" });
  await release(site.folder);
  assert.equal((await waiting).text, "only mine");
});

test("a function has no open descriptor of the server", async (t) => {
  const site = await serve(t, probe);
  const { value } = await ask(
    site,
    "const fs = require('fs'); fs.readdirSync('/proc/self/fd').map((fd) => { try { return fs.readlinkSync('/proc/self/fd/' + fd) } catch { return '' } })",
  );
  const links = (value as string[]).filter((link) => link !== "");
  // /dev/null, two pipes for output, two for the protocol. The others belong to Node and name nothing outside.
  const known = /^(\/dev\/null|anon_inode:.*|pipe:.*|socket:.*|\/proc\/\d+\/fd)$/;
  assert.deepEqual(
    links.filter((link) => !known.test(link)),
    [],
  );
  const ours = new Set(socketsOf(process.pid));
  assert.ok(ours.size > 0);
  assert.deepEqual(
    links.filter((link) => ours.has(link)),
    [],
  );
});

function socketsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      const link = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return link.startsWith("socket:") ? [link] : [];
    } catch {
      return [];
    }
  });
}

/** The bytes of a frame, as a function can create them. */
const frame = `
  const frame = (head) => {
    const json = Buffer.from(JSON.stringify(head));
    const prefix = Buffer.alloc(8);
    prefix.writeUInt32BE(4 + json.length, 0);
    prefix.writeUInt32BE(json.length, 4);
    require('fs').writeSync(4, Buffer.concat([prefix, json]));
  };`;

test("a function cannot make the server end other processes", async (t) => {
  const bystander = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
  t.after(() => bystander.kill("SIGKILL"));
  const site = await serve(t, {
    "functions/forge.js": `${frame} frame({ kind: 'spawned', pid: Number(event.pid) }); callback(null, 'said'); process.exit();`,
    "functions/hello.js": "callback(null, 'hello')",
  });
  assert.equal((await site.call(`/forge?pid=${bystander.pid}`)).status, 200);
  await until("the isolate has ended", () => site.ended.length > 0);
  assert.equal((await site.call("/hello")).text, "hello");
  if (hasOwnUser) assert.ok(isRunning(bystander.pid ?? 0));
});

const forgeries = {
  "a reply without headers": "{ kind: 'reply', id, status: 200 }",
  "a reply with invalid headers": "{ kind: 'reply', id, status: 200, headers: [1, {}] }",
  "a reply with half a header": "{ kind: 'reply', id, status: 200, headers: ['x'] }",
  "a failure with an invalid code": "{ kind: 'failed', id, code: '__proto__' }",
  "a failure with an invalid error": "{ kind: 'failed', id, code: 'handler-threw', error: 7 }",
  "a report without a list": "{ kind: 'settled', id, tookMs: 1, isTainted: false }",
  "output with an invalid level": "{ kind: 'output', id, level: 'loud' }",
  "a child with the number of all processes": "{ kind: 'spawned', pid: -1 }",
  "an unknown kind of message": "{ kind: 'nonsense' }",
  nothing: "null",
} as const;

test("an invalid message ends the isolate that sent it, and nothing else", async (t) => {
  // With some effort, code in an isolate could learn its own id, but no other. The test gives it the id.
  const functions = Object.values(forgeries).map((message, i) => [
    `functions/f${i}.js`,
    `${frame}
     const write = Buffer.prototype.write;
     Buffer.prototype.write = function (text, ...rest) {
       Buffer.prototype.write = write;
       const { id } = JSON.parse(text);
       frame(${message});
       return write.call(this, text, ...rest);
     };
     callback(null, 'the real reply');`,
  ]);
  const site = await serve(t, {
    ...Object.fromEntries(functions),
    "functions/slow.js": heldFunction("'slow'"),
  });
  for (const [i, name] of Object.keys(forgeries).entries()) {
    await t.test(name, async () => {
      const latch = `release-${i}`;
      const slow = site.call(`/slow?latch=${latch}`);
      const isBegun = (): boolean => site.output.some(({ text }) => text.trim() === "begun");
      await until("the one beside it runs", isBegun);
      const answer = await site.call(`/f${i}`);
      await release(site.folder, latch);
      const beside = await slow;
      assert.equal(answer.status, 500);
      assert.equal(answer.headers["x-offhook-error"], "isolate-crashed");
      assert.equal(beside.text, "slow");
      await until("its isolate has ended", () => site.ended.some((end) => end.reason === "protocol-broken"));
      site.ended.length = 0;
      site.output.length = 0;
    });
  }
});

test("a function cannot reply for invocations that wait behind it", async (t) => {
  const files = {
    "functions/turn.js": `${frame}
      const fs = require('fs');
      exports.handler = (context, event, callback) => {
        if (event.nonce !== 'bad') return callback(null, event.nonce);
        // Invocations arrive behind it meanwhile. It can read them: they are the same service's.
        const until = Date.now() + 300;
        const seen = Buffer.alloc(65536);
        let text = '';
        while (Date.now() < until) try { text += seen.latin1Slice(0, fs.readSync(3, seen)); } catch {}
        for (const [, id] of text.matchAll(/"kind":"invoke","id":(\\d+)/g)) {
          frame({ kind: 'reply', id: Number(id), status: 200, headers: [] });
        }
        for (let id = 0; id < 1000; id++) frame({ kind: 'reply', id, status: 200, headers: [] });
        callback(null, 'bad');
      };`,
  };
  const site = await serve(t, files, { concurrency: Infinity, timeout: 4000 });
  for (let i = 0; i < 20; i++) await site.call(`/turn?nonce=warm${i}`);
  const nonces = ["bad", ...Array.from({ length: 40 }, (_, i) => `n${i}`)];
  const answers = await Promise.all(nonces.map((nonce) => site.call(`/turn?nonce=${nonce}`)));
  for (const [i, { status, text }] of answers.entries()) {
    const isOwn = status === 200 && text === nonces[i];
    // Invocations that it took out of the pipe are lost with it. Their callers get an error.
    const isReported = status >= 500 && i > 0;
    assert.ok(isOwn || isReported || i === 0, `${nonces[i]} got ${status} ${text}`);
  }
  assert.equal((await site.call("/turn?nonce=after")).text, "after");
});

test("a function cannot make itself run again by reporting that it has not started", async (t) => {
  const site = await serve(t, {
    "functions/again.js": `${frame}
      require('fs').appendFileSync('runs.txt', 'run\\n');
      frame({ kind: 'loading', function: 'again' });
      require('fs').writeSync(4, Buffer.alloc(64, 255));`,
    "functions/hello.js": "callback(null, 'hello')",
    "runs.txt": "",
  });
  const answer = await site.call("/again");
  assert.equal(answer.headers["x-offhook-error"], "isolate-crashed");
  assert.equal((await site.call("/hello")).text, "hello");
  assert.equal(readFileSync(join(site.folder, "runs.txt"), "utf8"), "run\n");
});

test("module scope that ends its isolate and blames others fails its own function", async (t) => {
  const site = await serve(t, {
    "functions/a-liar.js": `${frame}
      frame({ kind: 'loading', function: 'hello' });
      require('fs').writeSync(4, Buffer.alloc(64, 255));
      exports.handler = () => {};`,
    "functions/hello.js": "callback(null, 'hello')",
  });
  assert.equal((await site.call("/hello")).text, "hello");
  const answer = await site.call("/a-liar");
  assert.equal(answer.headers["x-offhook-error"], "isolate-crashed");
  assert.equal((await site.call("/hello")).text, "hello");
});

test("processes, files and data of an isolate have limits", async (t) => {
  const site = await serve(
    t,
    {
      ...probe,
      "functions/bomb.js": `
        const { spawn } = require('child_process');
        let refused = 0, left = 300;
        const one = (how) => { if (how === 'error') refused++; if (--left === 0) callback(null, { refused }); };
        for (let i = 0; i < 300; i++) {
          const child = spawn('sleep', ['20'], { stdio: 'ignore' });
          child.once('error', () => one('error')).once('spawn', () => one('spawn'));
        }`,
    },
    { concurrency: 1, memory: 64 },
  );
  const limits = (await ask(site, "require('child_process').execSync('ulimit -n; ulimit -c').toString()")).value;
  assert.equal(limits, "4096\n0\n");
  const big = await ask(site, "Buffer.allocUnsafeSlow(1.5 * 2 ** 30).length");
  // Node 22 has the message without the code.
  assert.ok(["ERR_MEMORY_ALLOCATION_FAILED", "Array buffer allocation failed"].includes(String(big.code)), big.code);
  if (!hasOwnUser) return;
  const { refused } = (await site.call("/bomb")).json() as { refused: number };
  assert.ok(refused > 100 && refused < 300, String(refused));
  assert.deepEqual(await ask(site, "1 + 1"), { value: 2 });
});
