import assert from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { test } from "node:test";
import { isOffhookError } from "../../../src/offhook-error.ts";
import { createGateway } from "../../../src/gateway/gateway.ts";
import { assetsIn, call, exchangeRaw, latch, open, startGateway, text, until } from "./gateway-fixture.ts";

function bare(): ReturnType<typeof createGateway> {
  return createGateway({
    resolve: () => undefined,
    healthPath: false,
    headerBytes: 15_360,
    connectionLimit: Infinity,
    heldLimitBytes: Infinity,
  });
}

test("a used port and an unavailable address have different errors", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  t.after(() => other.close());
  const { port } = other.address() as { port: number };
  const failsWith = async (host: string, number: number, code: string): Promise<void> => {
    const gateway = bare();
    await assert.rejects(gateway.listen(host, number), (error) => isOffhookError(error) && error.code === code);
    await gateway.close();
  };
  await failsWith("127.0.0.1", port, "port-in-use");
  await failsWith("203.0.113.1", 0, "address-unavailable");
  await failsWith("no-such-host.invalid", 0, "address-unavailable");
});

test("a host without a tenant is not found", async (t) => {
  const fixture = await startGateway(t, { gateway: { resolve: () => undefined } });
  const reply = await call(fixture, "/hello");
  assert.equal(reply.status, 404);
  assert.equal(reply.headers["x-offhook-error"], "host-unknown");
  assert.equal(fixture.ended[0]?.service, "");
});

test("the host of the request decides the tenant", async (t) => {
  const one = await startGateway(t);
  const hosts: string[] = [];
  const two = await startGateway(t, {
    gateway: {
      resolve: (host) => {
        hosts.push(host);
        return undefined;
      },
    },
  });
  await call(one, "/hello");
  await call(two, "/hello", { headers: { host: "b.example:81" } });
  assert.deepEqual(hosts, ["b.example:81"]);
});

test("the health path is answered before all checks and is not logged", async (t) => {
  const fixture = await startGateway(t, { limits: { headerCount: 1 } });
  for (const method of ["GET", "HEAD"]) {
    const reply = await call(fixture, "/_offhook/health?x", { method, headers: { "x-a": "1", "x-b": "2" } });
    assert.equal(reply.status, 200);
    assert.equal(reply.headers["content-length"], "15");
    assert.equal(reply.body, method === "GET" ? '{"status":"ok"}' : "");
  }
  assert.deepEqual(fixture.ended, []);
  assert.equal((await call(fixture, "/_offhook/health/x")).status, 431);
  const without = await startGateway(t, { gateway: { healthPath: false } });
  assert.equal((await call(without, "/_offhook/health")).status, 404);
});

test("draining waits for the replies in flight and closes their connections", async (t) => {
  const started = latch();
  const released = latch();
  const fixture = await startGateway(t, {
    answer: async () => {
      started.open();
      await released.promise;
      return text("last");
    },
  });
  const silent = await open(t, fixture);
  const idle = new Agent({ keepAlive: true });
  t.after(() => idle.destroy());
  const health = request({ port: fixture.port, host: "127.0.0.1", path: "/_offhook/health", agent: idle }).end();
  const [healthy] = await once(health, "response");
  healthy.resume();
  await once(healthy, "end");

  // The client asks to keep its connection, so that closing it is the server's decision.
  const slow = call(fixture, "/hello", { headers: { connection: "keep-alive" } });
  await started.promise;
  let isDrained = false;
  const drained = fixture.gateway.drain().then(() => {
    isDrained = true;
  });
  await assert.rejects(call(fixture, "/hello"), { code: "ECONNREFUSED" });
  assert.equal(isDrained, false);
  released.open();
  const reply = await slow;
  assert.equal(reply.body, "last");
  assert.equal(reply.headers.connection, "close");
  await drained;
  assert.equal(await silent.closed(), "");
  await fixture.gateway.drain();
});

test("requests that arrive while draining are rejected, and the health path says so", async (t) => {
  const started = latch();
  const released = latch();
  const fixture = await startGateway(t, {
    answer: async () => {
      started.open();
      await released.promise;
      return text("last");
    },
  });
  // These connections are open when draining begins, and each has sent half a request.
  const late = await open(t, fixture);
  const prober = await open(t, fixture);
  late.socket.write("POST /hello HTTP/1.1\r\n");
  prober.socket.write("GET /_offhook/health HTTP/1.1\r\n");
  await call(fixture, "/_offhook/health");
  const slow = call(fixture, "/hello");
  await started.promise;
  const drained = fixture.gateway.drain();
  late.socket.write("Host: h\r\nContent-Length: 3\r\n\r\na=1");
  prober.socket.write("Host: h\r\n\r\n");
  assert.match(
    await late.closed(),
    /^HTTP\/1\.1 503 [^]*x-offhook-error: server-draining[^]*retry-after: 1\r\n[^]*connection: close/i,
  );
  assert.match(await prober.closed(), /^HTTP\/1\.1 503 [^]*\{"status":"draining"\}$/);
  released.open();
  await slow;
  await drained;
  assert.equal(fixture.invocations.length, 1);
});

test("draining lets a file that is on its way arrive whole", async (t) => {
  const size = 8_000_000;
  const { assets } = await assetsIn(t, { "/big.bin": Buffer.alloc(size) });
  const fixture = await startGateway(t, { assets });
  const raw = await open(t, fixture);
  raw.socket.write("GET /big.bin HTTP/1.1\r\nHost: h\r\n\r\n");
  await raw.until(/\r\n\r\n/);
  raw.socket.pause();
  const drained = fixture.gateway.drain();
  raw.socket.resume();
  const reply = await raw.closed();
  assert.equal(reply.length - reply.indexOf("\r\n\r\n") - 4, size);
  await drained;
});

test("a stalled upload delays draining no longer than the request timeout", async (t) => {
  const fixture = await startGateway(t, { gateway: { timeouts: { headMs: 100, requestMs: 200 } } });
  const raw = await open(t, fixture);
  raw.socket.write("POST /hello HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\nabc");
  await raw.until(/100 Continue/);
  await fixture.gateway.drain();
  assert.deepEqual(fixture.invocations, []);
  await until(() => fixture.ended.length === 1);
  assert.equal(fixture.ended[0]?.code, "request-malformed");
});

test("close cuts requests in flight", async (t) => {
  const started = latch();
  const fixture = await startGateway(t, {
    answer: () => {
      started.open();
      return new Promise(() => undefined);
    },
  });
  const hanging = exchangeRaw(t, fixture, "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  await started.promise;
  const drained = fixture.gateway.drain();
  await fixture.gateway.close();
  assert.equal(await hanging, "");
  await drained;
  await fixture.gateway.close();
});
