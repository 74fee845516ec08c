/**
 * The parts of an exchange that pages show.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import { bodyOf, eventOf, isPacked, labelOf, contentTypeOf, pairsOf } from "../../src/server/exchange-parts.ts";
import { phasesOf } from "../../src/server/phases.ts";

const same = (text: string): string => text;

test("a UTF-8 body is text, and other bodies are base64", () => {
  assert.deepEqual(bodyOf(Buffer.from("grüße"), same), { bytes: 7, text: "grüße", encoding: "utf8", isCut: false });
  const binary = Buffer.from([0xff, 0, 1]);
  assert.deepEqual(bodyOf(binary, same), { bytes: 3, text: "/wAB", encoding: "base64", isCut: false });
});

test("a long body is cut between characters, and its full length is known", () => {
  const body = bodyOf(Buffer.from(`x${"😀".repeat(50_000)}`), same);
  assert.equal(body.bytes, 200_001);
  assert.ok(body.isCut && body.text.length < 65_537 && body.text.isWellFormed());
  const binary = bodyOf(Buffer.alloc(200_000, 255), same);
  assert.ok(binary.isCut && binary.text.length < 100_000);
});

test("secrets are masked before the cut", () => {
  const secret = "s".repeat(100);
  const hide = (text: string): string => text.replaceAll(secret, "•••");
  const { text } = bodyOf(Buffer.from("x".repeat(65_500) + secret), hide);
  assert.ok(text.endsWith("x•••"));
});

test("a body in another charset is not shown if its text has a secret", () => {
  const hide = (text: string): string => text.replaceAll("open-sesame-é", "•••").replaceAll("sesame", "•••");
  const hidden = { text: "", encoding: "base64", isCut: true };
  const json = '{"password":"open-sesame-é"}';
  const ascii = '{"password":"sesame"}';
  const bigEndian = Buffer.from(json, "utf16le").swap16();
  const utf16 = (text: string): Buffer => Buffer.from(text, "utf16le");
  for (const [type, body] of [
    ["application/json; charset=utf-16", utf16(json)],
    ["application/json; charset=utf-16le", utf16(ascii)],
    ["application/json; charset=utf-16be", bigEndian],
    ["application/json", utf16(`\ufeff${json}`)],
    ["application/json", utf16(ascii)],
    ["text/plain", utf16(ascii)],
    ["application/json; charset=latin1", Buffer.from(json, "latin1")],
    ["application/json; charset=unknown", Buffer.from('{"é":"sesame"}', "latin1")],
  ] as const) {
    const { bytes, ...rest } = bodyOf(body, hide, undefined, type);
    assert.deepEqual(rest, hidden, type);
    assert.equal(bytes, body.length);
  }
  const harmless = utf16('{"name":"Ada"}');
  assert.equal(bodyOf(harmless, hide, undefined, "application/json; charset=utf-16").text, harmless.toString("base64"));
  assert.equal(bodyOf(Buffer.from("é"), hide, undefined, "text/plain; charset=utf8").text, "é");
  assert.equal(bodyOf(Buffer.from("e"), hide, undefined, "text/plain; charset=latin1").text, "e");
});

test("the event is the same as in functions", () => {
  const form = ["Content-Type", "application/x-www-form-urlencoded"];
  assert.deepEqual(eventOf("/a?x=1&y=2", form, Buffer.from("y=3&z=4&z=5")), { x: "1", y: "3", z: ["4", "5"] });
  assert.deepEqual(eventOf("/a", ["content-type", "application/json"], Buffer.from('{"a":{"b":1}}')), { a: { b: 1 } });
  assert.deepEqual(eventOf("/a?b=1", ["content-type", "application/json"], Buffer.from("{")), {});
  assert.deepEqual(eventOf("/a", [], Buffer.from("nothing")), {});
});

const labels: readonly (readonly [Record<string, unknown>, string | undefined])[] = [
  [{ MessageSid: "SM1", Body: "Hello", From: "+1" }, "“Hello” from +1"],
  [{ MessageSid: "SM1", MessageStatus: "delivered" }, "message delivered"],
  [{ CallSid: "CA1", CallStatus: "ringing", From: "+1" }, "call ringing from +1"],
  [{ CallSid: "CA1", Digits: "12", From: "+1" }, "digits 12 from +1"],
  [{ CallSid: "CA1", SpeechResult: "sales" }, "“sales”"],
  [{ a: 1 }, undefined],
  [{ MessageSid: ["SM1"], Body: "x" }, undefined],
  [JSON.parse('{"__proto__":{"MessageSid":"SM1"}}') as Record<string, unknown>, undefined],
];

for (const [event, label] of labels) {
  test(`${JSON.stringify(event)} is ${label ?? "not a webhook"}`, () => assert.equal(labelOf(event), label));
}

test("a long message is shortened in its label", () => {
  assert.equal(labelOf({ MessageSid: "SM1", Body: "x".repeat(500) })?.length, 62);
});

test("headers come in pairs, and the content type in lower case", () => {
  const pairs = pairsOf(["Content-Type", "Text/HTML; charset=x", "a", "b"]);
  assert.deepEqual(pairs[1], ["a", "b"]);
  assert.equal(contentTypeOf(pairs), "text/html; charset=x");
  assert.equal(contentTypeOf([]), "");
});

const names = (phases: ReturnType<typeof phasesOf>): string =>
  phases.map(({ name, tookMs }) => `${name} ${tookMs}`).join(", ");

test("the phases follow one another, without gaps, to the end", () => {
  const warm = phasesOf({ received: 1, launched: -500, ready: -400, started: 2, replied: 10 }, 11);
  assert.equal(names(warm), "receive 1, queue 1, run 8, write 1");
  const loads = phasesOf({ received: 1, launched: -500, ready: -400, started: 2, loaded: 5, replied: 10 }, 11);
  assert.equal(names(loads), "receive 1, queue 1, load 3, run 5, write 1");
  const starts = phasesOf({ received: 1, launched: 3, ready: 100, started: 50, loaded: 120, replied: 130 }, 131);
  assert.equal(names(starts), "receive 1, queue 2, start 97, load 20, run 10, write 1");
  const laterInLine = phasesOf({ received: 1, launched: 1, ready: 100, started: 150, replied: 160 }, 161);
  assert.equal(names(laterInLine), "receive 1, start 99, queue 50, run 10, write 1");
  for (const phases of [warm, loads, starts, laterInLine]) {
    for (const [index, { atMs }] of phases.entries()) {
      const before = phases[index - 1];
      assert.equal(atMs, before === undefined ? 0 : before.atMs + before.tookMs);
    }
  }
});

test("a refused request has only the phases that it reached", () => {
  assert.equal(names(phasesOf({}, 0.4)), "write 0.4");
  assert.equal(names(phasesOf({ received: 0.1 }, 0.4)), "receive 0.1, write 0.3");
});

test("bytes that are not text are left out if they contain a secret", () => {
  const hide = (text: string): string => text.replaceAll("secret", "•");
  const bytes = Buffer.concat([Buffer.from([255, 0]), Buffer.from("a secret")]);
  assert.deepEqual(bodyOf(bytes, hide), { bytes: 10, text: "", encoding: "base64", isCut: true });
  assert.equal(isPacked([["Content-Encoding", "gzip"]]), true);
  assert.equal(isPacked([["Content-Encoding", "identity"]]), false);
  assert.equal(isPacked([]), false);
});

test("a handler that left no time after loading has a run phase of 0 ms", () => {
  const phases = phasesOf({ received: 1, launched: -9, ready: -1, started: 2, loaded: 20, replied: 20 }, 22);
  assert.deepEqual(
    phases.map(({ name, tookMs }) => [name, tookMs]),
    [
      ["receive", 1],
      ["queue", 1],
      ["load", 18],
      ["run", 0],
      ["write", 2],
    ],
  );
});
