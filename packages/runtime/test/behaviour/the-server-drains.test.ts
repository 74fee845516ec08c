import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { notices } from "../../src/observe/channels.ts";
import { heldFunction, release } from "../overlap.ts";
import { serve, until, type Site } from "../site.ts";

test("stop lets running invocations finish, refuses new connections, and leaves no process", async (t) => {
  const site = await serve(t, { "functions/slow.js": heldFunction("process.pid") });
  // The client asks for keep-alive, so the server itself decides to close the connection.
  const slow = site.call("/slow", { headers: { connection: "keep-alive" } });
  await until("it runs", () => site.output.length > 0);
  const stopped = site.server.stop();
  await assert.rejects(site.call("/slow"), { code: "ECONNREFUSED" });
  await release(site.folder);
  const answer = await slow;
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.connection, "close");
  await stopped;
  assert.throws(() => process.kill(Number(answer.text), 0), { code: "ESRCH" });
});

test("stop waits for an invocation no longer than its limit", async (t) => {
  const site = await serve(t, { "functions/hang.js": "console.log('begun')" }, { timeout: 500 });
  const hung = site.call("/hang");
  await until("it runs", () => site.output.length > 0);
  await Promise.all([hung, site.server.stop()]);
  assert.equal((await hung).status, 504);
});

const large = { "functions/large.js": "callback(null, 'x'.repeat(64e6))" };

/** A client that requests /large and reads nothing while it is paused. */
async function askWithoutReading(t: TestContext, site: Site): Promise<Socket> {
  const client = connect({ port: site.server.address.port, host: "127.0.0.1" });
  t.after(() => client.destroy());
  client.pause();
  client.write("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await until("its reply is on the way", () => site.requests.length === 1);
  return client;
}

test("a client that is reading its reply when the server stops gets the whole reply", async (t) => {
  const site = await serve(t, large, { replyLimit: 100e6 });
  const client = await askWithoutReading(t, site);
  const stopped = site.server.stop();
  await assert.rejects(site.call("/large"), { code: "ECONNREFUSED" });
  client.resume();
  await once(client, "end");
  await stopped;
  assert.ok(client.bytesRead > 64e6, `${client.bytesRead} bytes`);
});

test("stop does not wait for a client that does not read, even if invocations have no limit", async (t) => {
  const slow = { "functions/slow.js": heldFunction("'slow'") };
  const site = await serve(t, { ...large, ...slow }, { timeout: Infinity, replyLimit: 100e6 });
  const cut: string[] = [];
  t.after(notices.subscribe(({ code, message }) => void (code === "reply-not-read" && cut.push(message))));
  const client = await askWithoutReading(t, site);
  const running = site.call("/slow");
  await until("it runs", () => site.output.length === 1);
  const stopped = site.server.stop();
  await assert.rejects(site.call("/slow"), { code: "ECONNREFUSED" });
  await release(site.folder);
  await stopped;
  assert.equal((await running).text, "slow");
  assert.equal(client.bytesRead, 0);
  assert.deepEqual(cut, [], "the server did not wait until such clients are cut anyway");
});
