/** Hints about the request, not the code: a parameter named `request`, and a WebSocket. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GivenHint } from "../../src/observe/channels.ts";
import { serve, until, type CallOptions } from "../site.ts";

const files = {
  "functions/reads.js":
    "exports.handler = (context, event, callback) => {\n  // event.request.headers in a comment\n" +
    '  callback(null, event.request.headers["x-signature"]);\n};',
  "functions/echo.js": "callback(null, event.request);",
  "assets/a.txt": "an asset",
};
const replaced = /`request` replaces the request's headers and cookies in event\.request/;
const json = (body: unknown): CallOptions => ({ json: body });

const replacing: readonly (readonly [source: string, query: string, call: CallOptions, value: unknown])[] = [
  ["JSON body", "", json({ request: { id: "r" } }), { id: "r" }],
  ["JSON body", "?request=q", json({ request: ["j"] }), ["j"]],
  ["JSON body", "", json({ request: { headers: {}, cookies: {} } }), { headers: {}, cookies: {} }],
  ["form", "?request=q", { form: { request: "f" } }, "f"],
  ["query", "?request=q", {}, "q"],
  ["query", "?request=q&request=r", json({ other: 1 }), ["q", "r"]],
];

test("a parameter named request keeps its value, and a hint says what it hides", async (t) => {
  const site = await serve(t, files, {}, true);
  for (const [source, query, call, value] of replacing) {
    site.hints.length = 0;
    const name = `${source} ${query}`;
    const answer = await site.call(`/echo${query}`, call);
    assert.equal(answer.status, 200, name);
    assert.equal(answer.text, typeof value === "string" ? value : JSON.stringify(value), name);
    await until("the hint is published", () => site.hints.length > 0);
    const [hint, ...others] = site.hints.flatMap(({ hints }) => hints);
    assert.deepEqual(others, [], name);
    assert.match(hint?.text ?? "", replaced, name);
    assert.ok(hint?.text.startsWith(`The ${source}'s `), name);
    assert.equal(hint?.line, undefined, "the function reads neither headers nor cookies");
  }
  const failed = await site.call("/reads", json({ request: { id: "r" } }));
  assert.equal(failed.status, 500);
  const { hints } = failed.json() as { hints: GivenHint[] };
  assert.match(hints[0]?.text ?? "", replaced);
  assert.deepEqual([hints[0]?.file, hints[0]?.line], ["functions/reads.js", 3]);
});

test("without such a parameter there is no hint", async (t) => {
  const site = await serve(t, files, {}, true);
  for (const call of [{}, json({ Request: 1 }), json({ a: { request: 1 } }), { form: { "request[a]": "1" } }]) {
    assert.equal((await site.call("/echo", call)).status, 200);
  }
  await site.call("/echo", { body: "request=1", headers: { "content-type": "text/plain" } });
  assert.equal((await site.call("/reads", { headers: { "X-Signature": "abc" } })).text, "abc");
  assert.deepEqual(site.hints, []);
});

const upgrade = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" };

test("a request for a WebSocket has a hint in the log", async (t) => {
  const site = await serve(t, files, {}, true);
  for (const path of ["/echo", "/a.txt"]) {
    assert.equal((await site.call(path, { headers: upgrade })).status, 426);
    const [hint] = site.requests.at(-1)?.hints ?? [];
    assert.match(hint?.text ?? "", /^Functions and assets do not support WebSockets/);
  }
});

test("with start there is neither hint", async (t) => {
  const site = await serve(t, files);
  assert.equal((await site.call("/echo", { headers: upgrade })).status, 426);
  assert.equal((await site.call("/echo?request=q")).text, "q");
  assert.equal((await site.call("/reads", json({ request: {} }))).status, 500);
  assert.deepEqual(site.hints, []);
  assert.ok(site.requests.every(({ hints }) => hints === undefined));
});
