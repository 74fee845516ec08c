/**
 * `offhook dev --inspect`, as an editor uses it: over the inspector's protocol.
 */
import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { DebuggerClient, targetsAt } from "./debugger-client.ts";
import { startOffhook, type OffhookProcess } from "./offhook-process.ts";
import { copyProject, type TemporaryProject } from "./temporary-project.ts";

/** The functions need a fraction of this time, even on a busy machine. */
const limitMs = 1_000;
const deadlineMs = 30_000;

const typed = (text: string): string => `interface Said {
  readonly nonce?: string;
}

enum Word {
  Said = ${JSON.stringify(text)},
}

export const handler = async (
  context: { getRemainingTimeInMillis(): number },
  event: Said,
  callback: (error: null, text: string) => void,
): Promise<void> => {
  const word: string = Word.Said;
  await Promise.resolve(event);
  await new Promise((resolve) => setImmediate(resolve));
  callback(null, word + (context.getRemainingTimeInMillis() > 0 ? " in time " : " late ") + process.pid);
};
`;
/** The line of \`const word\`. */
const firstLine = 14;

interface Debugged {
  readonly project: TemporaryProject;
  readonly offhook: OffhookProcess;
  readonly address: string;
  urlOf(file: string): string;
  get(path: string): Promise<string>;
  attach(): Promise<DebuggerClient>;
}

async function debug(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  ...flags: readonly string[]
): Promise<Debugged> {
  const project = await copyProject(undefined, files);
  const allFlags = ["--inspect=0", "--timeout", `${limitMs}ms`, ...flags];
  const offhook = await startOffhook(project.folder, { verb: "dev", flags: allFlags });
  t.after(async () => {
    await offhook.stop();
    await project[Symbol.asyncDispose]();
  });
  const [started] = offhook.log;
  const address = String(started?.["debugger"]);
  return {
    project,
    offhook,
    address,
    urlOf: (file) => pathToFileURL(join(project.folder, file)).href,
    async get(path) {
      const reply = await fetch(offhook.url + path, { signal: AbortSignal.timeout(deadlineMs) });
      return `${reply.status} ${await reply.text()}`;
    },
    attach: async () => {
      const client = await DebuggerClient.attach(address);
      t.after(() => client[Symbol.asyncDispose]());
      return client;
    },
  };
}

/** A request that reports when it has reached the server. A stopping server refuses later ones. */
function post(url: string): { hasArrived: Promise<void>; reply: Promise<string> } {
  const { promise: hasArrived, resolve: arrive } = Promise.withResolvers<void>();
  const reply = new Promise<string>((resolve, reject) => {
    const headers = { expect: "100-continue", "content-type": "text/plain", "content-length": 1 };
    const request = httpRequest(url, { method: "POST", headers }, (response) => {
      readText(response).then((body) => resolve(`${response.statusCode} ${body}`), reject);
    });
    request.on("continue", () => {
      request.end("a");
      arrive();
    });
    request.on("error", reject);
    request.flushHeaders();
  });
  return { hasArrived, reply };
}

/** Waits longer than the time limit of functions, and checks that the function is still stopped. */
async function outlast(client: DebuggerClient): Promise<void> {
  const end = performance.now() + 1.6 * limitMs;
  while (performance.now() < end) await client.send("Runtime.evaluate", { expression: "1" });
}

test("a breakpoint in TypeScript stops the function and its clock, and other calls wait", async (t) => {
  const { get, attach, urlOf } = await debug(t, { "functions/typed.ts": typed("first") });
  const before = await get("/typed");
  const client = await attach();
  await client.breakAtSource(urlOf("functions/typed.ts"), firstLine + 1);
  const reply = get("/typed");
  const paused = await client.paused();
  assert.equal(await client.placeOf(paused), `${urlOf("functions/typed.ts")}:${firstLine + 1}`);
  const other = get("/typed");
  await outlast(client);
  await client.resume();
  assert.equal(await reply, before, "the same words, in time, of the same process");
  await client.paused();
  await outlast(client);
  await client.resume();
  assert.equal(await other, before);
  await client[Symbol.asyncDispose]();
  assert.equal(await get("/typed"), before);
});

test("a breakpoint after the reply stops the function too, and the isolate is reused", async (t) => {
  const early =
    "exports.handler = (context, event, callback) => {\n  callback(null, String(process.pid));\n  process.pid;\n};";
  const { get, attach, urlOf, offhook } = await debug(t, { "functions/early.js": early });
  const client = await attach();
  await client.breakAt(urlOf("functions/early.js"), 3);
  const reply = await get("/early");
  await client.paused();
  await outlast(client);
  await client.resume();
  const again = await get("/early");
  assert.equal(again, reply);
  // Node prints more lines about debuggers than users need.
  assert.doesNotMatch(JSON.stringify(offhook.log.slice(1)), /Debugger (?:listening|attached)|nodejs\.org/);
});

test("concurrent calls run one after the other in one isolate, and none is refused", async (t) => {
  const slow =
    "exports.handler = (context, event, callback) => setTimeout(() => callback(null, String(process.pid)), 200);";
  const { get } = await debug(t, { "functions/slow.js": slow });
  const replies = await Promise.all([1, 2, 3, 4].map(() => get("/slow")));
  assert.equal(new Set(replies).size, 1, replies.join());
  assert.match(replies.join(), /^200 /);
});

test("a debugger does not keep a function from ending its process", async (t) => {
  const { get, attach } = await debug(
    t,
    { "functions/exits.js": "exports.handler = () => process.exit(3);" },
    "--timeout=20s",
  );
  const client = await attach();
  const reply = get("/exits");
  await client.closed;
  assert.match(await reply, /^500 .*ended its own process/);
});

test("when the function continues, its time limit continues as well", async (t) => {
  const { get, attach, urlOf } = await debug(t, {
    "functions/hangs.js": "exports.handler = () => {\n  process.pid;\n};",
  });
  const client = await attach();
  await client.breakAt(urlOf("functions/hangs.js"), 2);
  const reply = get("/hangs");
  await client.paused();
  await outlast(client);
  await client.resume();
  assert.match(await reply, /^504 /);
});

test("breakpoints stop functions that others require, private functions, and packages", async (t) => {
  const { get, attach, urlOf } = await debug(t, {
    "functions/calls.js": `const path = Runtime.getFunctions()["own"].path;
exports.handler = (context, event, callback) => callback(null, require(path).own() + require("../lib/uses").packed());`,
    "functions/own.private.js": 'exports.own = () => {\n  return "own ";\n};',
    "lib/uses.js": 'exports.packed = require("pack").packed;',
    "lib/node_modules/pack/package.json": '{ "name": "pack", "main": "./pack.js" }',
    "lib/node_modules/pack/pack.js": 'exports.packed = () => {\n  return "packed";\n};',
  });
  const client = await attach();
  const places = ["functions/own.private.js", "lib/node_modules/pack/pack.js"];
  for (const file of places) await client.breakAt(urlOf(file), 2);
  const reply = get("/calls");
  for (const file of places) {
    assert.equal(await client.placeOf(await client.paused()), `${urlOf(file)}:2`);
    await client.resume();
  }
  assert.equal(await reply, "200 own packed");
});

test("with --inspect-brk, nothing runs before a debugger has connected, and the first call stops at its first line", async (t) => {
  const { get, attach, urlOf, offhook } = await debug(
    t,
    { "functions/typed.ts": `console.log("module scope");\n${typed("first")}` },
    "--inspect-brk=0",
  );
  const reply = get("/typed");
  const isWaiting = (line: Readonly<Record<string, unknown>>): boolean =>
    String(line["message"]).startsWith("Waiting for a debugger at 127.0.0.1:");
  await offhook.logged(isWaiting);
  const client = await attach();
  await outlast(client);
  const printed = offhook.log.filter(({ message }) => message === "module scope");
  assert.deepEqual(printed, []);
  await client.run();
  const paused = await client.paused();
  assert.equal(await client.placeOf(paused), `${urlOf("functions/typed.ts")}:${firstLine + 1}`);
  await outlast(client);
  await client.resume();
  assert.match(await reply, /^200 first in time /);
  // Only the first call stops.
  assert.match(await get("/typed"), /^200 first in time /);
  assert.equal(offhook.log.filter(isWaiting).length, 1);
});

test("if a package made the handler, it stops at the first line of the author's own code", async (t) => {
  const { get, attach, urlOf } = await debug(
    t,
    {
      "functions/wrapped.js": `const { wrap } = require("../lib/uses");
exports.handler = wrap((callback) => {
  const text = "wrapped";
  callback(null, text);
});`,
      "lib/uses.js": 'exports.wrap = require("wrapper").wrap;',
      "lib/node_modules/wrapper/package.json": '{ "name": "wrapper", "main": "./wrapper.js" }',
      "lib/node_modules/wrapper/wrapper.js":
        "exports.wrap = (inner) => async (context, event, callback) => {\n  await null;\n  inner(callback);\n};",
    },
    "--inspect-brk=0",
  );
  const reply = get("/wrapped");
  const client = await attach();
  await client.run();
  assert.equal(await client.placeOf(await client.paused()), `${urlOf("functions/wrapped.js")}:3`);
  await client.resume();
  assert.equal(await reply, "200 wrapped");
});

test("after a change, the debugger finds the new code at the same address, before any of it has run", async (t) => {
  const { get, attach, urlOf, project, address } = await debug(t, { "functions/typed.ts": typed("first") });
  const [target] = await targetsAt(address);
  assert.match(await get("/typed"), /^200 first/);
  const client = await attach();
  await project.write("functions/typed.ts", typed("second"));
  await client.closed;
  const reply = get("/typed");
  const again = await attach();
  assert.deepEqual(await targetsAt(address), [target]);
  // Editors set breakpoints after they have read the source map, and before the script runs.
  const instrumentation = "beforeScriptWithSourceMapExecution";
  await again.send("Debugger.setInstrumentationBreakpoint", { instrumentation });
  await again.run();
  assert.equal((await again.paused()).reason, "instrumentation");
  await outlast(again);
  await again.breakAtSource(urlOf("functions/typed.ts"), firstLine);
  await again.resume();
  assert.equal(await again.placeOf(await again.paused()), `${urlOf("functions/typed.ts")}:${firstLine}`);
  await again.resume();
  assert.match(await reply, /^200 second in time /);
});

test("a function that is stopped when its file changes ends with its old code, and later calls run the new code", async (t) => {
  const answering = (text: string): string =>
    `exports.handler = (context, event, callback) => {\n  callback(null, ${JSON.stringify(text)});\n};`;
  const { get, attach, urlOf, project, offhook } = await debug(t, { "functions/plain.js": answering("first") });
  const client = await attach();
  await client.breakAt(urlOf("functions/plain.js"), 2);
  const reply = get("/plain");
  await client.paused();
  await project.write("functions/plain.js", answering("second"));
  await offhook.logged(({ message }) => String(message).startsWith("A function is stopped in the debugger"));
  const next = get("/plain");
  await outlast(client);
  await client.resume();
  assert.equal(await reply, "200 first");
  await client.closed;
  const again = await attach();
  await again.run();
  assert.equal(await next, "200 second");
});

test("Offhook waits a few seconds for a debugger that lost its connection, and not for one that disconnected", async (t) => {
  const leaving = `exports.handler = (context, event, callback) => {
    setInterval(() => {}, 1000);
    callback(null, String(process.pid));
  };`;
  const { get, attach, offhook } = await debug(t, { "functions/leaving.js": leaving }, "--log-level", "debug");
  const hasGivenUp = (line: Readonly<Record<string, unknown>>): boolean =>
    String(line["message"]).startsWith("The debugger has not reconnected within");
  const polite = await attach();
  await polite[Symbol.asyncDispose]();
  const [first, second] = [await get("/leaving"), await get("/leaving")];
  assert.notEqual(first, second);
  assert.deepEqual(offhook.log.filter(hasGivenUp), []);

  // The isolate of the last call is ending, and would take a new call with it.
  const isGone = (line: Readonly<Record<string, unknown>>): boolean => line["reason"] === "leftovers";
  await offhook.logged(() => offhook.log.filter(isGone).length === 2);
  const cut = await attach();
  await get("/leaving");
  await cut.closed;
  assert.match(await get("/leaving"), /^200 /);
  await offhook.logged(hasGivenUp);
  // It does not wait again for each later call.
  await get("/leaving");
  await get("/leaving");
  assert.equal(offhook.log.filter(hasGivenUp).length, 1);
});

test("a hardened isolate can be debugged", async (t) => {
  const plain = 'exports.handler = (context, event, callback) => {\n  callback(null, "plain");\n};';
  const { get, attach, urlOf } = await debug(t, { "functions/plain.js": plain }, "--hardened");
  const client = await attach();
  await client.breakAt(urlOf("functions/plain.js"), 2);
  const reply = get("/plain");
  await client.paused();
  await outlast(client);
  await client.resume();
  assert.equal(await reply, "200 plain");
});

test("a debugger shows what functions print", async (t) => {
  const { get, attach } = await debug(t, {
    "functions/prints.js": "exports.handler = (context, event, callback) => { console.log({ said: 1 }); callback(); };",
  });
  const client = await attach();
  const shown = client.event("Runtime.consoleAPICalled");
  await client.send("Runtime.enable");
  await get("/prints");
  assert.match(JSON.stringify(await shown), /"said"/);
});

test("at shutdown, a stopped function continues to its end, and the server exits", async (t) => {
  const plain = 'exports.handler = (context, event, callback) => {\n  callback(null, "plain");\n};';
  const { get, attach, urlOf, offhook } = await debug(t, { "functions/plain.js": plain });
  const client = await attach();
  await client.breakAt(urlOf("functions/plain.js"), 2);
  const reply = get("/plain");
  await client.paused();
  assert.equal(await offhook.stop(), 0);
  assert.equal(await reply, "200 plain");
});

test("at shutdown, a function that waits for a debugger continues too", async (t) => {
  const plain = 'exports.handler = (context, event, callback) => {\n  callback(null, "plain");\n};';
  const { offhook } = await debug(t, { "functions/plain.js": plain }, "--inspect-brk=0");
  const { hasArrived, reply } = post(`${offhook.url}/plain`);
  await hasArrived;
  await offhook.logged(({ message }) => String(message).startsWith("Waiting for a debugger"));
  assert.equal(await offhook.stop(), 0);
  assert.match(await reply, /^(?:200 plain|503 )/);
});

test("an address that others can reach is accepted, with a warning", async (t) => {
  const { address, offhook, get } = await debug(t, { "functions/typed.ts": typed("here") }, "--inspect=0.0.0.0:0");
  assert.match(address, /^0\.0\.0\.0:\d+$/);
  assert.match(
    JSON.stringify(offhook.log[0]?.["warnings"]),
    /the debugger at 0\.0\.0\.0:\d+ is open to other machines/,
  );
  assert.match(String(offhook.log[0]?.["devtoolsUrl"]), /ws=127\.0\.0\.1:\d+\/[\da-f-]{36}$/);
  assert.equal((await targetsAt(address.replace("0.0.0.0", "127.0.0.1"))).length, 1);
  assert.match(await get("/typed"), /^200 here /);
});
