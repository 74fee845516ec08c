import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { startOffhook, type OffhookProcess } from "../offhook-process.ts";

let offhook: OffhookProcess;
before(async () => void (offhook = await startOffhook("examples/studio-run-function")));
after(() => offhook.stop());

/** Calls like Studio: a signed form. */
function run(path: string, parameters: Record<string, string>): Promise<Response> {
  const signed = offhook.url + path + Object.entries(parameters).flat().join("");
  const signature = createHmac("sha1", "not-a-real-token").update(signed).digest("base64");
  return fetch(offhook.url + path, {
    method: "POST",
    body: new URLSearchParams(parameters),
    headers: { "x-twilio-signature": signature },
  });
}

test("a flow can branch on whether we are open", async () => {
  for (const [at, open] of [
    ["2030-05-06T10:00:00Z", true],
    ["2030-05-06T17:00:00Z", false],
    ["2030-05-05T10:00:00Z", false],
  ] as const) {
    const reply = await run("/opening-hours", { at });
    // Studio parses a reply only if its type is JSON and it is an object.
    assert.equal(reply.headers.get("content-type"), "application/json");
    assert.equal(((await reply.json()) as { open: boolean }).open, open, at);
  }
});

test("a widget with an invalid parameter takes the fail exit", async () => {
  const reply = await run("/opening-hours", { at: "tomorrow" });
  assert.equal(reply.status, 500);
  assert.equal(await reply.text(), "`at` is not a date");
});

test("Twilio gets a customer's data", async () => {
  const known = await run("/customer", { phone: "+12025550123" });
  assert.deepEqual(await known.json(), { known: true, name: "Ada", tier: "gold" });
  const unknown = await run("/customer", { phone: "+12025550100" });
  assert.deepEqual(await unknown.json(), { known: false });
});

test("other callers do not get a customer's data", async () => {
  const body = new URLSearchParams({ phone: "+12025550123" });
  const reply = await fetch(`${offhook.url}/customer`, { method: "POST", body });
  assert.equal(reply.status, 403);
  assert.equal((await fetch(`${offhook.url}/customers.json`)).status, 404);
});
