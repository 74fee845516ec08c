import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Outcome } from "../../../src/pool/invocation.ts";
import { call, latch, open, startGateway, text, until, type Fixture, type Raw } from "./gateway-fixture.ts";

const request = "GET /hello?slow HTTP/1.1\r\nHost: h\r\n\r\n";

interface Scene {
  readonly fixture: Fixture;
  readonly raw: Raw;
  /** Lets the function reply. */
  release(outcome: Outcome): void;
}

/** A client that has sent `bytes`, whose `count` invocations run. */
async function waiting(t: TestContext, bytes: string, count = 1, probeMs = 20): Promise<Scene> {
  const released = latch<Outcome>();
  const fixture = await startGateway(t, {
    answer: ({ query }) => (query === "slow" ? released.promise : text("hi")),
    gateway: { timeouts: { probeMs } },
  });
  const raw = await open(t, fixture);
  raw.socket.write(bytes);
  await until(() => fixture.invocations.length === count);
  return { fixture, raw, release: released.open };
}

const leaving: Record<string, (raw: Raw) => void> = {
  "closes the connection": ({ socket }) => void socket.destroy(),
  "resets the connection": ({ socket }) => void socket.resetAndDestroy(),
};

for (const [how, leave] of Object.entries(leaving)) {
  test(`the pool and the log learn of a client that ${how} before its reply`, async (t) => {
    const { fixture, raw, release } = await waiting(t, request);
    leave(raw);
    await until(() => fixture.abandoned.length === 1);
    assert.equal(fixture.abandoned[0], fixture.invocations[0]);
    assert.equal((await call(fixture, "/hello")).body, "hi");
    assert.deepEqual(fixture.ended.length, 1);
    release(text("nobody", [], 201));
    await until(() => fixture.ended.length === 2);
    const { code, status, bytes, detail } = fixture.ended[1] ?? {};
    assert.deepEqual(
      { code, status, bytes, detail },
      { code: "client-disconnected", status: 201, bytes: 0, detail: undefined },
    );
    assert.equal(fixture.abandoned.length, 1);
  });
}

test("the log has the function's error before the client's disconnect", async (t) => {
  const { fixture, raw, release } = await waiting(t, request);
  raw.socket.resetAndDestroy();
  await until(() => fixture.abandoned.length === 1);
  release({ kind: "failed", code: "handler-timed-out", detail: "after 10 s", running: 1 });
  await until(() => fixture.ended.length === 1);
  assert.equal(fixture.ended[0]?.code, "handler-timed-out");
  assert.equal(fixture.ended[0]?.detail, "after 10 s\nclient-disconnected");
});

test("all pipelined requests of a client are abandoned when it disconnects", async (t) => {
  const { fixture, raw, release } = await waiting(t, request.repeat(3), 3);
  raw.socket.resetAndDestroy();
  await until(() => fixture.abandoned.length === 3);
  assert.deepEqual(fixture.abandoned, fixture.invocations);
  release(text("nobody"));
  await until(() => fixture.ended.length === 3);
  assert.ok(fixture.ended.every(({ code }) => code === "client-disconnected"));
});

test("a client that has only closed its sending half is probed and gets its reply", async (t) => {
  const { fixture, raw, release } = await waiting(t, request);
  raw.socket.end();
  await raw.until(/^(HTTP\/1\.1 100 Continue\r\n\r\n){3}/);
  assert.deepEqual(fixture.abandoned, []);
  release(text("for you"));
  assert.match(await raw.closed(), /^(HTTP\/1\.1 100 Continue\r\n\r\n)+HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nfor you$/);
  assert.equal(fixture.ended[0]?.code, undefined);
  assert.equal(fixture.ended[0]?.bytes, 7);
});

test("an HTTP/1.0 client is not probed, because it would read the probe as its reply", async (t) => {
  const { fixture, raw, release } = await waiting(t, "GET /hello?slow HTTP/1.0\r\n\r\n");
  raw.socket.end();
  const other = await waiting(t, request);
  other.raw.socket.end();
  // Its turn came later. If the first one had been probed, that would have happened by now.
  await other.raw.until(/100 Continue/);
  release(text("for you"));
  assert.match(await raw.closed(), /^HTTP\/1\.1 200 OK/);
  assert.deepEqual(fixture.abandoned, []);
});

test("a client whose reply comes soon is not probed", async (t) => {
  const { raw, release } = await waiting(t, request, 1, 60_000);
  raw.socket.end();
  release(text("for you"));
  assert.match(await raw.closed(), /^HTTP\/1\.1 200 OK/);
});

test("the next request on a connection is not taken for the previous one", async (t) => {
  const released = latch<Outcome>();
  const fixture = await startGateway(t, { answer: ({ query }) => (query === "slow" ? released.promise : text("hi")) });
  const raw = await open(t, fixture);
  raw.socket.write("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  await raw.until(/hi$/);
  raw.socket.write(request);
  await until(() => fixture.invocations.length === 2);
  raw.socket.resetAndDestroy();
  await until(() => fixture.abandoned.length === 1);
  assert.equal(fixture.abandoned[0]?.query, "slow");
  released.open(text("nobody"));
});
