import assert from "node:assert/strict";
import { test } from "node:test";
import type { Settings } from "../../src/settings/settings.ts";
import { serve, until, type Site } from "../site.ts";

const names = ["a", "b", "c", "d"];
/** Answers with its process ID and with the functions whose files that process has loaded. */
const report = `
  const { basename } = require('path');
  console.log('loaded');
  exports.handler = (context, event, callback) => {
    const reply = () => callback(null, {
      pid: process.pid,
      loaded: Object.keys(require.cache).filter((file) => file.includes('/functions/')).map((file) => basename(file, '.js')),
    });
    if (event.leave) setInterval(() => {}, 1000);
    if (event.ms) setTimeout(reply, Number(event.ms));
    else reply();
  };`;
const files = Object.fromEntries(names.map((name) => [`functions/${name}.js`, report]));

interface Report {
  readonly pid: number;
  readonly loaded: readonly string[];
}

async function reportOf(site: Site, path: string): Promise<Report> {
  const answer = await site.call(path);
  assert.equal(answer.status, 200, answer.text);
  return answer.json() as Report;
}

/** Calls all functions at once, again and again. @returns the functions that each process ran */
async function hammer(site: Site, rounds: number, callers: number): Promise<Map<number, Set<string>>> {
  const seen = new Map<number, Set<string>>();
  const call = async (caller: number): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      const name = names[(caller + round) % names.length] as string;
      const query = round % 7 === 3 ? "?ms=5" : round % 13 === 5 ? "?leave=1" : "";
      const { pid, loaded } = await reportOf(site, `/${name}${query}`);
      seen.set(pid, (seen.get(pid) ?? new Set()).add(name));
      for (const each of loaded) seen.get(pid)?.add(each);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
  return seen;
}

const separate: Readonly<Record<string, Partial<Settings>>> = {
  "isolatePer: function": { isolatePer: "function" },
  "a limit below the number of functions": { isolatePer: "function", concurrency: 2, spares: 1, queueTimeout: 60_000 },
  "no spares": { isolatePer: "function", concurrency: 3, spares: 0, queueTimeout: 60_000 },
  "several invocations in an isolate": { isolatePer: "function", isolateConcurrency: 4, spares: 2 },
  hardened: { hardened: true },
};

for (const [name, settings] of Object.entries(separate)) {
  test(`no process runs or loads two functions: ${name}`, async (t) => {
    const site = await serve(t, files, settings);
    const seen = await hammer(site, 20, 6);
    for (const [pid, functions] of seen) assert.equal(functions.size, 1, `process ${pid}: ${[...functions].join()}`);
  });
}

test("isolates are shared by default, and with hardened if the setting says so", async (t) => {
  for (const settings of [{}, { hardened: true, isolatePer: "service" }] as const) {
    const site = await serve(t, files, { ...settings, spares: 0 });
    const first = await reportOf(site, "/a");
    const pids = new Set([first.pid]);
    for (let i = 0; i < 5; i++) for (const each of names) pids.add((await reportOf(site, `/${each}`)).pid);
    assert.ok(pids.size < names.length, `${pids.size} processes`);
  }
});

test("a spare loads no function before it gets one", async (t) => {
  const site = await serve(t, files, { isolatePer: "function", spares: 3 });
  await reportOf(site, "/a");
  await reportOf(site, "/b");
  const count = (): number => site.output.filter(({ text }) => text === "loaded").length;
  await until("both have printed", () => count() >= 2);
  assert.equal(count(), 2);
});

test("a function is warm at its second call", async (t) => {
  const site = await serve(t, files, { isolatePer: "function" });
  const first = await reportOf(site, "/a");
  await until("it is at rest", () => site.requests.length > 0);
  await reportOf(site, "/b");
  const again = new Set<number>();
  for (let i = 0; i < 5; i++) again.add((await reportOf(site, "/a")).pid);
  assert.ok(again.has(first.pid), `${first.pid} is not among ${[...again].join()}`);
});

test("at the limit, an idle isolate of another function ends", async (t) => {
  const site = await serve(t, files, { isolatePer: "function", concurrency: 1, spares: 0, queueTimeout: 60_000 });
  const pids = new Set<number>();
  for (const name of [...names, ...names]) pids.add((await reportOf(site, `/${name}`)).pid);
  assert.equal(pids.size, 2 * names.length);
  await until("they have ended", () => site.ended.length >= pids.size - 1);
  assert.deepEqual(new Set(site.ended.map(({ reason }) => reason)), new Set(["idle"]));
  assert.equal(site.ended[0]?.detail, "another function needed its place");
});

test("a function that is called all the time does not keep another from running", async (t) => {
  const site = await serve(t, files, { isolatePer: "function", concurrency: 2, spares: 0, queueTimeout: 60_000 });
  const stop = { isRequested: false };
  const callers = [0, 1, 2, 3].map(async () => {
    while (!stop.isRequested) await reportOf(site, "/a?ms=2");
  });
  await until("it is busy", () => site.requests.length > 20);
  await reportOf(site, "/b");
  await reportOf(site, "/c");
  stop.isRequested = true;
  await Promise.all(callers);
});

test("a function may still load the file of another", async (t) => {
  const site = await serve(
    t,
    {
      "functions/other.js":
        "exports.answer = () => 'from other'; exports.handler = (c, e, callback) => callback(null, 'other');",
      "functions/asks.js": "callback(null, require(Runtime.getFunctions().other.path).answer());",
    },
    { isolatePer: "function" },
  );
  assert.equal((await site.call("/asks")).text, "from other");
  assert.equal((await site.call("/other")).text, "other");
});

/** Also reads the pipe that invocations arrive on. */
const hostile = `
  const { Socket } = require('net');
  let kept = '';
  exports.handler = (context, event, callback) => {
    for (const handle of process._getActiveHandles()) {
      if (handle instanceof Socket) handle.prependListener('data', (chunk) => void (kept += chunk));
    }
    callback(null, /x-secret/i.test(kept) ? 'read' : 'nothing');
  };`;

test("a hostile function does not read the requests of others", async (t) => {
  const victim = "callback(null, event.request.headers['x-secret']);";
  for (const [isolatePer, expected] of [
    // This shows that the attack works.
    ["service", "read"],
    ["function", "nothing"],
  ] as const) {
    const site = await serve(
      t,
      { "functions/hostile.js": hostile, "functions/victim.js": victim },
      { isolatePer, spares: 0 },
    );
    const read = new Set<string>();
    for (let i = 0; i < 5; i++) {
      read.add((await site.call("/hostile")).text);
      assert.equal((await site.call("/victim", { headers: { "X-Secret": "mine" } })).text, "mine");
    }
    assert.equal(read.has("read") ? "read" : "nothing", expected);
  }
});
