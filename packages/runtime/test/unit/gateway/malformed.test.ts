import assert from "node:assert/strict";
import { test } from "node:test";
import { createConnection } from "node:net";
import { call, exchangeRaw, latch, open, startGateway, text, until } from "./gateway-fixture.ts";

test("bytes that are not HTTP get a 400 and are logged", async (t) => {
  const fixture = await startGateway(t);
  for (const bytes of [
    "rubbish\r\n\r\n",
    "GET /hello\r\n\r\n",
    "GET /hello HTTP/1.1\r\nHost h\r\n\r\n",
    "POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "\u0016\u0003\u0001\u0002\u0000\u0001",
  ]) {
    const reply = await exchangeRaw(t, fixture, bytes);
    assert.match(reply, /^HTTP\/1\.1 400 [^]*x-offhook-error: request-malformed\r\n[^]*\r\n\r\nBad request$/);
  }
  assert.deepEqual(fixture.invocations, []);
  assert.ok(fixture.ended.every((message) => message.code === "request-malformed"));
  assert.equal((await call(fixture, "/hello")).status, 200);
});

test("a request that names no host, or two, is malformed", async (t) => {
  const fixture = await startGateway(t);
  for (const headers of ["", "Host: a\r\nHost: b\r\n"]) {
    const reply = await exchangeRaw(t, fixture, `GET /hello HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`);
    assert.match(reply, /^HTTP\/1\.1 400 [^]*x-offhook-error: request-malformed/);
  }
  assert.match(await exchangeRaw(t, fixture, "GET /hello HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 200 /);
});

test("a body that breaks its own framing is rejected, and logged once", async (t) => {
  const fixture = await startGateway(t);
  const head = "POST /hello HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  assert.match(await exchangeRaw(t, fixture, `${head}zz\r\n`), /^HTTP\/1\.1 400 [^]*request-malformed/);
  await until(() => fixture.ended.length > 0);
  assert.equal(fixture.ended.length, 1);
  assert.equal(fixture.ended[0]?.path, "/hello");
  assert.deepEqual(fixture.invocations, []);
});

test("invalid bytes after a valid request do not replace that request's reply", async (t) => {
  const running = latch();
  const released = latch();
  const fixture = await startGateway(t, {
    answer: async () => {
      running.open();
      await released.promise;
      return text("good");
    },
  });
  const raw = await open(t, fixture);
  raw.socket.write("GET /hello HTTP/1.1\r\nHost: h\r\n\r\nrubbish\r\n\r\n");
  await running.promise;
  released.open();
  assert.match(await raw.closed(), /^HTTP\/1\.1 200 OK\r\n[^]*Connection: close[^]*good$/i);
});

test("invalid bytes while a reply is being sent end the connection after it", { timeout: 30_000 }, async (t) => {
  const large = "x".repeat(32 * 1_048_576);
  const fixture = await startGateway(t, { answer: () => text(large) });
  for (const rubbish of [
    "rubbish\r\n\r\n",
    "POST /hello HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nrubbish\r\n",
  ]) {
    const raw = await open(t, fixture);
    raw.socket.pause();
    raw.socket.write("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    // The gateway has the whole reply and waits until the client reads.
    const { length } = fixture.ended;
    await until(() => fixture.ended.length > length);
    raw.socket.write(rubbish);
    raw.socket.resume();
    const reply = await raw.closed();
    assert.match(reply.slice(0, 20), /^HTTP\/1\.1 200 /);
    assert.ok(reply.length > large.length);
    assert.match(reply.slice(-20), /Bad request$/);
    raw.socket.destroy();
    await until(() => fixture.ended.length === length + 2);
    assert.equal(fixture.ended.at(-1)?.code, "request-malformed");
  }
});

test("a head or a body that does not arrive in time is a 408", async (t) => {
  const timeouts = { headMs: 100, requestMs: 200 };
  const fixture = await startGateway(t, { gateway: { timeouts } });
  const heads = await exchangeRaw(t, fixture, "GET /hello HTTP/1.1\r\nHo");
  assert.match(heads, /^HTTP\/1\.1 408 [^]*x-offhook-error: request-timed-out/);
  const body = await exchangeRaw(t, fixture, "POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
  assert.match(body, /^HTTP\/1\.1 408 [^]*x-offhook-error: request-timed-out/);
  await until(() => fixture.ended.length === 2);
  assert.deepEqual(
    fixture.ended.map(({ code, path }) => ({ code, path })),
    [
      { code: "request-timed-out", path: "" },
      { code: "request-timed-out", path: "/hello" },
    ],
  );
});

test("a connection that sends no bytes is closed without a reply", async (t) => {
  const fixture = await startGateway(t, { gateway: { timeouts: { headMs: 100, requestMs: 100 } } });
  const raw = await open(t, fixture);
  assert.equal(await raw.closed(), "");
  assert.deepEqual(fixture.ended, []);
});

test("a client that closes its sending half still gets the reply", async (t) => {
  const fixture = await startGateway(t);
  const raw = await open(t, fixture);
  raw.socket.end("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  assert.match(await raw.closed(), /^HTTP\/1\.1 200 [^]*hi$/);
});

test("a client that disconnects during its body or before its reply affects no other", async (t) => {
  const started = latch();
  const released = latch();
  const fixture = await startGateway(t, {
    answer: async ({ query }) => {
      if (query !== "slow") return text("hi");
      started.open();
      await released.promise;
      return text("nobody");
    },
  });
  const midBody = await open(t, fixture);
  midBody.socket.write("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
  midBody.socket.resetAndDestroy();

  const impatient = createConnection({ host: "127.0.0.1", port: fixture.port });
  impatient.on("error", () => undefined);
  impatient.write("GET /hello?slow HTTP/1.1\r\nHost: h\r\n\r\n");
  await started.promise;
  impatient.resetAndDestroy();
  assert.equal((await call(fixture, "/hello")).status, 200);
  released.open();
  await until(() => fixture.ended.some(({ code }) => code === "client-disconnected"));
  assert.equal(fixture.invocations.length, 2);
});

test("pipelined requests are answered in order", async (t) => {
  const second = latch();
  const fixture = await startGateway(t, {
    answer: async ({ query }) => {
      if (query === "1") await second.promise;
      else second.open();
      return text(`<${query}>`);
    },
  });
  const one = (query: string, more = ""): string => `GET /hello?${query} HTTP/1.1\r\nHost: h\r\n${more}\r\n`;
  const reply = await exchangeRaw(t, fixture, one("1") + one("2") + one("3", "Connection: close\r\n"));
  assert.match(reply, /<1>[^]*<2>[^]*<3>$/);
});
