import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeForm, sign, withBodyHash } from "../src/signature.ts";

// Computed with OpenSSL, not with this code:
//   printf '%s' "$DATA" | openssl dgst -sha1 -hmac made-up-token -binary | base64
const token = "made-up-token";

test("the signature of a GET covers its URL", () => {
  assert.equal(sign(token, "https://example.com/p?a=1"), "glRZquBa/kcY+5EAZW50ztiWX2Y=");
});

test("the signature of a form covers its parameters, sorted by name", () => {
  assert.equal(
    sign(token, "https://example.com/p", { To: "+15550101", From: "+15550100" }),
    "9g5eCLCs+swfVBXYStLMkspFANE=",
  );
});

test("a repeated parameter counts once for each value, sorted", () => {
  const repeated = sign(token, "https://example.com/p", { b: ["2", "1", "2"], a: "0" });
  assert.equal(repeated, "wtdeiORFR5ibgqAcEjCyTtuLgeQ=");
  assert.equal(repeated, sign(token, "https://example.com/p", { a: "0", b: ["1", "2"] }));
});

test("text beyond ASCII is signed as UTF-8", () => {
  assert.equal(sign(token, "https://example.com/p", { Body: "ż" }), "bIynZajQOf78oMXWKfSlsDcB0Zc=");
});

test("another token, URL or parameter gives another signature", () => {
  const usual = sign(token, "https://example.com/p", { a: "1" });
  assert.notEqual(sign("other", "https://example.com/p", { a: "1" }), usual);
  assert.notEqual(sign(token, "https://example.com/q", { a: "1" }), usual);
  assert.notEqual(sign(token, "https://example.com/p", { a: "2" }), usual);
});

test("the hash in the query covers a JSON body", () => {
  const hash = "2bfd14f43d17fc7cea24e0917a8879b4b2f880b8baeec1b9d90fbaad655e71bd";
  assert.equal(withBodyHash("/p", '{"n":1}'), `/p?bodySHA256=${hash}`);
  assert.equal(withBodyHash("/p?a=1", '{"n":1}'), `/p?a=1&bodySHA256=${hash}`);
});

test("a form has repeated keys several times", () => {
  assert.equal(encodeForm({ a: ["1", "2"], b: "x y&ż" }), "a=1&a=2&b=x+y%26%C5%BC");
});
