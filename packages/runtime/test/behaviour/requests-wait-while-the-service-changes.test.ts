import assert from "node:assert/strict";
import { connect } from "node:net";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { loadProject } from "../../src/project/project.ts";
import { serve } from "../site.ts";

const answering = (text: string): string =>
  `exports.handler = (context, event, callback) => callback(null, "${text}");`;

test("a request that arrives during a change gets the new routes and the new code", async (t) => {
  const site = await serve(t, { "functions/hello.js": answering("old"), "functions/gone.js": answering("gone") });
  assert.equal((await site.call("/hello")).text, "old");
  const letGo = site.server.hold();
  const answers = Promise.all([site.call("/hello"), site.call("/added"), site.call("/gone"), site.call("/page.txt")]);
  await writeFile(join(site.folder, "functions/hello.js"), answering("new"));
  await writeFile(join(site.folder, "functions/added.js"), answering("added"));
  await rm(join(site.folder, "functions/gone.js"));
  assert.deepEqual(site.requests.length, 1);
  site.server.update((await loadProject(site.folder)).service);
  letGo();
  assert.deepEqual(
    (await answers).map(({ status, text }) => (status === 200 ? text : status)),
    ["new", "added", 404, 404],
  );
  assert.deepEqual(
    site.ended.filter(({ reason }) => reason !== "reloaded"),
    [],
  );
});

test("requests with bodies and signatures wait as well", async (t) => {
  const echo = "exports.handler = (context, event, callback) => callback(null, event.a);";
  const site = await serve(t, {
    "functions/echo.js": echo,
    "functions/echo2.protected.js": echo,
    ".env": "AUTH_TOKEN=x",
  });
  const letGo = site.server.hold();
  const answers = Promise.all([
    site.call("/echo", { form: { a: "1" } }),
    site.call("/echo2", { form: { a: "1" }, headers: { "x-twilio-signature": "forged" } }),
  ]);
  letGo();
  const [open, closed] = await answers;
  assert.deepEqual([open.text, closed.status], ["1", 403]);
});

test("a request that waits when the server stops gets an error, and one whose client left does not delay the stop", async (t) => {
  const site = await serve(t, { "functions/hello.js": answering("hello") });
  await site.call("/hello");
  site.server.hold();
  const socket = connect(Number(new URL(site.url).port), "127.0.0.1");
  await once(socket, "connect");
  socket.write("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const waiting = site.call("/hello");
  await site.call("/_offhook/health");
  socket.resetAndDestroy();
  await once(socket, "close");
  await site.call("/_offhook/health");
  const stopped = site.server.stop();
  assert.equal((await waiting).status, 503);
  await stopped;
  assert.equal(site.requests.length, 3);
  assert.equal(site.output.length, 0);
});
