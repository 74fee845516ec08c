import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { ResolveTenant, Tenant } from "../../../src/gateway/tenant.ts";
import { exchangeBegun, type ExchangeBegun } from "../../../src/observe/channels.ts";
import { call, latch, open, startGateway, until, type Fixture } from "./gateway-fixture.ts";

const request = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n";

/** A gateway whose first lookup has the given result. Later lookups find the tenant at once. */
async function lookingUp(t: TestContext, first: ResolveTenant, resolveMs = 60_000): Promise<Fixture> {
  let isFirst = true;
  const fixture: Fixture = await startGateway(t, {
    gateway: {
      resolve: (host) => {
        if (!isFirst) return fixture.tenant;
        isFirst = false;
        return first(host);
      },
      timeouts: { resolveMs },
    },
  });
  return fixture;
}

function begunIn(t: TestContext): ExchangeBegun[] {
  const begun: ExchangeBegun[] = [];
  t.after(exchangeBegun.subscribe((message) => void begun.push(message)));
  return begun;
}

const failures: Record<string, { lookup: ResolveTenant; detail: RegExp }> = {
  throws: {
    lookup: () => {
      throw new Error("no directory");
    },
    detail: /^Error: no directory\n/,
  },
  rejects: { lookup: () => Promise.reject(new Error("no database")), detail: /^Error: no database\n/ },
  "rejects with something other than an error": { lookup: () => Promise.reject(undefined), detail: /^undefined$/ },
  "does not end": { lookup: () => new Promise(() => undefined), detail: /^no answer within 50 ms$/ },
};

for (const [how, { lookup, detail }] of Object.entries(failures)) {
  test(`a lookup that ${how} is answered with 503, and the next request is served`, async (t) => {
    const begun = begunIn(t);
    const fixture = await lookingUp(t, lookup, 50);
    const raw = await open(t, fixture);
    raw.socket.write(`POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na=1${request}`);
    const replies = await raw.until(/hi$/);
    assert.match(replies, /^HTTP\/1\.1 503 [^]*x-offhook-error: service-lookup-failed\r\n[^]*retry-after: 1\r\n/);
    assert.match(replies, /HTTP\/1\.1 200 OK/);
    // The second one does not wait for a lookup, so it may end first.
    const ended = fixture.ended.toSorted((one, other) => other.status - one.status);
    assert.deepEqual(
      ended.map(({ service, status, code }) => ({ service, status, code })),
      [
        { service: "", status: 503, code: "service-lookup-failed" },
        { service: fixture.tenant.sid, status: 200, code: undefined },
      ],
    );
    assert.match(ended[0]?.detail ?? "", detail);
    const idsOf = (messages: readonly { service: string; requestId: string }[]): string[] =>
      messages.map(({ service, requestId }) => `${service} ${requestId}`).toSorted();
    assert.deepEqual(idsOf(begun), idsOf(ended));
    // No reply is due any more, and the open connection does not delay the end.
    await fixture.gateway.drain();
  });
}

test("the caller does not see why a lookup failed", async (t) => {
  const fixture = await lookingUp(t, () => Promise.reject(new Error("secret")));
  assert.doesNotMatch(JSON.stringify(await call(fixture, "/hello")), /secret/);
});

test("the gateway waits for a slow lookup, and keeps the body that arrives meanwhile", async (t) => {
  const begun = begunIn(t);
  const found = latch<Tenant | undefined>();
  const fixture = await lookingUp(t, () => found.promise);
  const reply = call(fixture, "/hello", { method: "POST", body: "a=1" });
  await call(fixture, "/_offhook/health");
  assert.deepEqual([fixture.invocations.length, begun.length], [0, 0]);
  found.open(fixture.tenant);
  assert.equal((await reply).body, "hi");
  assert.equal(Buffer.from(fixture.invocations[0]?.body ?? []).toString(), "a=1");
  assert.equal(begun[0]?.service, fixture.tenant.sid);
});

test("a host that a slow lookup does not know is not found", async (t) => {
  const fixture = await lookingUp(t, () => Promise.resolve(undefined));
  const reply = await call(fixture, "/hello");
  assert.deepEqual([reply.status, reply.headers["x-offhook-error"]], [404, "host-unknown"]);
});

const lateAnswers: Record<string, (settle: PromiseWithResolvers<Tenant | undefined>, tenant: Tenant) => void> = {
  "finds the tenant": ({ resolve }, tenant) => resolve(tenant),
  "finds no tenant": ({ resolve }) => resolve(undefined),
  fails: ({ reject }) => reject(new Error("late")),
};

for (const [how, settle] of Object.entries(lateAnswers)) {
  test(`a lookup that ${how} after its deadline changes nothing`, async (t) => {
    const late = Promise.withResolvers<Tenant | undefined>();
    const fixture = await lookingUp(t, () => late.promise, 50);
    assert.equal((await call(fixture, "/hello")).status, 503);
    settle(late, fixture.tenant);
    assert.equal((await call(fixture, "/hello")).body, "hi");
    assert.equal(fixture.invocations.length, 1);
    assert.equal(fixture.ended.length, 2);
    await fixture.gateway.drain();
  });
}

test("a request whose client leaves during the lookup ends at once, and its function does not run", async (t) => {
  const found = latch<Tenant | undefined>();
  const fixture = await lookingUp(t, () => found.promise);
  const raw = await open(t, fixture);
  raw.socket.write(request);
  await call(fixture, "/_offhook/health");
  raw.socket.resetAndDestroy();
  await until(() => fixture.ended.length === 1);
  found.open(fixture.tenant);
  assert.equal((await call(fixture, "/hello")).body, "hi");
  assert.equal(fixture.invocations.length, 1);
  await fixture.gateway.drain();
});

test("a lookup that ends while the gateway drains is answered like new requests", async (t) => {
  const found = latch<Tenant | undefined>();
  const fixture = await lookingUp(t, () => found.promise);
  const raw = await open(t, fixture);
  raw.socket.write(request);
  await call(fixture, "/_offhook/health");
  const drained = fixture.gateway.drain();
  found.open(fixture.tenant);
  assert.match(await raw.closed(), /^HTTP\/1\.1 503 [^]*x-offhook-error: server-draining/);
  raw.socket.destroy();
  await drained;
  assert.equal(fixture.invocations.length, 0);
});

test("a lookup that does not end delays draining no longer than its deadline", async (t) => {
  const fixture = await lookingUp(t, () => new Promise(() => undefined), 50);
  const raw = await open(t, fixture);
  raw.socket.write(request);
  await call(fixture, "/_offhook/health");
  const drained = fixture.gateway.drain();
  assert.match(await raw.closed(), /x-offhook-error: service-lookup-failed/);
  raw.socket.destroy();
  await drained;
});

test("a change that fails is answered with 503", async (t) => {
  const fixture: Fixture = await startGateway(t, {
    gateway: { resolve: () => ({ ...fixture.tenant, changed: () => Promise.reject(new Error("half a change")) }) },
  });
  const reply = await call(fixture, "/hello");
  assert.equal(reply.headers["x-offhook-error"], "service-lookup-failed");
  assert.equal(fixture.ended[0]?.service, fixture.tenant.sid);
});
