import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startOffhook, type OffhookProcess } from "../offhook-process.ts";

let offhook: OffhookProcess;
before(async () => void (offhook = await startOffhook("examples/hello")));
after(() => offhook.stop());

test("the first function answers in JSON", async () => {
  const reply = await fetch(`${offhook.url}/hello`);
  assert.equal(reply.status, 200);
  assert.equal(reply.headers.get("content-type"), "application/json");
  assert.deepEqual(await reply.json(), { message: "Hello, World" });
});

test("it takes a name from the query, from a form and from JSON", async () => {
  const calls = [
    fetch(`${offhook.url}/hello?name=Ada`),
    fetch(`${offhook.url}/hello`, { method: "POST", body: new URLSearchParams({ name: "Ada" }) }),
    fetch(`${offhook.url}/hello`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "Ada" }),
    }),
  ];
  for (const reply of await Promise.all(calls)) assert.deepEqual(await reply.json(), { message: "Hello, Ada" });
});

test("the second function answers in text", async () => {
  const reply = await fetch(`${offhook.url}/hello-text`);
  assert.equal(reply.headers.get("content-type"), "text/plain; charset=utf8");
  assert.equal(await reply.text(), "Hello, World");
});

test("every link of the page has a target", async () => {
  const reply = await fetch(`${offhook.url}/index.html`);
  assert.equal(reply.headers.get("content-type"), "text/html; charset=utf-8");
  const links = [...(await reply.text()).matchAll(/href="([^"]+)"/g)].map((match) => match[1] ?? "");
  assert.ok(links.length >= 3);
  for (const link of links) assert.equal((await fetch(offhook.url + link)).status, 200, link);
});
