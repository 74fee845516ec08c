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

test("a form body is read in the same way, and overrides the query", () => {
  assert.deepEqual(parametersOf("a=1&b=2", "a=3&a=4", form), { a: ["3", "4"], b: "2" });
  assert.deepEqual(parametersOf("", "Body=hi", `${form}; charset=UTF-8`), { Body: "hi" });
});

test("a JSON body keeps its types, and an array becomes parameters by index", () => {
  const body = JSON.stringify({ n: 1, o: { x: true }, l: [null] });
  assert.deepEqual(parametersOf("n=0", body, "application/json"), { n: 1, o: { x: true }, l: [null] });
  assert.deepEqual(parametersOf("", "\uFEFF{}", "application/json"), {});
  assert.deepEqual(parametersOf("", '[{"a":1},{"a":2}]', "Application/JSON; charset=utf-8"), {
    0: { a: 1 },
    1: { a: 2 },
  });
});

test("other bodies are not parsed, and an empty one adds nothing", () => {
  for (const type of ["text/plain", "multipart/form-data; boundary=x", "application/xml", "application/vnd.x+json"]) {
    assert.deepEqual(parametersOf("a=1", "b=2", type), { a: "1" });
  }
  assert.deepEqual(parametersOf("a=1", "", "application/json"), { a: "1" });
  assert.deepEqual(parametersOf("a=1", "b=2"), { a: "1" });
});

test("malformed JSON and single values are refused", () => {
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

const utf16be = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();

test("a body is decoded in the charset that Content-Type names", () => {
  const cases: readonly (readonly [type: string, body: Buffer | string, parameter: string])[] = [
    [`${form}; charset=iso-8859-1`, "a=caf%E9", "café"],
    [`${form};CHARSET="ISO-8859-1"`, Buffer.from("a=café", "latin1"), "café"],
    [`${form};charset=windows-1252`, "a=%80+%e9&b=%93x%94", "€ é"],
    [`${form};charset=us-ascii`, "a=b%2Bc", "b+c"],
    [`${form};charset=Shift_JIS`, "a=%83A", "ア"],
    [`${form};charset=iso-2022-jp`, "a=%1B%24B%25%22%1B%28B", "ア"],
    [`${form};charset=iso-2022-jp`, Buffer.from("a=\u001b$B&N\u001b(B", "latin1"), "ξ"],
    [`${form};charset=gb18030`, "a=%B9%FA", "国"],
    [`${form};charset=utf-16le`, Buffer.from("a=caf%C3%A9", "utf16le"), "café"],
    [`${form};charset=utf-8`, "\ufeffa=1", "1"],
    [form, "\ufeffa=1", "1"],
    [form, "a=caf%C3%A9", "café"],
    [form, "a=café", "café"],
    // As in the URL Standard, escapes may stand for any bytes.
    [form, "a=caf%E9", "caf\ufffd"],
    ["application/json;charset=latin1", Buffer.from('{"a":"café"}', "latin1"), "café"],
    ["application/json; charset=koi8-r", Buffer.from('{"a":"\u00c9"}', "latin1"), "и"],
    ["application/json;charset=utf-16", Buffer.from('\ufeff{"a":"ξ"}', "utf16le"), "ξ"],
    ["application/json;charset=utf-16", utf16be('\ufeff{"a":"ξ"}'), "ξ"],
    ["application/json;charset=utf-16", Buffer.from('{"a":"ξ"}', "utf16le"), "ξ"],
    ["application/json;charset=utf-16", utf16be('{"a":"ξ"}'), "ξ"],
    ["application/json;charset=utf-16be", utf16be('{"a":"ξ"}'), "ξ"],
    ["application/json", Buffer.from('\ufeff{"a":"ξ"}', "utf16le"), "ξ"],
    ["application/json", utf16be('\ufeff{"a":"ξ"}'), "ξ"],
    ["application/json", '\ufeff{"a":"ξ"}', "ξ"],
    ['application/json; x="; charset=nope"; charset = utf8', '{"a":"ξ"}', "ξ"],
    ["application/json;charset", '{"a":"ξ"}', "ξ"],
    ["application/json;charset=", '{"a":"ξ"}', "ξ"],
    ["application/json;charset=utf-8;charset=UTF-8", '{"a":"ξ"}', "ξ"],
    ['application/json;charset="utf\\-8', '{"a":"ξ"}', "ξ"],
  ];
  for (const [type, body, parameter] of cases) assert.equal(parametersOf("", body, type)["a"], parameter, type);
});

test("a body with invalid bytes or an unknown charset is refused, and not damaged", () => {
  for (const [type, body, code] of [
    [`${form};charset=utf-7`, "a=1", "body-charset-unsupported"],
    [`${form};charset=utf-32`, "a=1", "body-charset-unsupported"],
    ["application/json;charset=nope", "{}", "body-charset-unsupported"],
    ["application/json;charset='utf-8'", "{}", "body-charset-unsupported"],
    ["application/json;charset=utf-8;charset=iso-8859-1", "{}", "body-charset-unsupported"],
    ["application/json;charset=replacement", "{}", "body-charset-unsupported"],
    [form, Buffer.from("a=café", "latin1"), "body-malformed"],
    [`${form};charset=utf-8`, Buffer.from("a=café", "latin1"), "body-malformed"],
    [`${form};charset=shift_jis`, Buffer.from("a=\u0083", "latin1"), "body-malformed"],
    ["application/json", Buffer.from('{"a":"café"}', "latin1"), "body-malformed"],
    ["application/json", Buffer.from('{"a":1}', "utf16le"), "body-malformed"],
    ["application/json;charset=utf-8", Buffer.from('\ufeff{"a":1}', "utf16le"), "body-malformed"],
    ["application/json;charset=utf-16le", Buffer.from('{"a":"\ud800"}', "utf16le"), "body-malformed"],
    ["application/json;charset=utf-16le", Buffer.from('{"a":1} ', "utf16le").subarray(0, -1), "body-malformed"],
  ] as const) {
    assert.throws(() => eventOf("", body, ["content-type", type]), { code }, type);
  }
  // If the body is not decoded, or empty, its charset does not matter.
  for (const [type, body] of [
    ["text/plain;charset=nope", "a"],
    ["multipart/form-data;charset=nope", "a"],
    ["application/json;charset=nope", ""],
  ] as const) {
    assert.deepEqual(parametersOf("", body, type), {});
  }
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

test("the event has an object's own methods, and a parameter may be named request", () => {
  const event = eventOf("request=x") as Event & { hasOwnProperty(key: string): boolean };
  assert.equal(event.hasOwnProperty("request"), true);
  assert.equal(event["request"], "x");
});

test("headers are lower-cased, repeated ones are in order, and hidden ones are removed", () => {
  const { headers } = requestOf("X-Foo", "1", "x-foo", "2", "Authorization", "Basic x", "X-Twilio-Signature", "s");
  assert.deepEqual(headers, { "x-foo": ["1", "2"], authorization: "Basic x", "x-twilio-signature": "s" });
  const hidden =
    "Connection Proxy-Connection Expect Host Proxy-Authorization Proxy-Authenticate Referer Trailer Transfer-Encoding " +
    "Upgrade Via X-Real-IP X-Forwarded-For X-Forwarded-Host X-Accel-Buffering X-Amz-Foo I-Twilio-Foo OT-Foo I-T-Foo " +
    "__proto__";
  assert.deepEqual(requestOf(...hidden.split(" ").flatMap((name) => [name, "x"])).headers, {});
});

test("cookies are a map, and the first of a name wins", () => {
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
