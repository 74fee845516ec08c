/**
 * Each row is one way in which a function can go wrong. One check covers all rows: the caller gets the ledger's reply.
 * The log has the code and the reason why the isolate ended. The invocation that runs beside it gets its own reply. The
 * next requests are served.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { ledger, type ReplyErrorCode } from "../src/errors.ts";
import type { IsolateEndReason } from "../src/observe/channels.ts";
import type { Settings } from "../src/settings/settings.ts";
import { serve, until, type Answer, type Site } from "./site.ts";

export interface Fault {
  /** The body of the handler, or a whole file if it mentions `exports`. */
  readonly does: string;
  /** The status, and the code of the ledger if there is one: `500 handler-threw`. */
  readonly gets: "200" | `${number}` | `${number} ${ReplyErrorCode}`;
  /** A string or a pattern for the text, anything else for the JSON. Default: the ledger's message. */
  readonly body?: unknown;
  /** Why the isolate ends, or that it is kept. A list if that depends on how busy the machine is. */
  readonly isolate: IsolateFate | readonly IsolateFate[];
  /** How the log describes that end: the leftovers, or the way it died. */
  readonly why?: RegExp;
  /** The detail of the request in the log. */
  readonly detail?: RegExp;
  /** Output of the function, or Offhook's note in place of it. */
  readonly prints?: RegExp;
  /** Further checks of the caller's reply. */
  readonly sees?: (answer: Answer) => void;
  /** The next call fails in the same way, because the fault cannot be left out. */
  readonly next?: "the same";
  /** The method of the request, if it is not GET. */
  readonly method?: "HEAD";
}

type IsolateFate = "kept" | IsolateEndReason;

export type Faults = Readonly<Record<string, Fault>>;

/** Time in which an isolate must be replaced, on a busy machine. */
const nextWithinMs = 5_000;
/** The highest number of isolates after all rows: those in use, a spare, and some that are just ending. */
const isolatesAtRest = 6;

/** Makes a test from the table. */
export function testFaults(title: string, faults: Faults, settings: Partial<Settings> = {}): void {
  test(title, async (t) => {
    const site = await serveFaults(t, faults, settings);
    for (const [i, [name, fault]] of Object.entries(faults).entries()) {
      await t.test(name, () => assertCostsOnlyItself(site, `f${i}`, fault));
    }
    await until("isolates have not piled up", () => countChildren() <= isolatesAtRest);
  });
}

async function serveFaults(t: TestContext, faults: Faults, settings: Partial<Settings>): Promise<Site> {
  const functions = Object.values(faults).map(({ does }, i) => [
    `functions/f${i}.js`,
    /\bexports\b/.test(does) ? does : calmable(does),
  ]);
  return await serve(
    t,
    {
      ...(Object.fromEntries(functions) as Record<string, string>),
      "functions/hello.js": hello,
      "functions/beside.js": beside,
    },
    settings,
  );
}

/** Makes a function that can also be called without its fault. */
function calmable(does: string): string {
  return `exports.handler = (context, event, callback) => {
    if (event.calm) return callback(null, event.calm);
    ${does}
  };`;
}

/** Checks that the language and the process are unchanged. If they are not, its reply is wrong. */
const hello = `
  const folder = process.cwd();
  exports.handler = (context, event, callback) => {
    const words = ['hello'];
    words.push(event.nonce);
    const seen = JSON.parse(JSON.stringify({ text: words.map(String).join(' ') }));
    if (process.cwd() !== folder) seen.text += ' in ' + process.cwd();
    setTimeout(() => Promise.resolve(seen).then(({ text }) => callback(null, text)), 1);
  };`;

/** Runs until the gate file exists, but not long enough to time out itself. */
const beside = `
  const { existsSync } = require('fs');
  exports.handler = (context, event, callback) => {
    console.log('under way', event.nonce);
    const end = Date.now() + 300;
    const timer = setInterval(() => {
      if (Date.now() < end && !existsSync(event.gate)) return;
      clearInterval(timer);
      callback(null, event.nonce);
    }, 5);
  };`;

let nonces = 0;

/** The whole check of one row. */
async function assertCostsOnlyItself(site: Site, name: string, fault: Fault): Promise<void> {
  const endBeside = await runBeside(site);
  const answer = await site.call(`/${name}`, fault.method && { method: fault.method });
  const requestId = String(answer.headers["x-offhook-request-id"]);
  await assertLogged(site, requestId, fault);
  await endBeside();
  await assertServes(site, name, fault);
  assertAnswered(answer, fault);
  const ended = site.ended.find((end) => end.requestId === requestId);
  const fate = ended?.reason ?? "kept";
  assert.ok(fatesOf(fault).includes(fate), `its isolate: ${fate}, ${ended?.detail}`);
}

function fatesOf({ isolate }: Fault): readonly IsolateFate[] {
  return typeof isolate === "string" ? [isolate] : isolate;
}

function assertAnswered(answer: Answer, { gets, body, sees, method }: Fault): void {
  const [status, code] = gets.split(" ") as [string, ReplyErrorCode?];
  assert.equal([answer.status, answer.headers["x-offhook-error"]].join(" ").trim(), gets, answer.text.slice(0, 200));
  const expected = body ?? (code === undefined ? undefined : ledger[code].message);
  if (method === "HEAD" || status === "204" || status === "304") assert.equal(answer.text, "");
  else if (expected instanceof RegExp) assert.match(answer.text, expected);
  else if (typeof expected === "string") assert.equal(answer.text, expected);
  else if (expected !== undefined) assert.deepEqual(answer.json(), expected);
  sees?.(answer);
}

/** Checks the log: the request, its code, the output, and why the isolate ended. */
async function assertLogged(site: Site, requestId: string, fault: Fault): Promise<void> {
  const [status, code] = fault.gets.split(" ");
  const request = () => site.requests.find((one) => one.requestId === requestId);
  await until("the request is in the log", () => request() !== undefined);
  assert.equal(request()?.code, code);
  assert.equal(request()?.status, Number(status));
  if (fault.detail !== undefined) assert.match(request()?.detail ?? "", fault.detail);
  const { prints } = fault;
  if (prints !== undefined) {
    const printed = () => site.output.filter((one) => one.requestId === requestId).map(({ text }) => text);
    await until(`its output is in the log: ${String(prints)}`, () => prints.test(printed().join("\n")));
  }
  if (fatesOf(fault).includes("kept")) return;
  const ended = () => site.ended.find((one) => one.requestId === requestId);
  await until(`the end of its isolate is in the log: ${fatesOf(fault).join()}`, () => ended() !== undefined);
  assert.match(ended()?.detail ?? "", fault.why ?? /(?:)/);
}

/** Keeps another isolate busy, so that another invocation is running whenever the fault happens. */
async function runBeside(site: Site): Promise<() => Promise<void>> {
  const gate = join(site.folder, `gate${nonces++}`);
  const stop = { isRequested: false };
  let first = "";
  const run = async (): Promise<void> => {
    while (!stop.isRequested) {
      const nonce = `beside${nonces++}`;
      first ||= nonce;
      const { status, text } = await site.call(`/beside?nonce=${nonce}&gate=${encodeURIComponent(gate)}`);
      assert.equal(`${status} ${text}`, `200 ${nonce}`, "the invocation that ran beside it");
    }
  };
  const all = run();
  // The caller awaits `all` later and gets the error there.
  all.catch(() => {});
  await until("another invocation is running", () => site.output.some(({ text }) => text === `under way ${first}`));
  return async () => {
    stop.isRequested = true;
    writeFileSync(gate, "");
    await all;
  };
}

async function assertServes(site: Site, name: string, { gets, next }: Fault): Promise<void> {
  const from = performance.now();
  const nonce = `n${nonces++}`;
  const [same, other] = await Promise.all([site.call(`/${name}?calm=${nonce}`), site.call(`/hello?nonce=${nonce}`)]);
  assert.equal(other.text, `hello ${nonce}`, "the next request, to another function");
  if (next === undefined) assert.equal(same.text, nonce, "the next request, to the same function");
  else assert.equal([same.status, same.headers["x-offhook-error"]].join(" ").trim(), gets);
  assert.ok(performance.now() - from < nextWithinMs, "the next requests did not wait for long");
}

function countChildren(): number {
  return readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").length;
}
