/** Headers and cookies of a request as a function sees them (contract rows 95 to 104). */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { buildEvent, type Request } from "../../src/worker/event.ts";
import { holds, hostileBytesText, hostileText } from "./property.ts";

function requestOf(headers: readonly string[]): Request {
  const event = buildEvent(
    { kind: "invoke", id: 1, function: "f", path: "/f", query: "", domain: "localhost", headers },
    Buffer.alloc(0),
    1_000_000,
  );
  return event["request"] as Request;
}

/** The headers that the page about `event` lists as hidden. */
const hidden =
  /^(connection|expect|host|proxy-authenticate|proxy-authorization|proxy-connection|referer|trailer|transfer-encoding|upgrade|via|x-real-ip|(x-accel-|x-forwarded-|x-amz|i-twilio-|i-t-|ot-).*|__proto__)$/s;

const token = fc.string({ unit: fc.constantFrom("a", "B", "-", "_", "!", "~", "0", "x-amz", "proto"), minLength: 1 });
const name = fc.oneof(
  token,
  fc.constantFrom("Cookie", "cookie", "Content-Type", "X-Foo", "x-foo", "__proto__", "constructor", "toString"),
  fc.constantFrom(
    "Host",
    "Via",
    "X-Forwarded-For",
    "X-AMZ",
    "I-T-",
    "OT-x",
    "Referer",
    "Referrer",
    "x-amazing",
    "hosts",
  ),
);

test("headers are in lower case, in the order sent, without the hidden ones", () => {
  holds(
    fc.property(fc.array(fc.tuple(name, hostileBytesText), { maxLength: 12 }), (lines) => {
      const model = new Map<string, string[]>();
      for (const [key, value] of lines) {
        const lower = key.toLowerCase();
        if (!hidden.test(lower)) model.set(lower, [...(model.get(lower) ?? []), value]);
      }
      const { headers } = requestOf(lines.flat());
      assert.equal(Object.getPrototypeOf(headers), Object.prototype);
      const expected = [...model].map(([key, values]) => [key, values.length === 1 ? values[0] : values]);
      assert.deepEqual(Object.entries(headers).toSorted(byName), expected.toSorted(byName));
    }),
    500,
    [
      [
        [
          ["constructor", "1"],
          ["Constructor", "2"],
        ],
      ],
      [[["toString", "1"]]],
    ],
  );
});

function byName(a: readonly unknown[], b: readonly unknown[]): number {
  return String(a[0]) < String(b[0]) ? -1 : 1;
}

/** Pairs between semicolons, without the blanks around name and value. The first pair of a name counts. */
function cookiesIn(header: string): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const piece of header.split(";")) {
    const [key = "", ...rest] = piece.split("=");
    const trimmed = trim(key);
    if (rest.length === 0 || trimmed === "" || trimmed === "__proto__" || cookies.has(trimmed)) continue;
    cookies.set(trimmed, unescaped(trim(rest.join("="))));
  }
  return cookies;
}

function trim(text: string): string {
  return text.replace(/^[ \t]+/, "").replace(/[ \t]+$/, "");
}

/** A value with an invalid escape stays as it is. */
function unescaped(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

test("cookies are the pairs of their header, the first of each name, decoded if possible", () => {
  const pair = fc
    .tuple(
      fc.oneof(hostileText, fc.constantFrom("a", "B", "__proto__", " a ")),
      fc.constantFrom("=", "", " = "),
      hostileText,
    )
    .map((parts) => parts.join(""));
  const separator = fc.constantFrom(";", "; ", ";;", " ;\t");
  const header = fc.tuple(fc.array(pair, { maxLength: 8 }), separator).map(([pairs, between]) => pairs.join(between));
  holds(
    fc.property(fc.array(fc.oneof(header, hostileBytesText), { minLength: 1, maxLength: 2 }), (values) => {
      const { cookies } = requestOf(values.flatMap((value) => ["Cookie", value]));
      assert.equal(Object.getPrototypeOf(cookies), Object.prototype);
      assert.deepEqual(new Map(Object.entries(cookies)), cookiesIn(values.join("; ")));
    }),
    1_000,
    [[["a=1; a=2"]], [["toString=1; hasOwnProperty"]], [["a=%zz%41"]]],
  );
});
