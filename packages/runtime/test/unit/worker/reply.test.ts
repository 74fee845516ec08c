import assert from "node:assert/strict";
import { test } from "node:test";
import type { WorkerLimits } from "../../../src/protocol/messages.ts";
import { errorReplyFrom, replyFrom } from "../../../src/worker/reply.ts";
import { TwilioResponse } from "../../../src/worker/twilio-response.ts";

const limits: WorkerLimits = {
  requestBytes: 1_000_000,
  replyBytes: 4_000_000,
  headerBytes: 15_360,
  headerCount: 90,
  cookieMaxAgeSeconds: 86_400,
};

function shown(payload: unknown): { status: number; type: string | undefined; body: string } {
  const { status, headers, body } = replyFrom(payload, limits);
  const at = headers.findIndex((entry, i) => i % 2 === 0 && entry.toLowerCase() === "content-type");
  return { status, type: at === -1 ? undefined : headers[at + 1], body: body.toString() };
}

const response = (): TwilioResponse => new TwilioResponse();

function headersOf(payload: TwilioResponse): string[] {
  return replyFrom(payload, limits).headers.filter((_, i, all) => all[i - (i % 2)]?.toLowerCase() !== "content-type");
}

function cookiesOf(payload: TwilioResponse): string[] {
  return headersOf(payload).filter((_, i) => i % 2 === 1);
}

class Markup {
  toString(): string {
    return '<?xml version="1.0" encoding="UTF-8"?><Response/>';
  }
}

test("each kind of payload has its content type", () => {
  const text = "text/plain; charset=utf8";
  const json = "application/json";
  assert.deepEqual(shown("hi"), { status: 200, type: text, body: "hi" });
  assert.deepEqual(shown(""), { status: 200, type: text, body: "" });
  assert.deepEqual(shown("<Response/>"), { status: 200, type: text, body: "<Response/>" });
  assert.deepEqual(shown({ a: 1 }), { status: 200, type: json, body: '{"a":1}' });
  assert.deepEqual(shown([1]), { status: 200, type: json, body: "[1]" });
  assert.deepEqual(shown(true), { status: 200, type: json, body: "true" });
  assert.deepEqual(shown(42), { status: 200, type: json, body: "42" });
  assert.deepEqual(shown(null), { status: 200, type: undefined, body: "" });
  assert.deepEqual(shown(undefined), { status: 200, type: undefined, body: "" });
  assert.deepEqual(shown(new Markup()), { status: 200, type: "text/xml; charset=utf-8", body: String(new Markup()) });
  assert.deepEqual(shown(Buffer.from("a")), { status: 200, type: json, body: '{"type":"Buffer","data":[97]}' });
  assert.deepEqual(shown(new Date(0)), { status: 200, type: json, body: '"1970-01-01T00:00:00.000Z"' });
});

test("an error payload is a 500 with the same types", () => {
  assert.equal(errorReplyFrom("bad", limits).status, 500);
  assert.equal(errorReplyFrom({ a: 1 }, limits).body.toString(), '{"a":1}');
});

test("a Twilio.Response sets its own status, type and body", () => {
  const octets = "application/octet-stream";
  assert.deepEqual(shown(response().setBody("x")), { status: 200, type: octets, body: "x" });
  assert.deepEqual(shown(response().setStatusCode(204)), { status: 204, type: undefined, body: "" });
  assert.deepEqual(shown(response().setBody({ a: 1 })), { status: 200, type: "application/json", body: '{"a":1}' });
  assert.deepEqual(shown(response().setBody(new Markup())).type, "text/xml; charset=utf-8");
  const asJson = (name: string, body: unknown): string =>
    shown(response().appendHeader(name, "application/json").setBody(body)).body;
  assert.equal(asJson("Content-Type", { a: 1 }), '{"a":1}');
  assert.equal(asJson("content-type", { a: 1 }), '{"a":1}');
  assert.equal(asJson("Content-Type", '{"a":1}'), '{"a":1}', "a string is sent as it is");
  const audio = response()
    .appendHeader("Content-Type", "audio/mpeg")
    .setBody(Buffer.from([0, 255]));
  assert.deepEqual(replyFrom(audio, limits).body, Buffer.from([0, 255]));
  assert.equal(shown(audio).type, "audio/mpeg");
});

test("headers keep their order, their repetitions and their spelling", () => {
  assert.deepEqual(headersOf(response().appendHeader("X-A", "a").appendHeader("X-A", "b")), ["X-A", "a", "X-A", "b"]);
  assert.deepEqual(headersOf(response().appendHeader("x", ["a", "b"])), ["x", "a", "x", "b"]);
  assert.deepEqual(headersOf(response().appendHeader("a", "1").setHeaders({ b: "2" })), ["b", "2"]);
  assert.deepEqual(headersOf(response().appendHeader("n", 1).appendHeader("t", true)), ["n", "1", "t", "true"]);
  assert.throws(() => response().appendHeader("x", {}), /^Error: Header value cannot be an object$/);
  assert.deepEqual(headersOf(response().setHeaders("nonsense" as never)), []);
});

test("headers that belong to the connection are left out", () => {
  const all = response();
  for (const name of ["Connection", "Content-Length", "Keep-Alive", "Transfer-Encoding", "Upgrade", "TE", "Trailer"]) {
    all.appendHeader(name, "1");
  }
  assert.deepEqual(headersOf(all), []);
});

test("a header or status that HTTP does not allow is refused with its name", () => {
  for (const [name, value] of [
    ["x\r\ny", "1"],
    ["", "1"],
    ["x y", "1"],
    ["x", "a\r\nb: c"],
    ["x", "漢"],
    ["x", "\0"],
  ] as const) {
    assert.throws(() => headersOf(response().appendHeader(name, value)), { code: "reply-header-invalid" }, name);
  }
  for (const status of [99, 100, 199, 600, 1000, 1.5, Number.NaN, "abc", null]) {
    assert.throws(() => shown(response().setStatusCode(status as number)), { code: "reply-status-invalid" });
  }
  assert.equal(shown(response().setStatusCode("404" as never)).status, 404);
});

test("bodies and headers are limited", () => {
  assert.throws(() => shown("x".repeat(4_000_001)), { code: "reply-too-large" });
  assert.equal(shown("x".repeat(3_900_000)).status, 200);
  assert.throws(() => shown(response().appendHeader("x", "y".repeat(15_360))), { code: "reply-headers-too-long" });
  const many = response();
  for (let i = 0; i < 91; i++) many.appendHeader(`x-${i}`, "1");
  assert.throws(() => shown(many), { code: "reply-headers-too-long" });
});

test("cookies get security attributes, and live for a day at most", () => {
  const flags = ";HttpOnly;Secure";
  assert.deepEqual(cookiesOf(response().setCookie("a", "1")), [`a=1${flags}`]);
  assert.deepEqual(cookiesOf(response().setCookie("a", "1", ["SameSite=Lax", "Max-Age=60"])), [
    `a=1;SameSite=Lax;Max-Age=60${flags}`,
  ]);
  assert.deepEqual(cookiesOf(response().setCookie("a", "1", ["Domain=example.com", "secure"])), [`a=1${flags}`]);
  assert.deepEqual(cookiesOf(response().setCookie("a", "1").setCookie("b", "2")), [`a=1${flags}`, `b=2${flags}`]);
  assert.deepEqual(cookiesOf(response().removeCookie("a")), [`a=;Max-Age=0${flags}`]);
  assert.deepEqual(cookiesOf(response().setCookie("a", "1").removeCookie("a")), [`a=;Max-Age=0${flags}`]);
  assert.deepEqual(cookiesOf(response().setHeaders({ "set-cookie": "a=1" })), [`a=1${flags}`]);
  assert.deepEqual(
    cookiesOf(
      response()
        .setHeaders({ "SET-COOKIE": ["a=1"] })
        .setCookie("b", "2"),
    ).length,
    2,
  );

  const aging = (...attributes: string[]): unknown => cookiesOf(response().setCookie("a", "1", attributes));
  assert.ok(aging("Max-Age=86400"));
  assert.throws(() => aging("Max-Age=86401"), { code: "cookie-too-old" });
  assert.throws(() => aging(`Expires=${new Date(Date.now() + 2 * 86_400_000).toUTCString()}`), {
    code: "cookie-too-old",
  });
  assert.ok(
    aging("Max-Age=60", `Expires=${new Date(Date.now() + 2 * 86_400_000).toUTCString()}`),
    "Max-Age beats Expires",
  );
});

test("names of an object's own properties are only names", () => {
  const odd = response().appendHeader("__proto__", "1").appendHeader("constructor", "2");
  assert.deepEqual(headersOf(odd), ["__proto__", "1", "constructor", "2"]);
});
