import assert from "node:assert/strict";
import { test } from "node:test";
import { ledger, type ReplyErrorCode } from "../../../src/errors.ts";
import type { Outcome } from "../../../src/pool/invocation.ts";
import { call, exchangeRaw, startGateway, text } from "./gateway-fixture.ts";

function failed(code: ReplyErrorCode, more: object = {}): Outcome {
  return { kind: "failed", code, running: 3, ...more };
}

test("a reply carries the author's headers and the platform's", async (t) => {
  const headers = ["Content-Type", "text/plain; charset=utf8", "set-cookie", "a=1", "Set-Cookie", "b=2"];
  const fixture = await startGateway(t, {
    answer: () => ({ kind: "reply", status: 418, headers, body: Buffer.from("tea ☕"), running: 7 }),
  });
  const reply = await call(fixture, "/hello");
  assert.equal(reply.status, 418);
  assert.equal(reply.body, "tea ☕");
  assert.equal(reply.headers["content-type"], "text/plain; charset=utf8");
  assert.equal(reply.headers["content-length"], "7");
  assert.deepEqual(reply.headers["set-cookie"], ["a=1", "b=2"]);
  assert.equal(reply.headers["x-content-type-options"], "nosniff");
  assert.equal(reply.headers["x-xss-protection"], "1; mode=block");
  assert.equal(reply.headers["x-shenanigans"], "none");
  assert.equal(reply.headers["x-twilio-function-concurrency"], "7");
  assert.match(String(reply.headers["x-offhook-request-id"]), /^RQ[0-9a-f]{32}$/);
  assert.equal(reply.headers["x-offhook-request-id"], fixture.invocations[0]?.requestId);
  assert.deepEqual(
    fixture.ended.map(({ status, bytes, resource, path, method }) => ({ status, bytes, resource, path, method })),
    [{ status: 418, bytes: 7, resource: "function", path: "/hello", method: "GET" }],
  );
});

test("the author's own security headers are kept, in any case, once", async (t) => {
  const headers = ["X-Content-Type-Options", "x", "X-XSS-Protection", "0", "X-Shenanigans", "some"];
  const fixture = await startGateway(t, { answer: () => text("", headers) });
  const { rawHeaders } = await call(fixture, "/hello");
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  for (const name of ["x-content-type-options", "x-xss-protection", "x-shenanigans"]) {
    assert.equal(names.filter((other) => other === name).length, 1, name);
  }
  assert.ok(rawHeaders.includes("some"));
});

test("the author cannot set headers of the connection", async (t) => {
  const headers = ["Transfer-Encoding", "chunked", "Content-Length", "1", "Connection", "upgrade", "Keep-Alive", "x"];
  const fixture = await startGateway(t, { answer: () => text("body", headers) });
  const raw = await exchangeRaw(t, fixture, "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  assert.doesNotMatch(raw, /chunked|upgrade|content-length: 1\r/i);
  assert.match(raw, /content-length: 4\r\n[^]*\r\n\r\nbody$/);
});

test("204 and 304 have no body and no length, even if the author sets a body", async (t) => {
  for (const status of [204, 304]) {
    const fixture = await startGateway(t, { answer: () => text("ignored", ["x-a", "1"], status) });
    const reply = await call(fixture, "/hello");
    assert.equal(reply.status, status);
    assert.equal(reply.body, "");
    assert.equal(reply.headers["content-length"], undefined);
  }
});

test("bytes arrive unchanged, few or many", async (t) => {
  for (const size of [0, 256, 16_384, 16_385, 4_000_000]) {
    const body = new Uint8Array(size).map((_, index) => index % 251);
    const fixture = await startGateway(t, {
      answer: () => ({ kind: "reply", status: 200, headers: ["content-type", "audio/mpeg"], body, running: 1 }),
    });
    const response = await fetch(`${fixture.base}/hello`);
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), body);
  }
});

test("every failure is answered from the ledger", async (t) => {
  let code: ReplyErrorCode = "internal-error";
  const fixture = await startGateway(t, { answer: () => failed(code, { detail: "secret detail" }) });
  for (const [name, entry] of Object.entries(ledger)) {
    if (!("status" in entry)) continue;
    code = name as ReplyErrorCode;
    const reply = await call(fixture, "/hello");
    assert.equal(reply.status, entry.status, name);
    assert.equal(reply.body, entry.message);
    assert.equal(reply.headers["content-type"], "text/plain; charset=utf-8");
    assert.equal(reply.headers["x-offhook-error"], name);
    const isWorthRetrying = [429, 503].includes(entry.status);
    assert.equal(reply.headers["retry-after"], isWorthRetrying ? "1" : undefined, name);
    assert.equal(reply.headers["x-twilio-function-concurrency"], "3");
    assert.equal(fixture.ended.at(-1)?.code, name);
    assert.equal(fixture.ended.at(-1)?.detail, "secret detail");
  }
});

test("an author's error is JSON, with its stack only in development", async (t) => {
  const error = { name: "TypeError", message: "x is no function", stack: "TypeError: x\n  at /secret/place.js" };
  for (const code of ["handler-threw", "callback-error"] as const) {
    for (const isDevelopment of [false, true]) {
      const fixture = await startGateway(t, { answer: () => failed(code, { error }), isDevelopment });
      const reply = await call(fixture, "/hello");
      assert.equal(reply.status, 500);
      assert.equal(reply.headers["content-type"], "application/json");
      assert.equal(reply.headers["x-offhook-error"], code);
      const { name, message, stack } = error;
      assert.deepEqual(JSON.parse(reply.body), isDevelopment ? { message, name, stack } : { message, name });
      assert.equal(fixture.ended[0]?.detail, stack);
    }
  }
  for (const [isDevelopment, told] of [
    [false, ledger["function-load-failed"].message],
    [true, JSON.stringify({ message: error.message, name: error.name, stack: error.stack })],
  ] as const) {
    const loading = await startGateway(t, { answer: () => failed("function-load-failed", { error }), isDevelopment });
    assert.equal((await call(loading, "/hello")).body, told);
  }
});

test("a reply that the author marked as an error keeps its body and gets the code", async (t) => {
  const outcome: Outcome = { kind: "reply", status: 500, headers: [], body: Buffer.from("bad"), running: 1 };
  const fixture = await startGateway(t, { answer: () => ({ ...outcome, failure: "callback-error" }) });
  const reply = await call(fixture, "/hello");
  assert.equal(reply.body, "bad");
  assert.equal(reply.headers["x-offhook-error"], "callback-error");
  assert.equal(fixture.ended[0]?.code, "callback-error");
});

test("an invalid reply from an isolate is an error, not a crash", async (t) => {
  const bad: Outcome[] = [text("", ["x-a", "1\r\nx-b: 2"]), text("", ["x a", "1"]), text("", ["x-a", "\u2713"])];
  for (const outcome of bad) {
    const fixture = await startGateway(t, { answer: () => outcome });
    const reply = await call(fixture, "/hello");
    assert.equal(reply.status, 500);
    assert.equal(reply.headers["x-offhook-error"], "reply-header-invalid");
    assert.equal(reply.headers["x-b"], undefined);
  }
  for (const status of [0, 101, 199, 600, 200.5, Number.NaN]) {
    const fixture = await startGateway(t, { answer: () => text("", [], status) });
    assert.equal((await call(fixture, "/hello")).headers["x-offhook-error"], "reply-status-invalid", String(status));
  }
});

test("an invoker that rejects against its contract is an internal error", async (t) => {
  const fixture = await startGateway(t, { answer: () => Promise.reject(new Error("broken")) });
  const reply = await call(fixture, "/hello");
  assert.equal(reply.status, 500);
  assert.equal(reply.body, "Internal error");
  assert.match(fixture.ended[0]?.detail ?? "", /broken/);
});
