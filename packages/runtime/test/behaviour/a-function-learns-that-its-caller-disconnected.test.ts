import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { heldFunction, release } from "../overlap.ts";
import { serve, until, type Site } from "../site.ts";
import { open, type Raw } from "../unit/gateway/gateway-fixture.ts";

/** Prints a line when it starts and when its caller disconnects, then calls back. */
const listens = `
  console.log("begun", event.name ?? "");
  context.signal.addEventListener("abort", () => {
    const { reason } = context.signal;
    console.log("gone", event.name ?? "", reason.name, reason.code, reason instanceof Error);
    callback(null, "stopped");
  });`;

const says = (site: Site, text: string): boolean => site.output.some((line) => line.text.trim() === text);

async function caller(t: TestContext, site: Site, target: string): Promise<Raw> {
  const raw = await open(t, site.server.address);
  raw.socket.write(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
  return raw;
}

for (const [how, leave] of [
  ["closes its connection", ({ socket }: Raw) => void socket.destroy()],
  ["resets its connection", ({ socket }: Raw) => void socket.resetAndDestroy()],
] as const) {
  test(`a function with a listener learns that its caller ${how}, and its slot is free at once`, async (t) => {
    const site = await serve(
      t,
      { "functions/listens.js": listens, "functions/pid.js": "callback(null, process.pid);" },
      { concurrency: 1, spares: 0, queueTimeout: 60_000, timeout: 60_000 },
    );
    const pid = (await site.call("/pid")).text;
    const raw = await caller(t, site, "/listens");
    await until("it has begun", () => says(site, "begun"));
    leave(raw);
    await until("it knows", () => says(site, "gone  AbortError client-disconnected true"));
    // This is long before the time limit. Nothing is left, so the isolate is reused.
    assert.equal((await site.call("/pid")).text, pid);
    const left = site.requests.find(({ path }) => path === "/listens");
    assert.equal(left?.code, "client-disconnected");
    assert.equal(left?.status, 200);
    assert.deepEqual(site.ended, []);
  });
}

test("without a listener, a function runs to its end or its limit, and then the next one runs", async (t) => {
  const site = await serve(
    t,
    {
      "functions/slow.js": heldFunction(`console.log("done")`),
      "functions/hangs.js": `console.log("hangs");`,
      "functions/hello.js": `callback(null, "hello");`,
    },
    { concurrency: 1, queueTimeout: 60_000, timeout: 1_500 },
  );
  const slow = await caller(t, site, "/slow");
  await until("it has begun", () => says(site, "begun"));
  slow.socket.resetAndDestroy();
  const next = site.call("/hello");
  // When the server answers later connections, it has read the end of this one.
  for (let count = 0; count < 2; count++) assert.equal((await site.call("/nope")).status, 404);
  assert.ok(!says(site, "done"));
  await release(site.folder);
  assert.equal((await next).text, "hello");
  assert.ok(says(site, "done"));
  assert.equal(site.requests.find(({ path }) => path === "/slow")?.code, "client-disconnected");

  const hangs = await caller(t, site, "/hangs");
  await until("it hangs", () => says(site, "hangs"));
  hangs.socket.resetAndDestroy();
  assert.equal((await site.call("/hello")).text, "hello");
  const hung = site.requests.find(({ path }) => path === "/hangs");
  assert.equal(hung?.code, "handler-timed-out");
  assert.match(hung?.detail ?? "", /client-disconnected$/);
});

test("a complete request runs although its caller left before its turn, and its signal is aborted from the start", async (t) => {
  const site = await serve(
    t,
    {
      "functions/first.js": `console.log("first");
        context.signal.addEventListener("abort", () => callback(null, ""));`,
      "functions/late.js": `console.log("late", context.signal.aborted, context.signal.reason?.code); callback(null, "");`,
    },
    { concurrency: 1, spares: 0, queueTimeout: 60_000, timeout: 60_000 },
  );
  const first = await caller(t, site, "/first");
  await until("the first runs", () => says(site, "first"));
  const late = await caller(t, site, "/late");
  // The server has accepted this request once it answers a later one on another connection.
  assert.equal((await site.call("/nope")).status, 404);
  late.socket.resetAndDestroy();
  await until("it is gone", () => late.socket.destroyed);
  assert.equal((await site.call("/nope")).status, 404);
  first.socket.resetAndDestroy();
  await until("the late one got the signal", () => says(site, "late true client-disconnected"));
});

test("a caller that closes only its sending half still gets its reply", async (t) => {
  const site = await serve(t, { "functions/slow.js": heldFunction(`"aborted: " + context.signal.aborted`) });
  const raw = await caller(t, site, "/slow");
  await until("it runs", () => says(site, "begun"));
  raw.socket.end();
  // When the server answers a later connection, it has read the end of this one.
  for (let count = 0; count < 2; count++) assert.equal((await site.call("/nope")).status, 404);
  await release(site.folder);
  assert.match(await raw.closed(), /HTTP\/1\.1 200 OK\r\n[^]*aborted: false$/);
  assert.equal(site.requests.find(({ path }) => path === "/slow")?.code, undefined);
});

test("in a shared isolate, only the invocation whose caller left gets the signal", async (t) => {
  const site = await serve(
    t,
    { "functions/listens.js": listens },
    { isolateConcurrency: 2, reuse: "always", spares: 1, timeout: 60_000 },
  );
  const one = await caller(t, site, "/listens?name=one");
  const two = await caller(t, site, "/listens?name=two");
  await until("both run", () => says(site, "begun one") && says(site, "begun two"));
  two.socket.resetAndDestroy();
  await until("it knows", () => says(site, "gone two AbortError client-disconnected true"));
  assert.ok(!says(site, "gone one AbortError client-disconnected true"));
  one.socket.resetAndDestroy();
  await until("it knows", () => says(site, "gone one AbortError client-disconnected true"));
});

test("a listener that throws fails its own invocation and nothing else", async (t) => {
  const site = await serve(
    t,
    {
      "functions/throws.js": `console.log("begun");
        context.signal.addEventListener("abort", () => { throw new Error("in the listener"); });`,
      "functions/hello.js": `callback(null, "hello");`,
    },
    { timeout: 60_000 },
  );
  const raw = await caller(t, site, "/throws");
  await until("it has begun", () => says(site, "begun"));
  raw.socket.resetAndDestroy();
  await until("it has failed", () => site.requests.length === 1);
  assert.equal(site.requests[0]?.code, "handler-threw");
  assert.match(site.requests[0]?.detail ?? "", /in the listener[^]*client-disconnected$/);
  assert.equal((await site.call("/hello")).text, "hello");
});

test("the signal is not listed, copied or printed, and can be read by name", async (t) => {
  const looks = `
    const { inspect } = require("node:util");
    const before = [Object.keys(context), JSON.stringify(context), { ...context }.signal, inspect(context).includes("signal")];
    const { signal } = context;
    const isSame = signal === context.signal && signal instanceof AbortSignal && !signal.aborted;
    const seenThrough = [Object.create(context).signal, new Proxy(context, {}).signal];
    context.signal = "mine";
    callback(null, { before, isSame, seenThrough, assigned: context.signal, plain: Object.getPrototypeOf(context) === Object.prototype });`;
  const site = await serve(t, { "functions/looks.js": looks });
  const seen = (await site.call("/looks")).json() as Record<string, unknown>;
  const [keys, json, spread, isShown] = seen["before"] as [string[], string, unknown, boolean];
  assert.deepEqual(keys, ["DOMAIN_NAME", "PATH", "SERVICE_SID", "ENVIRONMENT_SID", "getTwilioClient"]);
  assert.doesNotMatch(json, /signal/);
  assert.equal(spread, null);
  assert.equal(isShown, false);
  assert.deepEqual(seen["seenThrough"], [null, null]);
  const { isSame, assigned, plain } = seen;
  assert.deepEqual({ isSame, assigned, plain }, { isSame: true, assigned: "mine", plain: true });
  // The next invocation has its own signal again.
  assert.equal(((await site.call("/looks")).json() as { isSame: boolean }).isSame, true);
  assert.deepEqual(site.ended, []);
});

test("a variable of the same name wins", async (t) => {
  const site = await serve(t, {
    ".env": "signal=green\n",
    "functions/looks.js": `callback(null, [context.signal, Object.keys(context).includes("signal")]);`,
  });
  assert.deepEqual((await site.call("/looks")).json(), ["green", true]);
});

test("fetch and timers with the signal end when the caller leaves, and leave nothing", async (t) => {
  const site = await serve(
    t,
    {
      "functions/waits.js": `
        const { setTimeout } = require("node:timers/promises");
        exports.handler = async (context, event, callback) => {
          console.log("begun");
          await setTimeout(60_000, null, { signal: context.signal }).catch((error) => console.log(error.name));
          callback(null, process.pid);
        };`,
      "functions/pid.js": "callback(null, process.pid);",
    },
    { concurrency: 1, spares: 0, queueTimeout: 60_000, timeout: 60_000 },
  );
  const pid = (await site.call("/pid")).text;
  const raw = await caller(t, site, "/waits");
  await until("it has begun", () => says(site, "begun"));
  raw.socket.resetAndDestroy();
  assert.equal((await site.call("/pid")).text, pid);
  assert.ok(says(site, "AbortError"));
});
