/** The whole server, as `offhook start` runs it. One connection is hostile, the others are ordinary. */
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test, type TestContext } from "node:test";
import { startLog } from "../../src/observe/log.ts";
import { heldFunction, release } from "../overlap.ts";
import { serve, until, type Site } from "../site.ts";
import { open, type Raw } from "../unit/gateway/gateway-fixture.ts";

const files = {
  "functions/hello.js": `callback(null, "<" + (event.n ?? "") + ">");`,
  "functions/slow.js": `setTimeout(() => callback(null, "slow"), 100);`,
};

async function connections(t: TestContext, site: Site, count: number): Promise<Raw[]> {
  return Promise.all(Array.from({ length: count }, () => open(t, site.server.address)));
}

/** The log as operators read it. */
function logOf(t: TestContext): () => string {
  const stream = new PassThrough();
  let text = "";
  stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  t.after(startLog({ format: "text", level: "info", accessLog: false, stream }));
  return () => text;
}

test("two hundred slow heads and bodies time out as the settings say, and others are served meanwhile", async (t) => {
  const site = await serve(t, files, { headTimeout: 300, requestTimeout: 600 });
  const slow = await connections(t, site, 200);
  for (const [index, { socket }] of slow.entries()) {
    const head =
      index % 2 === 0 ? "GET /hello HTTP/1.1\r\nX-" : "POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc";
    socket.write(head);
  }
  for (let count = 0; count < 20; count++) assert.equal((await site.call(`/hello?n=${count}`)).text, `<${count}>`);
  for (const raw of slow) assert.match(await raw.closed(), /^HTTP\/1\.1 408 [^]*request-timed-out/);
  await until("the log has all", () => site.requests.filter(({ code }) => code === "request-timed-out").length === 200);
  assert.equal((await site.call("/hello?n=1")).text, "<1>");
});

test("connections over the limit are closed, idle ones are closed first, and the log has one line about it", async (t) => {
  const log = logOf(t);
  const site = await serve(t, { ...files, "functions/waits.js": heldFunction("'done'") }, { connectionLimit: 2 });
  const waiting = await connections(t, site, 2);
  for (const { socket } of waiting) socket.write("GET /waits HTTP/1.1\r\nHost: h\r\n\r\n");
  await until("both requests wait", () => site.output.filter(({ text }) => text.trim() === "begun").length === 2);
  for (const raw of await connections(t, site, 30)) assert.equal(await raw.closed(), "");
  await release(site.folder);
  for (const raw of waiting) assert.match(await raw.until(/done$/), /^HTTP\/1\.1 200 /);
  // Both connections are idle now. The next client gets in, perhaps after one more was refused.
  await until("a client gets in", () => {
    void site.call("/hello?n=again").catch(() => undefined);
    return site.requests.some(({ path }) => path === "/hello");
  });
  assert.match(log(), /too-many-connections/);
  assert.match(log(), /connectionLimit/);
  assert.ok(log().split("too-many-connections").length < 5);
});

test("an idle connection is closed after the time in the setting", async (t) => {
  const site = await serve(t, files, { keepAliveTimeout: 50 });
  const [raw] = await connections(t, site, 1);
  raw?.socket.write("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  assert.match((await raw?.closed()) ?? "", /^HTTP\/1\.1 200 [^]*<>$/);
});

test("a hundred pipelined requests run and are answered in order, and others run with them", async (t) => {
  const site = await serve(t, files);
  const [raw] = await connections(t, site, 1);
  const row = Array.from(
    { length: 100 },
    (_, index) => `GET /hello?n=${index} HTTP/1.1\r\nHost: h\r\n${index === 99 ? "Connection: close\r\n" : ""}\r\n`,
  );
  raw?.socket.write(row.join(""));
  const [reply, other] = await Promise.all([raw?.closed(), site.call("/hello?n=other")]);
  assert.equal(other.status === 200 || other.status === 429, true);
  // Thirty run at once, and the others wait for a tenth of a second. A request that waits longer gets a 429 in its
  // place.
  const statuses = [...(reply ?? "").matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status);
  assert.equal(statuses.length, 100);
  const bodies = [...(reply ?? "").matchAll(/<(\d+)>/g)].map(([, index]) => Number(index));
  assert.deepEqual(
    bodies,
    bodies.toSorted((a, b) => a - b),
  );
  assert.equal(bodies.length, statuses.filter((status) => status === "200").length);
});

test("a client that pipelines slow functions without end gets 429, and the server stops reading", async (t) => {
  const site = await serve(t, files, { concurrency: 2, queueTimeout: 0 });
  const [raw] = await connections(t, site, 1);
  raw?.socket.pause();
  const flood = "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n".repeat(1_000);
  for (let count = 0; count < 200; count++) raw?.socket.write(flood);
  await until("some requests are refused", () => site.requests.some(({ code }) => code === "too-many-invocations"));
  let seen = -1;
  await until("the server accepts no more", () => {
    const isStill = seen === site.requests.length && site.requests.length > 0;
    seen = site.requests.length;
    return isStill;
  });
  assert.ok(seen < 100_000, `${seen} of 200,000 were taken`);
  raw?.socket.destroy();
  await until("others are served", () => site.requests.length > 0);
  for (;;) if ((await site.call("/hello?n=1")).text === "<1>") break;
});

test("a refusal because of the concurrency limit says when to retry", async (t) => {
  const site = await serve(t, { "functions/waits.js": heldFunction("'done'") }, { concurrency: 1, queueTimeout: 0 });
  const first = site.call("/waits");
  await until("it runs", () => site.output.length > 0);
  const refused = await site.call("/waits");
  assert.equal(refused.status, 429);
  assert.equal(refused.headers["retry-after"], "1");
  await release(site.folder);
  assert.equal((await first).text, "done");
});
