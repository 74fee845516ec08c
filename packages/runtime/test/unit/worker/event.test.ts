import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import type { Invoke } from "../../../src/protocol/messages.ts";
import { buildEvent, EventError, type Event, type Request } from "../../../src/worker/event.ts";

const form = "application/x-www-form-urlencoded";

function eventOf(query: string, body: string | Buffer = "", headers: string[] = [], limitBytes = 1_000_000): Event {
  const invoke: Invoke = { kind: "invoke", id: 1, function: "f", path: "/f", query, domain: "localhost", headers };
  return buildEvent(invoke, Buffer.from(body), limitBytes);
}

function requestOf(...headers: string[]): Request {
  return eventOf("", "", headers)["request"] as Request;
}

function parametersOf(query: string, body?: string | Buffer, type?: string): Event {
  const { request: _, ...parameters } = eventOf(query, body, type === undefined ? [] : ["Content-Type", type]);
  return parameters;
}

test("query parameters are strings, repeated ones arrays, bracket keys literal", () => {
  assert.deepEqual(parametersOf("age=42&name=Rick"), { age: "42", name: "Rick" });
  assert.deepEqual(parametersOf("a=1&a=2&b="), { a: ["1", "2"], b: "" });
  assert.deepEqual(parametersOf("Options[1]=x&o[a][b]=y"), { "Options[1]": "x", "o[a][b]": "y" });
  assert.deepEqual(parametersOf("a=1+2%2B3&b=%zz&c=%E6%BC%A2"), { a: "1 2+3", b: "%zz", c: "漢" });
});

test("a form body does the same, and stands over the query", () => {
  assert.deepEqual(parametersOf("a=1&b=2", "a=3&a=4", form), { a: ["3", "4"], b: "2" });
  assert.deepEqual(parametersOf("", "Body=hi", `${form}; charset=UTF-8`), { Body: "hi" });
});

test("a JSON body keeps its types; an array goes by index", () => {
  const body = JSON.stringify({ n: 1, o: { x: true }, l: [null] });
  assert.deepEqual(parametersOf("n=0", body, "application/json"), { n: 1, o: { x: true }, l: [null] });
  assert.deepEqual(parametersOf("", "\uFEFF{}", "application/json"), {});
  assert.deepEqual(parametersOf("", '[{"a":1},{"a":2}]', "Application/JSON; charset=utf-8"), {
    0: { a: 1 },
    1: { a: 2 },
  });
});

test("other bodies are not looked at, and an empty one says nothing", () => {
  for (const type of ["text/plain", "multipart/form-data; boundary=x", "application/xml", "application/vnd.x+json"]) {
    assert.deepEqual(parametersOf("a=1", "b=2", type), { a: "1" });
  }
  assert.deepEqual(parametersOf("a=1", "", "application/json"), { a: "1" });
  assert.deepEqual(parametersOf("a=1", "b=2"), { a: "1" });
});

test("JSON that is none, or a lone value, is refused", () => {
  for (const body of ["{bad", "5", '"x"', "null", "true", "[1,"]) {
    assert.throws(() => parametersOf("", body, "application/json"), { code: "body-malformed" }, body);
  }
});

test("compressed bodies are read, within the limit", () => {
  const body = "a=1&b=2";
  const headers = (encoding: string): string[] => ["Content-Type", form, "Content-Encoding", encoding];
  for (const [encoding, compress] of [
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ] as const) {
    assert.equal(eventOf("", compress(body), headers(encoding))["b"], "2");
    assert.throws(() => eventOf("", compress(Buffer.alloc(5000)), headers(encoding), 4000), {
      code: "request-too-large",
    });
    assert.throws(() => eventOf("", "not compressed", headers(encoding)), { code: "body-malformed" });
  }
  assert.equal(eventOf("", body, headers("identity"))["b"], "2");
  assert.throws(() => eventOf("", body, headers("zstd")), { code: "body-encoding-unsupported" });
});

test("no key reaches a prototype", () => {
  for (const [query, body, type] of [
    ["__proto__=x&constructor=y", "", undefined],
    ["", "__proto__=x&constructor=y", form],
    [
      "",
      '{"__proto__":{"polluted":1},"a":{"__proto__":{"polluted":1}},"constructor":{"prototype":{"polluted":1}}}',
      "application/json",
    ],
    ["", '{"\\u005f_proto__":{"polluted":1}}', "application/json"],
  ] as const) {
    const parameters = parametersOf(query, body, type);
    assert.equal(Object.getPrototypeOf(parameters), Object.prototype);
    assert.equal(Object.hasOwn(parameters, "__proto__"), false);
    assert.equal((parameters as { polluted?: unknown }).polluted, undefined);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    const nested = parameters["a"];
    if (typeof nested === "object" && nested !== null) assert.equal(Object.hasOwn(nested, "__proto__"), false);
  }
});

test("the event has an object's own methods, and a parameter may be called request", () => {
  const event = eventOf("request=x") as Event & { hasOwnProperty(key: string): boolean };
  assert.equal(event.hasOwnProperty("request"), true);
  assert.equal(event["request"], "x");
});

test("headers are lower-cased, repeated ones in order, hidden ones away", () => {
  const { headers } = requestOf("X-Foo", "1", "x-foo", "2", "Authorization", "Basic x", "X-Twilio-Signature", "s");
  assert.deepEqual(headers, { "x-foo": ["1", "2"], authorization: "Basic x", "x-twilio-signature": "s" });
  const hidden =
    "Connection Proxy-Connection Expect Host Proxy-Authorization Proxy-Authenticate Referer Trailer Transfer-Encoding " +
    "Upgrade Via X-Real-IP X-Forwarded-For X-Forwarded-Host X-Accel-Buffering X-Amz-Foo I-Twilio-Foo OT-Foo I-T-Foo " +
    "__proto__";
  assert.deepEqual(requestOf(...hidden.split(" ").flatMap((name) => [name, "x"])).headers, {});
});

test("cookies are a map; the first of a name wins", () => {
  assert.deepEqual(requestOf("Cookie", "a=1; B=2; a=3").cookies, { a: "1", B: "2" });
  assert.deepEqual(requestOf("Cookie", "a=1", "Cookie", "b=%20x").cookies, { a: "1", b: " x" });
  assert.deepEqual(requestOf("Cookie", "__proto__=x; ;=; c").cookies, {});
  assert.deepEqual(requestOf().cookies, {});
});

test("ten thousand parameters are read", () => {
  const query = Array.from({ length: 10_000 }, (_, i) => `k${i}=${i}`).join("&");
  assert.equal(Object.keys(parametersOf(query)).length, 10_000);
  assert.throws(() => parametersOf("", "[".repeat(100_000), "application/json"), EventError);
});
