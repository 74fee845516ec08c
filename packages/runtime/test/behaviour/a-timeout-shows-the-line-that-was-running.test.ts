/** In development, the reply to a timeout and the log say where the function was. */
import assert from "node:assert/strict";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import type { GivenHint, RequestEnded } from "../../src/observe/channels.ts";
import { loadProject } from "../../src/project/project.ts";
import { resolveSettings } from "../../src/settings/settings.ts";
import { startServer } from "../../src/server.ts";
import { call, serve, until, writeProject, type Answer, type Site } from "../site.ts";

const files = {
  "functions/loop.ts": `interface Count {
  of: number;
}
function spin(count: Count): void {
  while (true) count.of += 1;
}
export const handler = (context: unknown, event: unknown, callback: Function) => {
  spin({ of: 0 });
  callback(null, "never");
};
`,
  "functions/pattern.js": `exports.handler = (context, event, callback) => {
  const isFine = /^(a+)+$/.test("a".repeat(40) + "b");
  callback(null, isFine);
};
`,
  "functions/promises.js": `exports.handler = async (context, event, callback) => {
  while (!event.stop) await null;
  callback(null, "never");
};
`,
  "functions/nested.js": `const inner = async () => {
  await null;
  await new Promise(() => {});
};
exports.handler = async (context, event, callback) => {
  await inner();
  callback(null, "never");
};
`,
  "functions/timer.mjs": `const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const handler = async (context, event, callback) => {
  await sleep(1);
  await sleep(60_000);
  callback(null, "never");
};
`,
  "functions/asks.ts": `type Reply = { text(): Promise<string> };

const ask = async (port: string): Promise<string> => {
  const reply: Reply = await fetch("http://127.0.0.1:" + port + "/?key=hunter2");
  return reply.text();
};
export const handler = async (context: unknown, event: { port: string }, callback: Function) => {
  callback(null, await ask(event.port));
};
`,
  "functions/blocks.js": `exports.handler = (context, event, callback) => {
  require("node:child_process").execSync("sleep 60");
  callback(null, "never");
};
`,
  "functions/child.js": `exports.handler = async (context, event, callback) => {
  await new Promise((resolve) => require("node:child_process").spawn("sleep", ["60"]).on("exit", resolve));
  callback(null, "never");
};
`,
  "functions/crowd.js": `exports.handler = async (context, event, callback) => {
  const waits = Array.from({ length: 20_000 }, async (_, index) => {
    await new Promise((resolve) => setTimeout(resolve, index === 19_999 ? 60_000 : 1));
  });
  await Promise.all(waits);
  callback(null, "never");
};
`,
  "functions/late.js": `exports.handler = async (context, event, callback) => {
  const end = performance.now() + 1_350;
  while (performance.now() < end);
  callback(null, "in time");
};
`,
  "functions/hello.js": `let calls = 0;
exports.handler = async (context, event, callback) => {
  await null;
  callback(null, "call " + ++calls);
};
`,
};

async function development(t: TestContext, settings: { hardened?: boolean } = {}): Promise<Site> {
  return serve(t, files, { timeout: 1_500, ...settings }, true);
}

/** Repeats the call if the hint says that the machine was too busy to interrupt the function in time. */
async function callUntilTold(site: Site, path: string, headers = {}): Promise<Answer> {
  for (let left = 5; ; left--) {
    const answer = await site.call(path, { headers });
    if (left === 0 || !answer.text.includes("could not report the line")) return answer;
  }
}

function hintsIn(answer: Answer): GivenHint[] {
  assert.equal(answer.status, 504);
  return (answer.json() as { hints: GivenHint[] }).hints;
}

function placesIn(answer: Answer): string[] {
  return hintsIn(answer).map(({ file, line }) => `${file}:${line}`);
}

test("the hint names the line of a function that computes", async (t) => {
  const site = await development(t);
  const loop = await callUntilTold(site, "/loop");
  assert.deepEqual(placesIn(loop), ["functions/loop.ts:5"]);
  assert.match(hintsIn(loop)[0]?.text ?? "", /computing here in spin/);
  const pattern = await callUntilTold(site, "/pattern");
  assert.deepEqual(placesIn(pattern), ["functions/pattern.js:2"]);
  assert.match(hintsIn(pattern)[0]?.text ?? "", /a regular expression/);
  assert.deepEqual(placesIn(await callUntilTold(site, "/promises")), ["functions/promises.js:2"]);
});

test("the hint names each await of a function that waits, innermost first, and its open work", async (t) => {
  const site = await development(t);
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => void sockets.add(socket)).listen(0, "127.0.0.1");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  await new Promise((resolve) => silent.once("listening", resolve));
  const { port } = silent.address() as AddressInfo;
  const nested = await callUntilTold(site, "/nested");
  assert.deepEqual(placesIn(nested), ["functions/nested.js:3", "functions/nested.js:6"]);
  assert.match(hintsIn(nested)[0]?.text ?? "", /No timer or connection is left that could end the wait/);
  const timer = await callUntilTold(site, "/timer");
  assert.deepEqual(placesIn(timer), ["functions/timer.mjs:4"]);
  assert.match(hintsIn(timer)[0]?.text ?? "", /a timer of 60000 ms/);
  const child = await callUntilTold(site, "/child");
  assert.match(hintsIn(child)[0]?.text ?? "", /Still open: a child process \(sleep\)/);
  const asks = await callUntilTold(site, `/asks?port=${port}`);
  assert.deepEqual(placesIn(asks), ["functions/asks.ts:4", "functions/asks.ts:8"]);
  assert.match(hintsIn(asks)[0]?.text ?? "", new RegExp(`a connection to 127\\.0\\.0\\.1:${port}`));
  assert.doesNotMatch(asks.text, /hunter2/);
});

test("with reuse: always, open work is still listed", async (t) => {
  const site = await serve(t, files, { timeout: 1_500, reuse: "always" }, true);
  assert.match(hintsIn(await callUntilTold(site, "/timer"))[0]?.text ?? "", /Still open: Timeout/);
});

test("the hint names the line of module scope that does not end", async (t) => {
  const scope = 'exports.handler = (context, event, callback) => callback(null, "never");\nwhile (true) {}\n';
  const site = await serve(t, { "functions/scope.js": scope }, { timeout: 1_500 }, true);
  const answer = await callUntilTold(site, "/scope");
  assert.deepEqual(placesIn(answer), ["functions/scope.js:2"]);
  assert.match(hintsIn(answer)[0]?.text ?? "", /still computing here at module scope/);
});

test("some of thousands of promises are listed", async (t) => {
  const site = await development(t);
  const [first] = hintsIn(await callUntilTold(site, "/crowd"));
  assert.match(first?.text ?? "", /a timer of 60000 ms/);
});

test("a function that cannot be interrupted gets a hint that says so", async (t) => {
  const site = await development(t);
  assert.match(hintsIn(await site.call("/blocks"))[0]?.text ?? "", /could not report the line in time/);
});

test("the page shows the place, and the log names it", async (t) => {
  const site = await development(t);
  const { text, headers } = await callUntilTold(site, "/loop", { accept: "text/html" });
  assert.match(text, /<p class="hint">The function was still computing .*functions\/loop\.ts:5:\d+/);
  const plain = text.replace(/<\/?span[^>]*>/g, "");
  assert.match(plain, /<mark> ?5 │ {3}while \(true\) count\.of \+= 1;<\/mark>/);
  assert.match(text, /<li>spin \(functions\/loop\.ts:5:\d+\)<\/li>/);
  const requestId = headers["x-offhook-request-id"];
  const logged = (): RequestEnded | undefined => site.requests.find((request) => request.requestId === requestId);
  await until("the log has the request", () => logged() !== undefined);
  assert.deepEqual(
    logged()?.hints?.map(({ file, line }) => `${file}:${line}`),
    ["functions/loop.ts:5"],
  );
});

test("a function that replies in time after it was asked for its place is answered normally", async (t) => {
  const site = await development(t);
  const { status, text } = await site.call("/late");
  // On a busy machine it may run over its time.
  if (status !== 504) assert.equal(text, "in time");
});

test("a watched isolate is reused", async (t) => {
  const site = await development(t);
  const texts = new Set<string>();
  for (let i = 0; i < 20; i++) texts.add((await site.call("/hello")).text);
  assert.ok(texts.has("call 10"), [...texts].join());
  assert.deepEqual(site.hints, []);
});

test("a hardened isolate has no second thread, and reports what it waits for", async (t) => {
  const site = await development(t, { hardened: true });
  assert.deepEqual(placesIn(await callUntilTold(site, "/nested")), ["functions/nested.js:3", "functions/nested.js:6"]);
  assert.match(hintsIn(await site.call("/loop"))[0]?.text ?? "", /Hardened isolates cannot report the line/);
  assert.equal((await site.call("/hello")).text, "call 1");
});

const asked = `callback(null, {
  modules: Object.keys(require.cache).filter((file) => /worker.insight/.test(file)).length,
  hasAlarm: Symbol.for("offhook.alarm") in globalThis,
  threads: require("node:fs").readdirSync("/proc/self/task").length,
})`;

interface Loaded {
  readonly modules: number;
  readonly hasAlarm: boolean;
  readonly threads: number;
}

test("with start none of this is loaded, and no caller sees a place", async (t) => {
  const site = await serve(t, { ...files, "functions/loaded.js": asked }, { timeout: 1_500 });
  const watched = await serve(t, { "functions/loaded.js": asked }, {}, true);
  await watched.call("/loaded");
  const loaded = (await site.call("/loaded")).json() as Loaded;
  const inDevelopment = (await watched.call("/loaded")).json() as Loaded;
  assert.deepEqual([loaded.modules, loaded.hasAlarm], [0, false]);
  assert.ok(inDevelopment.modules > 0 && inDevelopment.hasAlarm);
  assert.ok(loaded.threads < inDevelopment.threads, `${loaded.threads} ${inDevelopment.threads}`);
  const answer = await site.call("/nested", { headers: { accept: "text/html" } });
  assert.equal(answer.text, "The function did not call callback() within its time limit");
  await until("it is logged", () => site.requests.some(({ code }) => code === "handler-timed-out"));
  assert.equal(site.requests.find(({ code }) => code === "handler-timed-out")?.hints, undefined);
});

test("with a debugger, which shows the place itself, there is no hint", async (t) => {
  const folder = await writeProject(t, files);
  const inspect = { host: "127.0.0.1", port: 0, breaks: false };
  const settings = { ...resolveSettings(), port: 0, timeout: 300 };
  const server = await startServer({ project: await loadProject(folder), settings, isDevelopment: true, inspect });
  t.after(() => server.kill());
  const answer = await call(`http://127.0.0.1:${server.address.port}`, "/nested");
  assert.deepEqual([answer.status, answer.text], [504, "The function did not call callback() within its time limit"]);
});
