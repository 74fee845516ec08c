import assert from "node:assert/strict";
import { test } from "node:test";
import { call, exchangeRaw, open, startGateway } from "./gateway-fixture.ts";

const tooLong = "Request headers or cookies too long";
/** The client asks to keep the connection. A `connection: close` in the reply is then the server's decision. */
const keepAlive = { connection: "keep-alive" };

test("16 kB of headers, or 91 of them, are refused with 431 and the documented message", async (t) => {
  const fixture = await startGateway(t);
  const long = await call(fixture, "/hello", { headers: { cookie: "a".repeat(16 * 1024) } });
  const many = Object.fromEntries(Array.from({ length: 91 }, (_, index) => [`x-${index}`, "1"]));
  for (const reply of [long, await call(fixture, "/hello", { headers: many })]) {
    assert.equal(reply.status, 431);
    assert.equal(reply.body, tooLong);
    assert.equal(reply.headers["x-offhook-error"], "request-headers-too-long");
  }
  assert.deepEqual(fixture.invocations, []);
  assert.equal((await call(fixture, "/hello", { headers: { cookie: "a".repeat(14 * 1024) } })).status, 200);
});

test("headers that the parser itself cuts off get the same answer", async (t) => {
  const fixture = await startGateway(t);
  const reply = await exchangeRaw(
    t,
    fixture,
    `GET /hello HTTP/1.1\r\nHost: h\r\nCookie: ${"a".repeat(300_000)}\r\n\r\n`,
  );
  assert.match(reply, /^HTTP\/1\.1 431 [^]*x-offhook-error: request-headers-too-long/);
  assert.ok(reply.endsWith(tooLong));
  assert.equal(fixture.ended[0]?.code, "request-headers-too-long");
});

test("without header limits, all headers pass that the parser accepts", async (t) => {
  const limits = { headerBytes: Infinity, headerCount: Infinity };
  const fixture = await startGateway(t, { limits });
  const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`x-${index}`, "1"]));
  assert.equal((await call(fixture, "/hello", { headers: many })).status, 200);
  assert.ok((fixture.invocations[0]?.headers.length ?? 0) >= 6_000);
});

test("headers and body together over the limit are 413, whether announced or not", async (t) => {
  const fixture = await startGateway(t);
  const announced = await call(fixture, "/hello", {
    method: "POST",
    headers: keepAlive,
    body: Buffer.alloc(1_150_000),
  });
  const headers = { ...keepAlive, "transfer-encoding": "chunked" };
  const chunked = await call(fixture, "/hello", { method: "POST", headers, body: Buffer.alloc(3_000_000) });
  for (const reply of [announced, chunked]) {
    assert.equal(reply.status, 413);
    assert.equal(reply.headers.connection, "close");
    assert.equal(reply.headers["x-offhook-error"], "request-too-large");
  }
  assert.equal(fixture.invocations.length, 0);
  assert.equal((await call(fixture, "/hello", { method: "POST", body: Buffer.alloc(900_000, 7) })).status, 200);
  assert.deepEqual(Buffer.from(fixture.invocations[0]?.body ?? []), Buffer.alloc(900_000, 7));
});

test("headers count towards the limit of the request", async (t) => {
  const fixture = await startGateway(t, { limits: { requestBytes: 1_000 } });
  const fits = await call(fixture, "/hello", { method: "POST", body: "b".repeat(800) });
  assert.equal(fits.status, 200);
  const headers = { "x-filler": "c".repeat(300) };
  assert.equal((await call(fixture, "/hello", { method: "POST", headers, body: "b".repeat(800) })).status, 413);
});

test("a body in many small chunks arrives whole", async (t) => {
  const fixture = await startGateway(t);
  const raw = await open(t, fixture);
  raw.socket.write("POST /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
  const letters = Array.from({ length: 500 }, (_, index) => String.fromCharCode(97 + (index % 26)));
  for (const letter of letters) raw.socket.write(`1\r\n${letter}\r\n`);
  raw.socket.write("0\r\n\r\n");
  assert.match(await raw.closed(), /^HTTP\/1\.1 200 /);
  assert.equal(Buffer.from(fixture.invocations[0]?.body ?? []).toString(), letters.join(""));
});

test("a client that expects 100-continue gets it, or is rejected before it sends a byte", async (t) => {
  const fixture = await startGateway(t);
  const raw = await open(t, fixture);
  const head = "POST /hello HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n";
  raw.socket.write(`${head}Connection: close\r\nContent-Length: 3\r\n\r\n`);
  assert.match(await raw.until(/\r\n\r\n/), /^HTTP\/1\.1 100 Continue\r\n/);
  raw.socket.write("a=1");
  assert.match(await raw.closed(), /\r\n\r\nHTTP\/1\.1 200 OK/);

  const refused = await open(t, fixture);
  refused.socket.write(`${head}Content-Length: 2000000\r\n\r\n`);
  assert.match(await refused.until(/Request too large/), /^HTTP\/1\.1 413 [^]*connection: close/i);
  const notFound = await open(t, fixture);
  notFound.socket.write(`${head.replace("/hello", "/nope")}Content-Length: 3\r\n\r\n`);
  assert.match(await notFound.until(/requested resource/), /^HTTP\/1\.1 404 [^]*connection: close/i);
  assert.equal(fixture.invocations.length, 1);
});
