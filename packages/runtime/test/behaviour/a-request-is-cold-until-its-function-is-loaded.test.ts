import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeSeen, type ExchangeSeen } from "../../src/observe/channels.ts";
import { serve, until, type Site } from "../site.ts";

/** Whether each request to this path was cold, in order. Undefined if no isolate ran it. */
function coldness(site: Site, path: string): (boolean | undefined)[] {
  return site.requests.filter((request) => request.path === path).map(({ isCold }) => isCold);
}

test("a request that waits for a start or a load is cold, others are warm", async (t) => {
  const names = Array.from({ length: 40 }, (_, index) => `f${String(index).padStart(2, "0")}`);
  const files = Object.fromEntries(names.map((name) => [`functions/${name}.js`, "callback(null, 'ok')"]));
  const site = await serve(t, { ...files, "assets/a.txt": "a" }, { spares: 0 });
  // No isolate has started yet.
  await site.call("/f00");
  // There are more functions than the pool loads ahead. The last one is not loaded.
  await site.call("/f39");
  await site.call("/f39");
  await site.call("/f01");
  await site.call("/a.txt");
  await site.call("/missing");
  await until("all are logged", () => site.requests.length === 6);
  assert.deepEqual(coldness(site, "/f00"), [true]);
  assert.deepEqual(coldness(site, "/f39"), [true, false]);
  assert.deepEqual(coldness(site, "/f01"), [false], "it was loaded ahead");
  assert.deepEqual([...coldness(site, "/a.txt"), ...coldness(site, "/missing")], [undefined, undefined]);
  assert.equal(site.requests[0]?.function, "f00");
});

test("after a change every request is cold, and so is one whose function failed to load ahead", async (t) => {
  const site = await serve(t, {
    "functions/a.js": "callback(null, 'ok')",
    "functions/bad.js": "throw new Error('no'); exports.x = 1;",
  });
  await until("a spare is ready", async () => {
    await site.call("/a");
    return coldness(site, "/a").includes(false);
  });
  site.server.updateVariables({ changed: "1" });
  const before = coldness(site, "/a").length;
  await site.call("/a");
  await site.call("/bad");
  await until("all are logged", () => coldness(site, "/bad").length === 1);
  assert.equal(coldness(site, "/a").slice(before).includes(true), true);
  assert.deepEqual(coldness(site, "/bad"), [true]);
});

test("a subscriber gets a request's data, and without a subscriber it is not collected", async (t) => {
  const site = await serve(t, { "functions/a.js": "callback(null, 'ok')" });
  const seen: ExchangeSeen[] = [];
  await site.call("/a?x=1", { form: { Body: "one" } });
  t.after(exchangeSeen.subscribe((each) => void seen.push(each)));
  await site.call("/a?x=2", { form: { Body: "two" }, headers: { "x-a": "b" } });
  await until("it is published", () => seen.length > 0);
  const [only] = seen;
  assert.equal(seen.length, 1);
  assert.equal(only?.target, "/a?x=2");
  assert.equal(Buffer.from(only.body).toString(), "Body=two");
  assert.ok(only.headers.includes("x-a"));
});

test("the public URL may change while the server runs", async (t) => {
  const site = await serve(t, { "functions/a.js": "callback(null, context.DOMAIN_NAME)" });
  const local = (await site.call("/a")).text;
  site.server.updatePublicUrl("https://a.example.org");
  assert.equal((await site.call("/a")).text, "a.example.org");
  site.server.updatePublicUrl(undefined);
  assert.equal((await site.call("/a")).text, local);
});
