import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import {
  exchangeBegun,
  exchangeSeen,
  isolateEnded,
  notices,
  outputWritten,
  requestEnded,
} from "../../src/observe/channels.ts";
import { startHost, tenancyOf, type Hosted } from "../hosted.ts";
import { childrenOf, isolateCommand, isRunning } from "../running.ts";
import { until } from "../site.ts";

const files = (letter: string): Record<string, string> => ({
  "functions/who.js": `
    console.log("I am ${letter}");
    callback(null, [context.NAME, process.env.NAME, context.ONLY_${letter}, Object.keys(context), context.DOMAIN_NAME])`,
  "functions/slow.js": `setTimeout(callback, Number(event.ms), null, "${letter}")`,
  "functions/signed.protected.js": `callback(null, "${letter}")`,
  [`functions/only-${letter}.js`]: `callback(null, "${letter}")`,
  ".env": `NAME=${letter}\nONLY_${letter}=yes\nAUTH_TOKEN=token-${letter}`,
});

async function addThree(t: TestContext, hosted: Hosted) {
  return {
    a: await hosted.host.add(await tenancyOf(t, files("a")), ["a.example.org", "www.example.org"]),
    b: await hosted.host.add(await tenancyOf(t, files("b")), ["b.example.org"]),
    c: await hosted.host.add(await tenancyOf(t, files("c")), ["c.example.org:8443"]),
  };
}

test("each host name leads to its service, which sees only its own variables", async (t) => {
  const hosted = await startHost(t);
  await addThree(t, hosted);
  const spellings: [string, string, string][] = [
    ["a.example.org", "a", "a.example.org"],
    [`A.Example.Org:${hosted.port}`, "a", "a.example.org"],
    ["www.example.org.", "a", "a.example.org"],
    ["b.example.org", "b", "b.example.org"],
    ["c.example.org", "c", "c.example.org:8443"],
  ];
  for (const [host, letter, domain] of spellings) {
    const [name, variable, only, keys, told] = JSON.parse((await hosted.call(host, "/who")).text) as string[];
    assert.deepEqual([name, variable, only, told], [letter, letter, "yes", domain], host);
    assert.deepEqual(
      ["ONLY_a", "ONLY_b", "ONLY_c"].filter((each) => keys?.includes(each)),
      [`ONLY_${letter}`],
    );
  }
  assert.equal((await hosted.call("b.example.org", "/only-a")).code, "not-found");
  for (const unknown of ["example.org", "x.a.example.org", "127.0.0.1", "localhost", "%61.example.org"]) {
    const reply = await hosted.call(unknown, "/who");
    assert.deepEqual([reply.status, reply.code], [404, "host-unknown"], unknown);
  }
});

test("a signature for one service is invalid for another", async (t) => {
  const hosted = await startHost(t);
  await addThree(t, hosted);
  const signed = async (host: string, token: string, signedHost = host): Promise<string> => {
    const signature = createHmac("sha1", token).update(`http://${signedHost}/signed`).digest("base64");
    const socket = connect(hosted.port, "127.0.0.1").setEncoding("utf8");
    socket.write(
      `GET /signed HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nX-Twilio-Signature: ${signature}\r\n\r\n`,
    );
    let reply = "";
    socket.on("data", (chunk: string) => (reply += chunk));
    await once(socket, "close");
    return reply.slice(9, 12);
  };
  assert.equal(await signed("a.example.org", "token-a"), "200");
  assert.equal(await signed("b.example.org", "token-b"), "200");
  assert.equal(await signed("b.example.org", "token-a"), "403");
  assert.equal(await signed("b.example.org", "token-b", "a.example.org"), "403");
});

test("one service drains while the others serve, and its host names are free afterwards", async (t) => {
  const hosted = await startHost(t);
  const { a } = await addThree(t, hosted);
  for (const host of ["a.example.org", "b.example.org"]) await hosted.call(host, "/who");
  const slow = hosted.call("a.example.org", "/slow?ms=1000");
  await until("it runs", () => a.current.running === 1);
  const removed = hosted.host.remove(a);
  assert.equal((await hosted.call("a.example.org", "/who")).code, "host-unknown");
  assert.equal((await hosted.call("www.example.org", "/who")).code, "host-unknown");
  assert.equal((await hosted.call("b.example.org", "/only-b")).text, "b");
  assert.equal((await hosted.call("c.example.org", "/only-c")).text, "c");
  assert.equal((await slow).text, "a");
  await removed;
  assert.equal(a.current.state, "gone");
  await assert.rejects(hosted.host.replace(a, await tenancyOf(t, files("d"))), { code: "server-draining" });
  const d = await hosted.host.add(await tenancyOf(t, files("d")), ["a.example.org"]);
  assert.equal((await hosted.call("a.example.org", "/only-d")).text, "d");
  // Removing it again does not remove the new service.
  await hosted.host.remove(a);
  assert.equal((await hosted.call("a.example.org", "/only-d")).text, "d");
  assert.equal(d.current.state, "serving");
});

test("requests that a service held when it was removed are answered", async (t) => {
  const hosted = await startHost(t);
  const { a } = await addThree(t, hosted);
  await hosted.call("a.example.org", "/who");
  a.holdRequests();
  const held = hosted.call("a.example.org", "/only-a");
  await hosted.call("b.example.org", "/only-b");
  await hosted.host.remove(a);
  assert.equal((await held).text, "a");
});

test("a host name belongs to one service", async (t) => {
  const hosted = await startHost(t);
  await addThree(t, hosted);
  const another = await tenancyOf(t, files("d"));
  for (const taken of ["B.example.org.", "c.example.org:1"]) {
    await assert.rejects(hosted.host.add(another, ["d.example.org", taken]), { code: "host-name-taken" });
  }
  assert.equal((await hosted.call("d.example.org", "/who")).code, "host-unknown");
  await assert.rejects(hosted.host.add(another, ["no host"]), { code: "setting-invalid" });
  await hosted.host.add(another);
  assert.equal((await hosted.call("d.example.org", "/only-d")).text, "d");
  await assert.rejects(hosted.host.add(another), { code: "host-name-taken" });
});

test("a service has no process until it is called", async (t) => {
  const hosted = await startHost(t);
  const { a, b } = await addThree(t, hosted);
  assert.deepEqual(childrenOf(process.pid, isolateCommand), []);
  assert.equal((await hosted.call("a.example.org", "/unknown")).code, "not-found");
  assert.deepEqual([a.current.state, childrenOf(process.pid, isolateCommand)], ["cold", []]);
  await hosted.call("a.example.org", "/who");
  await until("it serves", () => a.current.state === "serving");
  b.current.start();
  assert.equal(b.current.state, "starting");
  await until("it serves", () => b.current.state === "serving");
});

test("every event names its service", async (t) => {
  const named = new Map<string, Set<string>>();
  for (const [what, channel] of Object.entries({
    exchangeBegun,
    exchangeSeen,
    requestEnded,
    outputWritten,
    isolateEnded,
    notices,
  })) {
    const services = new Set<string>();
    named.set(what, services);
    t.after(
      channel.subscribe((message: { readonly service?: string }) => void services.add(message.service ?? "none")),
    );
  }
  const hosted = await startHost(t);
  const { a, b } = await addThree(t, hosted);
  const broken = await tenancyOf(t, { "functions/throws.js": "throw new Error('x'); exports.handler = () => {};" });
  const d = await hosted.host.add(broken, ["d.example.org"]);
  for (const host of ["a.example.org", "b.example.org"]) await hosted.call(host, "/who");
  d.current.start();
  await until("the notice is there", () => named.get("notices")?.has(d.current.service.sid) === true);
  await hosted.host.stop();
  const both = [a, b].map(({ current }) => current.service.sid).toSorted();
  for (const what of ["exchangeBegun", "exchangeSeen", "requestEnded", "outputWritten"]) {
    assert.deepEqual([...(named.get(what) ?? [])].toSorted(), both, what);
  }
  assert.deepEqual([...(named.get("isolateEnded") ?? [])].toSorted(), [...both, d.current.service.sid].toSorted());
  assert.deepEqual([...(named.get("notices") ?? [])], [d.current.service.sid]);
});

/** Sets a temporary folder that other processes do not use. */
async function ownTemporaryFolder(t: TestContext): Promise<string> {
  const before = process.env["TMPDIR"];
  const folder = await mkdtemp(join(tmpdir(), "offhook-test-"));
  // If the tests run as root, isolates run as another user.
  await chmod(folder, 0o755);
  process.env["TMPDIR"] = folder;
  t.after(async () => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });
  return folder;
}

test("stop answers running invocations of all services at once, and leaves no process and no folder", async (t) => {
  const temporary = await ownTemporaryFolder(t);
  const hosted = await startHost(t);
  const three = Object.values(await addThree(t, hosted));
  const hosts = ["a.example.org", "b.example.org", "c.example.org"];
  for (const host of hosts) await hosted.call(host, "/who");
  const slow = hosts.map((host) => hosted.call(host, "/slow?ms=500"));
  await until("they run", () => hosted.host.running === 3);
  await hosted.host.stop();
  assert.deepEqual(
    (await Promise.all(slow)).map(({ text }) => text),
    ["a", "b", "c"],
  );
  assert.deepEqual(
    three.map(({ current }) => current.state),
    ["gone", "gone", "gone"],
  );
  assert.deepEqual(childrenOf(process.pid, isolateCommand), []);
  assert.deepEqual(
    (await readdir(temporary)).filter((name) => name.startsWith("offhook-scratch-")),
    [],
  );
});

test("invocations that still run at the deadline of a stop end, in all services", async (t) => {
  const hosted = await startHost(t);
  await addThree(t, hosted);
  const hosts = ["a.example.org", "b.example.org"];
  for (const host of hosts) await hosted.call(host, "/who");
  const slow = hosts.map((host) => hosted.call(host, "/slow?ms=9000").then(undefined, (error: Error) => error));
  await until("they run", () => hosted.host.running === 2);
  const isolates = childrenOf(process.pid, isolateCommand);
  await hosted.host.stop(50);
  for (const each of await Promise.all(slow)) assert.ok(each instanceof Error);
  assert.deepEqual(isolates.filter(isRunning), []);
});

test("the host's limits also apply to services with higher limits", async (t) => {
  const hosted = await startHost(t, { requestBytes: 2_000, replyBytes: 1_000, headerBytes: 1_500, headerCount: 20 });
  const large = await tenancyOf(
    t,
    {
      "functions/size.js": "callback(null, 'x'.repeat(Number(event.size)))",
      "functions/body.js": "callback(null, 'ok')",
    },
    { requestLimit: 1e6, replyLimit: 1e6, headerLimit: 1e5, headerCountLimit: 1_000 },
  );
  await hosted.host.add(large, ["a"]);
  const small = { ...large, settings: { ...large.settings, replyLimit: 100 } };
  await hosted.host.add(small, ["b"]);
  assert.equal((await hosted.call("a", "/size?size=900")).status, 200);
  assert.equal((await hosted.call("a", "/size?size=1100")).code, "reply-too-large");
  assert.equal((await hosted.call("b", "/size?size=900")).code, "reply-too-large");
  assert.equal((await hosted.call("a", "/body", { body: "x".repeat(1_500) })).status, 200);
  assert.equal((await hosted.call("a", "/body", { body: "x".repeat(2_500) })).code, "request-too-large");
  assert.equal((await hosted.call("a", `/body`, { headers: { "x-large": "x".repeat(1_600) } })).status, 431);
});

test("bodies for one service do not use the memory share of another", async (t) => {
  const hosted = await startHost(t);
  const body = { "functions/body.js": "callback(null, String(event.size))" };
  const limits = { requestLimit: 100_000, replyLimit: 100_000 };
  // There is always room for eight of the largest requests, even if the setting is lower.
  await hosted.host.add(await tenancyOf(t, body, { ...limits, bufferLimit: 1 }), ["a"]);
  await hosted.host.add(await tenancyOf(t, body, { ...limits, bufferLimit: 1 }), ["b"]);
  const upload = async (host: string): Promise<{ socket: Socket; reply: () => string }> => {
    const socket = connect(hosted.port, "127.0.0.1").setEncoding("utf8");
    t.after(() => socket.destroy());
    let reply = "";
    socket.on("data", (chunk: string) => (reply += chunk)).on("error", () => undefined);
    socket.write(`POST /body HTTP/1.1\r\nHost: ${host}\r\nContent-Type: text/plain\r\nContent-Length: 95000\r\n\r\n`);
    socket.write("x".repeat(90_000));
    return { socket, reply: () => reply };
  };
  const uploads = await Promise.all(Array.from({ length: 9 }, () => upload("a")));
  const refused = (): number => uploads.filter(({ reply }) => reply().includes("server-overloaded")).length;
  await until("one is refused", () => refused() === 1);

  const large = { body: "x".repeat(90_000) };
  assert.equal((await hosted.call("a", "/body", large)).code, "server-overloaded");
  assert.equal((await hosted.call("a", "/body", { body: "small" })).status, 200);
  for (let i = 0; i < 3; i++) assert.equal((await hosted.call("b", "/body", large)).status, 200);
  assert.equal(refused(), 1);

  // A request that completes, and one whose client disconnects, both free their memory.
  const [first, second] = uploads.filter(({ reply }) => reply() === "");
  first?.socket.write("x".repeat(5_000));
  await until("it is answered", () => first?.reply().startsWith("HTTP/1.1 200") === true);
  assert.equal((await hosted.call("a", "/body", large)).status, 200);
  const codes: (string | undefined)[] = [];
  t.after(requestEnded.subscribe(({ code }) => void codes.push(code)));
  second?.socket.destroy();
  await until("the server has noticed the disconnect", () => codes.includes("request-malformed"));
  const [, third] = [await upload("a"), await upload("a")];
  third.socket.write("x".repeat(5_000));
  await until("there is room for it", () => third.reply().startsWith("HTTP/1.1 200"));
});

test("a service that needs an isolate gets the slot of another service's idle isolate", async (t) => {
  const hosted = await startHost(t, { isolates: 2 });
  const names = ["a", "b", "c", "d"].map((letter) => `${letter}.example.org`);
  for (const name of names) {
    const options = await tenancyOf(t, files("x"), { spares: 0 });
    await hosted.host.add(options, [name]);
  }
  const before = childrenOf(process.pid, isolateCommand).length;
  for (const name of [...names, ...names]) {
    assert.equal((await hosted.call(name, "/only-x")).text, "x", name);
    assert.ok(childrenOf(process.pid, isolateCommand).length <= before + 2);
  }
});
