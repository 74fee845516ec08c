import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import type { Notice } from "../../../src/observe/channels.ts";
import { assetsIn, call, latch, open, startGateway, text, until, type Fixture } from "./gateway-fixture.ts";

const hello = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n";
const codes = (published: readonly Notice[]): unknown[] => published.map(({ code }) => code);

test("connections over the limit are closed at once, counted and logged together", async (t) => {
  const started = latch();
  const released = latch();
  const fixture = await startGateway(t, {
    answer: async () => {
      started.open();
      await released.promise;
      return text("done");
    },
    gateway: { connectionLimit: 1 },
  });
  const working = await open(t, fixture);
  working.socket.write(hello);
  await started.promise;
  for (let count = 0; count < 20; count++) assert.equal(await (await open(t, fixture)).closed(), "");
  // The first one is logged at once, and others only every few seconds.
  assert.ok(codes(fixture.notices).every((code) => code === "too-many-connections"));
  assert.ok(fixture.notices.length < 10);
  assert.match(fixture.notices[0]?.message ?? "", /^A connection was rejected: the limit is 1$/);
  released.open();
  assert.match(await working.until(/done$/), /^HTTP\/1\.1 200 OK/);
});

test("at the limit, the oldest idle connection is closed and busy ones are not", async (t) => {
  const started = latch();
  const released = latch();
  const fixture = await startGateway(t, {
    answer: async ({ query }) => {
      if (query !== "slow") return text("hi");
      started.open();
      await released.promise;
      return text("done");
    },
    gateway: { connectionLimit: 3 },
  });
  const busy = await open(t, fixture);
  busy.socket.write("GET /hello?slow HTTP/1.1\r\nHost: h\r\n\r\n");
  await started.promise;
  const idle = await open(t, fixture);
  idle.socket.write(hello);
  await idle.until(/hi$/);
  const later = await open(t, fixture);
  later.socket.write(hello);
  await later.until(/hi$/);
  const fourth = await open(t, fixture);
  fourth.socket.write(hello);
  await fourth.until(/hi$/);
  assert.match(await idle.closed(), /hi$/);
  const fifth = await open(t, fixture);
  fifth.socket.write(hello);
  await fifth.until(/hi$/);
  assert.match(await later.closed(), /hi$/);
  assert.deepEqual(fixture.notices, []);
  released.open();
  await busy.until(/done$/);
});

test("a rejected client can connect as soon as another connection is idle", async (t) => {
  let answered = latch();
  const fixture = await startGateway(t, {
    answer: async () => {
      await answered.promise;
      return text("hi");
    },
    gateway: { connectionLimit: 1 },
  });
  const first = await open(t, fixture);
  first.socket.write(hello);
  await until(() => fixture.invocations.length === 1);
  assert.equal(await (await open(t, fixture)).closed(), "");
  answered.open();
  await first.until(/hi$/);
  answered = latch();
  answered.open();
  for (;;) {
    const again = await open(t, fixture);
    again.socket.write(hello);
    if ((await Promise.race([again.until(/hi$/), again.closed()]).catch(() => "")).endsWith("hi")) break;
  }
});

/** A client that reads nothing until the test makes it read. */
async function deaf(t: TestContext, fixture: Fixture, bytes: string): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port: fixture.port });
  socket.on("error", () => undefined);
  t.after(() => socket.destroy());
  await once(socket, "connect");
  socket.pause();
  socket.write(bytes);
  return socket;
}

/** More bytes than the kernel accepts for a client that does not read. */
const big = Buffer.alloc(32_000_000, 97);
const bigReply = { kind: "reply", status: 200, headers: [], body: big, running: 1 } as const;

test("a client that does not read its reply is cut, for any kind of reply, and no other client is", async (t) => {
  const { assets } = await assetsIn(t, { "/big.bin": big });
  const fixture = await startGateway(t, {
    assets,
    answer: ({ query }) => (query === "big" ? bigReply : text("hi")),
    gateway: { timeouts: { writeMs: 200 } },
  });
  const other = await open(t, fixture);
  other.socket.write(hello);
  await other.until(/hi$/);
  await deaf(t, fixture, "GET /hello?big HTTP/1.1\r\nHost: h\r\n\r\n");
  await deaf(t, fixture, "GET /big.bin HTTP/1.1\r\nHost: h\r\n\r\n");
  const cut = (): number => fixture.notices.reduce((sum, { message }) => sum + (Number.parseInt(message, 10) || 1), 0);
  await until(() => cut() === 2);
  assert.ok(codes(fixture.notices).every((code) => code === "reply-not-read"));
  assert.match(fixture.notices[0]?.message ?? "", /cut: the client read nothing of its reply for 0\.2 s$/);
  await until(() => fixture.ended.filter(({ path }) => path === "/big.bin").length === 1);
  other.socket.write("GET /hello?again HTTP/1.1\r\nHost: h\r\n\r\n");
  await other.until(/hi[^]*hi$/);
});

test("a client that reads slowly but reads gets all of it", async (t) => {
  const fixture = await startGateway(t, { answer: () => bigReply, gateway: { timeouts: { writeMs: 500 } } });
  const socket = await deaf(t, fixture, "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  let received = 0;
  let allowed = 0;
  socket.on("data", (chunk: Buffer) => {
    received += chunk.length;
    if (received > allowed) socket.pause();
  });
  // A few megabytes each tenth of a second. In total, this takes longer than a reply may stall.
  const beat = setInterval(() => {
    allowed += 3_000_000;
    socket.resume();
  }, 100);
  t.after(() => clearInterval(beat));
  socket.pause();
  await once(socket, "end");
  assert.ok(received >= big.length);
  assert.deepEqual(fixture.notices, []);
});

test("a function may run for longer than a reply may stall", async (t) => {
  const released = latch();
  const fixture = await startGateway(t, {
    answer: async ({ query }) => {
      if (query === "big") return bigReply;
      await released.promise;
      return text("at last");
    },
    gateway: { timeouts: { writeMs: 80 } },
  });
  const working = call(fixture, "/hello");
  await until(() => fixture.invocations.length === 1);
  // The other reply began after the function started and has stalled too long. So has the function's connection.
  await deaf(t, fixture, "GET /hello?big HTTP/1.1\r\nHost: h\r\n\r\n");
  await until(() => fixture.notices.length === 1);
  released.open();
  assert.equal((await working).body, "at last");
  assert.deepEqual(codes(fixture.notices), ["reply-not-read"]);
});

test("a client that pipelines without reading is no longer read from, and is finally cut", async (t) => {
  const body = "x".repeat(10_000);
  const fixture = await startGateway(t, { answer: () => text(body), gateway: { timeouts: { writeMs: 500 } } });
  const socket = await deaf(t, fixture, "");
  const flood = Buffer.from(hello.repeat(1_000));
  const total = 50;
  for (let count = 0; count < total; count++) socket.write(flood);
  await until(() => fixture.notices.length > 0, 60_000);
  assert.deepEqual(codes(fixture.notices), ["reply-not-read"]);
  // Only the bytes that the kernels hold: of 50,000 requests, the server accepted only the first few hundred.
  assert.ok(fixture.invocations.length < 10_000, `${fixture.invocations.length} were taken`);
  assert.equal((await call(fixture, "/hello")).status, 200);
});

test("all rejected connections are logged before the server ends", async (t) => {
  const fixture = await startGateway(t, {
    answer: () => new Promise(() => undefined),
    gateway: { connectionLimit: 1 },
  });
  const working = await open(t, fixture);
  working.socket.write(hello);
  await until(() => fixture.invocations.length === 1);
  for (let count = 0; count < 3; count++) await (await open(t, fixture)).closed();
  await fixture.gateway.close();
  const counted = fixture.notices.map(({ message }) => Number.parseInt(message, 10) || 1);
  assert.equal(
    counted.reduce((sum, count) => sum + count, 0),
    3,
  );
});
