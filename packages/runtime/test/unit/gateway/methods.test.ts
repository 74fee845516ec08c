import assert from "node:assert/strict";
import { test } from "node:test";
import { assetsIn, call, exchangeRaw, startGateway } from "./gateway-fixture.ts";

test("unsupported methods are rejected with the list of the supported ones, on functions and assets", async (t) => {
  const { assets } = await assetsIn(t, { "/a.css": "a{}" });
  const fixture = await startGateway(t, { assets });
  for (const method of ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"]) {
    for (const path of ["/hello", "/a.css"]) {
      const reply = await call(fixture, path, { method });
      assert.equal(reply.status, 405, `${method} ${path}`);
      assert.equal(reply.headers.allow, "GET, HEAD, POST, OPTIONS");
      assert.equal(reply.headers["x-offhook-error"], "method-not-allowed");
    }
  }
  assert.equal((await call(fixture, "/nope", { method: "PUT" })).status, 404);
  assert.deepEqual(fixture.invocations, []);
});

test("CONNECT is refused and its connection closed", async (t) => {
  const fixture = await startGateway(t);
  const reply = await exchangeRaw(t, fixture, "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n");
  assert.match(reply, /^HTTP\/1\.1 405 [^]*x-offhook-error: method-not-allowed/);
});

test("HEAD runs the function and keeps the length but not the body", async (t) => {
  const fixture = await startGateway(t);
  const bytes = "HEAD /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  const reply = await exchangeRaw(t, fixture, bytes);
  assert.match(reply, /^HTTP\/1\.1 200 [^]*content-length: 2\r\n[^]*\r\n\r\n$/);
  assert.equal(fixture.invocations.length, 1);
  assert.equal(fixture.ended[0]?.bytes, 0);
});

test("a GET or HEAD with a body is refused and the connection stays usable", async (t) => {
  const fixture = await startGateway(t);
  for (const method of ["GET", "HEAD"]) {
    const reply = await call(fixture, "/hello", { method, headers: { "content-length": "3" }, body: "a=1" });
    assert.equal(reply.status, 403);
    assert.equal(reply.headers["x-offhook-error"], "body-with-get");
  }
  const chunked = "GET /hello HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  assert.match(await exchangeRaw(t, fixture, chunked), /^HTTP\/1\.1 403 /);
  assert.deepEqual(fixture.invocations, []);
  assert.equal((await call(fixture, "/hello", { headers: { "content-length": "0" } })).status, 200);

  const sized = "GET /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na=1";
  const next = "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  assert.match(await exchangeRaw(t, fixture, sized + next), /^HTTP\/1\.1 403 [^]*HTTP\/1\.1 200 /);
});

test("a preflight is answered without the function, on functions and assets", async (t) => {
  const { assets } = await assetsIn(t, { "/a.css": "a{}" });
  const fixture = await startGateway(t, { assets });
  for (const path of ["/hello", "/hello?x=1", "/a.css"]) {
    const reply = await call(fixture, path, { method: "OPTIONS", headers: { origin: "https://example.org" } });
    assert.equal(reply.status, 204);
    assert.equal(reply.headers["access-control-allow-origin"], "*");
    assert.equal(reply.headers["access-control-allow-methods"], "GET, POST, OPTIONS");
    assert.equal(reply.headers["access-control-expose-headers"], "ETag");
    assert.equal(reply.headers["access-control-max-age"], "86400");
    assert.equal(reply.headers["access-control-allow-credentials"], "true");
    const allowed = String(reply.headers["access-control-allow-headers"]).split(", ");
    assert.deepEqual(allowed, [
      "*",
      "Accept",
      "Authorization",
      "Content-Type",
      "If-Match",
      "If-Modified-Since",
      "If-None-Match",
      "If-Unmodified-Since",
      "User-Agent",
    ]);
    assert.equal(reply.headers["content-length"], undefined);
    assert.equal(reply.body, "");
  }
  assert.deepEqual(fixture.invocations, []);
});

test("a preflight of an unknown path is 404, of a protected one 403, signed or not", async (t) => {
  const fixture = await startGateway(t);
  assert.equal((await call(fixture, "/nope", { method: "OPTIONS" })).status, 404);
  assert.equal((await call(fixture, "/p", { method: "OPTIONS" })).status, 403);
  assert.deepEqual(fixture.invocations, []);
});

test("the gateway adds no CORS header to replies", async (t) => {
  const fixture = await startGateway(t);
  const reply = await call(fixture, "/hello", { headers: { origin: "https://example.org" } });
  assert.deepEqual(
    Object.keys(reply.headers).filter((name) => name.startsWith("access-control-")),
    [],
  );
});
