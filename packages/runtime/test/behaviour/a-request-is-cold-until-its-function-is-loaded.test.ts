import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeSeen, type ExchangeSeen } from "../../src/observe/channels.ts";
import { serve, until, type Site } from "../site.ts";

/** Whether each request to this path was cold, in order; undefined where no isolate had it. */
function coldness(site: Site, path: string): (boolean | undefined)[] {
  return site.requests.filter((request) => request.path === path).map(({ isCold }) => isCold);
}

test("what an isolate has to start or to load for is cold, what it has loaded is warm", async (t) => {
  const names = Array.from({ length: 40 }, (_, index) => `f${String(index).padStart(2, "0")}`);
  const files = Object.fromEntries(names.map((name) => [`functions/${name}.js`, "callback(null, 'ok')"]));
  const site = await serve(t, { ...files, "assets/a.txt": "a" }, { spares: 0 });
  // Nothing has been started yet.
  await site.call("/f00");
  // More functions than are loaded ahead: the last is not among them.
  await site.call("/f39");
  await site.call("/f39");
  await site.call("/f01");
  await site.call("/a.txt");
  await site.call("/missing");
  await until("all is told", () => site.requests.length === 6);
  assert.deepEqual(coldness(site, "/f00"), [true]);
  assert.deepEqual(coldness(site, "/f39"), [true, false]);
  assert.deepEqual(coldness(site, "/f01"), [false], "it was loaded ahead");
  assert.deepEqual([...coldness(site, "/a.txt"), ...coldness(site, "/missing")], [undefined, undefined]);
  assert.equal(site.requests[0]?.function, "f00");
});

test("after a change all is cold again, and a function that failed to load ahead is cold as well", async (t) => {
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
  await until("all is told", () => coldness(site, "/bad").length === 1);
  assert.equal(coldness(site, "/a").slice(before).includes(true), true);
  assert.deepEqual(coldness(site, "/bad"), [true]);
});

test("what a request brought is told to who asks, and made for nobody else", async (t) => {
  const site = await serve(t, { "functions/a.js": "callback(null, 'ok')" });
  const seen: ExchangeSeen[] = [];
  await site.call("/a?x=1", { form: { Body: "one" } });
  t.after(exchangeSeen.subscribe((each) => void seen.push(each)));
  await site.call("/a?x=2", { form: { Body: "two" }, headers: { "x-a": "b" } });
  await until("it is told", () => seen.length > 0);
  const [only] = seen;
  assert.equal(seen.length, 1);
  assert.equal(only?.target, "/a?x=2");
  assert.equal(Buffer.from(only.body).toString(), "Body=two");
  assert.ok(only.headers.includes("x-a"));
});

test("the address that callers use may become known while it is served", async (t) => {
  const site = await serve(t, { "functions/a.js": "callback(null, context.DOMAIN_NAME)" });
  const local = (await site.call("/a")).text;
  site.server.updatePublicUrl("https://a.example.org");
  assert.equal((await site.call("/a")).text, "a.example.org");
  site.server.updatePublicUrl(undefined);
  assert.equal((await site.call("/a")).text, local);
});
