import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startOffhook, type OffhookProcess } from "../offhook-process.ts";

let offhook: OffhookProcess;
before(async () => void (offhook = await startOffhook("examples/json-api")));
after(() => offhook.stop());

function quote(body: unknown): Promise<Response> {
  return fetch(`${offhook.url}/api/quote`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

test("the page and all files that it loads are served", async () => {
  for (const path of ["/index.html", "/style.css", "/page.js"]) {
    assert.equal((await fetch(offhook.url + path)).status, 200, path);
  }
});

test("products are found by a part of their name", async () => {
  const all = (await (await fetch(`${offhook.url}/api/products`)).json()) as unknown[];
  assert.equal(all.length, 3);
  const found = (await (await fetch(`${offhook.url}/api/products?search=CAKE`)).json()) as unknown[];
  assert.deepEqual(found, [{ id: "cake", name: "Plum cake", cents: 520 }]);
});

test("a quote adds up", async () => {
  const reply = await quote({
    items: [
      { id: "tea", count: 2 },
      { id: "mint", count: 1 },
    ],
  });
  assert.deepEqual(await reply.json(), { cents: 1290 });
});

test("a wrong request is answered with its own status", async () => {
  assert.equal((await quote({ items: "tea" })).status, 400);
  const reply = await quote({ items: [{ id: "coffee", count: 1 }] });
  assert.equal(reply.status, 404);
  assert.equal(reply.headers.get("content-type"), "application/json");
});

test("the data and the shared code have no URL", async () => {
  for (const path of ["/products.json", "/catalogue"]) {
    assert.equal((await fetch(offhook.url + path)).status, 404, path);
  }
});
