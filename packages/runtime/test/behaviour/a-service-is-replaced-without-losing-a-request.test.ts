import assert from "node:assert/strict";
import { Agent } from "node:http";
import { connect } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { Tenancy, TenancyOptions } from "../../src/host/tenancy.ts";
import {
  isolateEnded,
  notices,
  requestEnded,
  type IsolateEnded,
  type RequestEnded,
} from "../../src/observe/channels.ts";
import { isOffhookError } from "../../src/offhook-error.ts";
import { startHost, tenancyOf, type Hosted, type HostedReply } from "../hosted.ts";
import { childrenOf, isolateCommand } from "../running.ts";
import { until } from "../site.ts";

const name = "a.example.org";

/** Each part of a version shows its number: code, a private asset, a variable, a public asset. */
function version(t: TestContext, number: number): Promise<TenancyOptions> {
  return tenancyOf(t, {
    "functions/version.js": `
      const file = Runtime.getAssets()["/private.txt"].open();
      exports.handler = (context, event, callback) => callback(null, ["${number}", file, context.VERSION].join(" "));`,
    "functions/slow.js": `exports.handler = (context, event, callback) => setTimeout(callback, 400, null, "${number}");`,
    "assets/private.private.txt": String(number),
    "assets/page.txt": String(number),
    ".env": `VERSION=${number}`,
  });
}

/** Calls without a pause. @returns a function that stops the load and returns all replies */
function startLoad(hosted: Hosted, clients: number): () => Promise<HostedReply[]> {
  const replies: HostedReply[] = [];
  const load = { isOver: false };
  const loads = Array.from({ length: clients }, async (_, client) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!load.isOver) {
      const path = client % 4 === 0 ? "/page.txt" : "/version";
      replies.push(await hosted.call(name, path, { agent, ...(client % 4 === 1 && { body: "text" }) }));
    }
    agent.destroy();
  });
  return async () => {
    load.isOver = true;
    await Promise.all(loads);
    return replies;
  };
}

test("ten replacements under load lose no request, mix no versions, and leave no process", async (t) => {
  const ended: IsolateEnded[] = [];
  t.after(isolateEnded.subscribe((message) => void ended.push(message)));
  const hosted = await startHost(t);
  const virtualHost = await hosted.host.add(await version(t, 0), [name]);
  assert.equal((await hosted.call(name, "/version")).text, "0 0 0");

  const stopLoad = startLoad(hosted, 8);
  const seen: string[] = [];
  const old: Tenancy[] = [];
  for (let number = 1; number <= 10; number++) {
    old.push(virtualHost.current);
    await hosted.host.replace(virtualHost, await version(t, number));
    seen.push((await hosted.call(name, "/version")).text);
  }
  const replies = await stopLoad();

  assert.deepEqual(
    seen,
    Array.from({ length: 10 }, (_, index) =>
      Array(3)
        .fill(index + 1)
        .join(" "),
    ),
  );
  assert.ok(replies.length > 100, `${replies.length} requests`);
  for (const { status, text } of replies) {
    assert.equal(status, 200, text);
    assert.match(text, /^(\d+)(?: \1 \1)?$/);
  }
  // The isolates of the old versions end although nobody stops the host.
  await until("the old versions are gone", () => old.every(({ state }) => state === "gone"), 30_000);
  assert.equal(virtualHost.current.state, "serving");
  const endedServices = new Set(ended.map(({ service }) => service));
  for (const { service } of old) assert.ok(endedServices.has(service.sid));
  assert.deepEqual(
    ended.filter(({ reason }) => reason !== "stopped" && reason !== "idle"),
    [],
  );
  await hosted.host.stop();
  assert.deepEqual(isolates(), []);
});

function isolates(): number[] {
  return childrenOf(process.pid, isolateCommand);
}

test("an invocation that runs during a replacement ends with its own version", async (t) => {
  const hosted = await startHost(t);
  const virtualHost = await hosted.host.add(await version(t, 1), [name]);
  await hosted.call(name, "/version");
  const running = hosted.call(name, "/slow");
  const upload = connect(hosted.port, "127.0.0.1").setEncoding("utf8");
  t.after(() => upload.destroy());
  await once(upload, "connect");
  upload.write(
    `POST /version HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\n`,
  );
  let received = "";
  upload.on("data", (chunk: string) => (received += chunk));
  await until("the upload is taken", () => received.includes("100 Continue"));

  const old = virtualHost.current;
  await hosted.host.replace(virtualHost, await version(t, 2));
  assert.equal((await hosted.call(name, "/version")).text, "2 2 2");
  assert.equal((await running).text, "1");
  assert.equal(old.state, "draining");
  upload.end("text");
  await once(upload, "close");
  assert.match(received, /1 1 1$/);
  await until("the old version is gone", () => old.state === "gone");
});

test("a new version has as many isolates ready as the old one used", async (t) => {
  const requests: RequestEnded[] = [];
  t.after(requestEnded.subscribe((message) => void requests.push(message)));
  const hosted = await startHost(t);
  const virtualHost = await hosted.host.add(await version(t, 1), [name]);
  const callFour = () => Promise.all(Array.from({ length: 4 }, () => hosted.call(name, "/slow")));
  await callFour();
  assert.ok(virtualHost.current.isolates >= 4);
  await hosted.host.replace(virtualHost, await version(t, 2));
  requests.length = 0;
  assert.deepEqual(
    (await callFour()).map(({ text }) => text),
    ["2", "2", "2", "2"],
  );
  assert.deepEqual(
    requests.map(({ isCold }) => isCold),
    [false, false, false, false],
  );
});

test("a version that cannot start is an error, and the previous one stays", async (t) => {
  t.after(notices.subscribe(() => undefined));
  const hosted = await startHost(t);
  const virtualHost = await hosted.host.add(await version(t, 1), [name]);
  await hosted.call(name, "/version");
  const stopLoad = startLoad(hosted, 2);
  const next = await version(t, 2);
  const broken = { ...next, settings: { ...next.settings, node: "/no/such/node" } };
  const isNotStarted = (error: unknown): boolean => isOffhookError(error) && error.code === "isolate-not-started";
  await assert.rejects(hosted.host.replace(virtualHost, broken), isNotStarted);
  const unusable = { ...next, settings: { ...next.settings, publicUrl: "nonsense" } };
  await assert.rejects(hosted.host.replace(virtualHost, unusable), { code: "setting-invalid" });
  assert.equal((await hosted.call(name, "/version")).text, "1 1 1");
  assert.deepEqual(
    (await stopLoad()).filter(({ status, text }) => status !== 200 || !text.startsWith("1")),
    [],
  );
  assert.equal(virtualHost.current.state, "serving");
  // It does not block the next version.
  await hosted.host.replace(virtualHost, next);
  assert.equal((await hosted.call(name, "/version")).text, "2 2 2");
});

test("a function that does not load does not stop its version from being served", async (t) => {
  t.after(notices.subscribe(() => undefined));
  const hosted = await startHost(t);
  const virtualHost = await hosted.host.add(await version(t, 1), [name]);
  const next = await tenancyOf(t, {
    "functions/exits.js": "process.exit(1); exports.handler = () => {};",
    "functions/throws.js": "throw new Error('at module scope'); exports.handler = () => {};",
    "functions/version.js": "callback(null, 'works')",
  });
  await hosted.host.replace(virtualHost, next);
  assert.equal((await hosted.call(name, "/version")).text, "works");
});

test("a newer version replaces one that is still starting", async (t) => {
  const hosted = await startHost(t);
  const virtualHost = await hosted.host.add(await version(t, 1), [name]);
  const hanging = await tenancyOf(t, { "functions/hangs.js": "while (true); exports.handler = () => {};" });
  const superseded = assert.rejects(hosted.host.replace(virtualHost, hanging), { code: "service-superseded" });
  await until("it starts", () => isolates().length > 0);
  await hosted.host.replace(virtualHost, await version(t, 2));
  await superseded;
  assert.equal((await hosted.call(name, "/version")).text, "2 2 2");
  await until("nothing is left of it", () => isolates().length <= 2);
});

test("a version without spares is tried before it is served, and its isolate ends when it is idle", async (t) => {
  const hosted = await startHost(t);
  const virtualHost = await hosted.host.add(await version(t, 1), [name]);
  const next = await version(t, 2);
  await hosted.host.replace(virtualHost, { ...next, settings: { ...next.settings, spares: 0, idleTimeout: 50 } });
  assert.equal(virtualHost.current.state, "serving");
  await until("no isolate is left", () => isolates().length === 0);
  assert.equal((await hosted.call(name, "/version")).text, "2 2 2");
});

test("a host that stops ends a version that is still starting", async (t) => {
  const hosted = await startHost(t);
  const virtualHost = await hosted.host.add(await version(t, 1), [name]);
  const hanging = await tenancyOf(t, { "functions/hangs.js": "while (true); exports.handler = () => {};" });
  const refused = assert.rejects(hosted.host.replace(virtualHost, hanging), { code: "server-draining" });
  await until("it starts", () => isolates().length > 0);
  await hosted.host.stop();
  await refused;
  assert.deepEqual(isolates(), []);
  await assert.rejects(hosted.host.replace(virtualHost, await version(t, 2)), { code: "server-draining" });
  await assert.rejects(hosted.host.add(await version(t, 2), ["b"]), { code: "server-draining" });
});
