import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startOffhook, type OffhookProcess } from "../offhook-process.ts";

let offhook: OffhookProcess;
before(async () => void (offhook = await startOffhook("examples/voice-ivr")));
after(() => offhook.stop());

async function call(path: string, parameters: Record<string, string>): Promise<string> {
  const reply = await fetch(offhook.url + path, { method: "POST", body: new URLSearchParams(parameters) });
  assert.equal(reply.status, 200);
  assert.equal(reply.headers.get("content-type"), "text/xml; charset=utf-8");
  return await reply.text();
}

test("the menu gathers one key, and hangs up on silence", async () => {
  const twiml = await call("/ivr/welcome", { From: "+12025550123" });
  assert.match(twiml, /<Gather numDigits="1" timeout="5" action="\/ivr\/menu">/);
  assert.match(twiml, /<Hangup\/><\/Response>$/);
});

test("1 dials the number in .env", async () => {
  assert.match(await call("/ivr/menu", { Digits: "1" }), /<Dial timeout="20">\+12025550147<\/Dial>/);
});

test("2 says the opening hours and hangs up", async () => {
  assert.match(await call("/ivr/menu", { Digits: "2" }), /nine to five.*<Hangup\/>/);
});

test("any other key leads back to the menu", async () => {
  assert.match(await call("/ivr/menu", { Digits: "9" }), /<Redirect>\/ivr\/welcome<\/Redirect>/);
});

test("the shared code has no URL", async () => {
  assert.equal((await fetch(`${offhook.url}/ivr/speech`)).status, 404);
});
