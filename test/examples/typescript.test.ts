import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startOffhook, type OffhookProcess } from "../offhook-process.ts";

let offhook: OffhookProcess;
before(async () => void (offhook = await startOffhook("examples/typescript")));
after(() => offhook.stop());

test("the price is in euros, and uses an enum, an alias, JSON and a private function", async () => {
  const reply = await fetch(`${offhook.url}/price?size=large`);
  assert.equal(reply.status, 200);
  assert.deepEqual(await reply.json(), { size: "large", price: "€4.00" });
});

test("an unknown size is rejected", async () => {
  const reply = await fetch(`${offhook.url}/price?size=huge`);
  assert.equal(reply.status, 500);
  assert.match(await reply.text(), /There is no size huge/);
});

test("the private function has no URL", async () => {
  assert.equal((await fetch(`${offhook.url}/money`)).status, 404);
});
