import assert from "node:assert/strict";
import { test } from "node:test";

import type { Body } from "../../src/api.ts";
import { bodyKind, formFields, readJson, twimlKind, type BodyKind } from "../../src/page/body-kind.ts";

function kindOf(type: string | undefined, text: string, encoding: Body["encoding"] = "utf8"): BodyKind {
  const headers = type === undefined ? [] : ([["Content-Type", type]] as const);
  return bodyKind({ bytes: text.length, text, encoding, isCut: false }, headers);
}

test("the kind of a body decides how it is shown", () => {
  assert.equal(kindOf("application/json; charset=utf-8", "{}"), "json");
  assert.equal(kindOf("application/problem+json", "{}"), "json");
  assert.equal(kindOf("application/x-www-form-urlencoded", "a=b"), "form");
  assert.equal(kindOf("text/html", "<p>"), "html");
  assert.equal(kindOf("image/png", "AAAA", "base64"), "binary");
  assert.equal(kindOf("application/json", ""), "none");
  assert.equal(kindOf(undefined, "hello"), "text");
});

test("TwiML starts with a Response element", () => {
  assert.equal(kindOf("text/xml", '<?xml version="1.0"?>\n<Response/>'), "twiml");
  assert.equal(kindOf("application/xml", "<Response><Say/></Response>"), "twiml");
  assert.equal(kindOf("text/plain", "<Response></Response>"), "twiml");
  assert.equal(kindOf("text/xml", "<rss/>"), "text");
  assert.equal(kindOf("text/html", "<Response>"), "html");
});

test("the request shows whether TwiML is for a call or a message", () => {
  assert.equal(twimlKind({ CallSid: "CA1" }), "voice");
  assert.equal(twimlKind({ MessageSid: "SM1" }), "messaging");
  assert.equal(twimlKind({}), undefined);
});

test("forms and JSON are parsed, or left as text", () => {
  assert.deepEqual(formFields("a=1&a=2&b=%2B1+2"), [
    ["a", "1"],
    ["a", "2"],
    ["b", "+1 2"],
  ]);
  assert.deepEqual(readJson("null"), { value: null });
  assert.equal(readJson('{"cut": "of'), undefined);
});
