import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import twilio from "twilio";
import { schemaText } from "../scripts/twiml-schema.ts";
import { nearestName } from "../src/twiml/near-name.ts";
import { looksLikeTwiml, readTwiml } from "../src/twiml/twiml-document.ts";

type Kind = "voice" | "messaging";

function complaints(text: string, kind?: Kind): string[] {
  return readTwiml(text, kind).problems.map(
    ({ code, message, place }) => `${code ?? ""} ${place.line}:${place.column} ${message}`,
  );
}

function voice(inside: string): string[] {
  return complaints(`<Response>${inside}</Response>`, "voice").map((each) => each.replace(/ \d+:\d+ /, " "));
}

function messaging(inside: string): string[] {
  return complaints(`<Response>${inside}</Response>`, "messaging").map((each) => each.replace(/ \d+:\d+ /, " "));
}

test("the schema matches the installed twilio package", () => {
  const words = (text: string): string => text.replace(/[\s,]/g, "").replace(/\/\*.*?\*\//, "");
  const kept = readFileSync(new URL("../src/twiml/twiml-schema.ts", import.meta.url), "utf8");
  assert.equal(words(kept), words(schemaText()), "run scripts/twiml-schema.ts");
});

test("TwiML of the twilio package has no problems", () => {
  const call = new twilio.twiml.VoiceResponse();
  const gather = call.gather({ input: ["speech", "dtmf"], numDigits: 1, action: "/next", actionOnEmptyResult: true });
  const sayVerb = gather.say({ voice: "Polly.Amy", language: "en-GB", loop: 2 }, "Press ");
  sayVerb.emphasis({ level: "strong" }, "one");
  sayVerb.break({ time: "1s" });
  sayVerb.sayAs({ "interpret-as": "digits" }, "123");
  gather.play("/a.mp3");
  gather.pause({ length: 2 });
  const dial = call.dial({ action: "/after", timeout: 10, record: "record-from-answer" });
  dial.number({ statusCallback: "/status" }, "+12025550100");
  const client = dial.client("alice");
  client.parameter({ name: "a", value: "b" });
  dial.conference({ beep: "false" }, "room");
  dial.sip("sip:a@example.com");
  dial.queue({}, "support");
  call.dial("+12025550100");
  call.enqueue({ workflowSid: "WW1" }).task({ priority: 1 }, "{}");
  call.connect().stream({ url: "wss://example.com" }).parameter({ name: "a", value: "b" });
  call.connect().conversationRelay({ url: "wss://example.com" });
  call.start().transcription({ statusCallbackUrl: "/t" });
  call.stop().stream({ name: "a" });
  call.record({ maxLength: 10, transcribe: true, finishOnKey: "#" });
  call.play({ digits: "12w" });
  call.pay({ chargeAmount: "1" }).prompt({ for: "postal-code" }).say("Code?");
  call.refer({ action: "/r" }).sip("sip:b@example.com");
  call.sms({ to: "+12025550100" }, "Hello");
  call.echo();
  call.leave();
  call.redirect({ method: "GET" }, "/x");
  call.reject({ reason: "busy" });
  call.hangup();
  assert.deepEqual(complaints(call.toString(), "voice"), []);

  const answer = new twilio.twiml.MessagingResponse();
  answer.message("Hello");
  const message = answer.message({ action: "/sent", method: "POST" }, "");
  message.body("Hello");
  message.media("https://example.com/a.png");
  answer.redirect("/more");
  assert.deepEqual(complaints(answer.toString(), "messaging"), []);
  assert.equal(readTwiml(answer.toString()).kind, "messaging");
  assert.equal(readTwiml(call.toString()).kind, "voice");
});

test("misspelt names and names of the wrong kind of TwiML are reported with the right one", () => {
  assert.deepEqual(voice("<say>Hi</say>"), ["12200 <say> must be <Say>: names are case-sensitive"]);
  assert.deepEqual(voice("<Gahter/>"), ["12200 <Gahter> is unknown. Did you mean <Gather>?"]);
  assert.deepEqual(voice("<Frobnicate/>"), ["12200 <Frobnicate> is unknown"]);
  assert.deepEqual(voice("<Message>Hi</Message>"), [
    "12200 <Message> is for messages, but this is the reply to a call",
  ]);
  assert.deepEqual(messaging("<Play>a</Play>"), ["12200 <Play> is for calls, but this is the reply to a message"]);
  assert.deepEqual(
    messaging("<Message><body>a</body></Message>")[1],
    "12200 <body> must be <Body>: names are case-sensitive",
  );
  assert.deepEqual(complaints("<response/>"), [
    "12100 1:1 The root element must be <Response>, not <response>: names are case-sensitive",
  ]);
  assert.deepEqual(complaints("<Say>Hi</Say>"), ["12100 1:1 The root element must be <Response>, not <Say>"]);
});

test("an element in the wrong place is reported with the right place", () => {
  assert.deepEqual(voice("<Number>1</Number>"), ["12200 <Number> is not allowed in <Response>, only in <Dial>"]);
  assert.deepEqual(voice("<Gather><Dial/></Gather>"), ["12200 <Dial> is not allowed in <Gather>, only in <Response>"]);
  assert.deepEqual(voice("<Say><Pause/></Say>"), [
    "12200 <Pause> is not allowed in <Say>, only in <Response> or <Gather> or <Prompt>",
  ]);
  assert.deepEqual(voice("<Say>a <break/> b</Say>"), []);
});

test("attributes are checked against their own element", () => {
  assert.deepEqual(voice('<Gather numdigits="1"/>'), [
    "12200 <Gather> has no attribute numdigits. Did you mean numDigits?",
  ]);
  assert.deepEqual(voice('<Dial statusCallbackEvent="ringing"/>'), [
    "12200 <Dial> has no attribute statusCallbackEvent",
  ]);
  assert.deepEqual(voice('<Dial><Number statusCallbackEvent="ringing">1</Number></Dial>'), []);
  assert.deepEqual(voice('<Redirect method="PUT">/a</Redirect>'), [
    '12200 Invalid value for method in <Redirect>: "PUT" (must be GET or POST)',
  ]);
  assert.deepEqual(complaints('<Response version="2010-04-01" xmlns:xsi="http://x" xsi:schemaLocation="y"/>'), []);
});

test("text that would be lost is reported", () => {
  assert.deepEqual(voice("Hello <Hangup/>"), ['12200 <Response> cannot contain text: "Hello"']);
  assert.deepEqual(voice("<Gather>Press 1</Gather>"), ['12200 <Gather> cannot contain text: "Press 1"']);
  assert.deepEqual(voice("<Dial>+12025550100</Dial>"), []);
});

test("messages that would not be sent are reported", () => {
  assert.deepEqual(messaging("<Message/>"), [
    "14103 This message has no text and no media, so Twilio does not send it",
  ]);
  assert.deepEqual(messaging("<Message><Media>https://a</Media></Message>"), []);
  assert.match(messaging(`<Message>${"a".repeat(1601)}</Message>`)[0] ?? "", /^14103 .* 1601 characters/);
  assert.match(messaging("<Message>a</Message>".repeat(11)).join(), /^14109 Twilio sends at most 10/);
});

test("text that is not XML is one problem, with its place", () => {
  assert.deepEqual(complaints("<Response>\n  <Say>Fish & chips</Say></Response>"), ["12100 2:13 Write & as &amp;"]);
});

test("the list of problems is limited", () => {
  assert.ok(voice("<Nope/>".repeat(5000)).length <= 100);
});

test("TwiML is distinguished from other text", () => {
  for (const text of [
    "<Response/>",
    ' \n<?xml version="1.0"?><Response>',
    "<response>",
    "<!-- a --><Response/>",
    "<Say>a</Say>",
  ]) {
    assert.ok(looksLikeTwiml(text), text);
  }
  for (const text of ["", "hello", "{}", "<!doctype html><html>", "<html><body>", "<Responses/>"]) {
    assert.ok(!looksLikeTwiml(text), text);
  }
});

test("a name is near if only a few letters differ", () => {
  const names = ["Say", "Play", "Gather", "Pause", "numDigits"];
  assert.equal(nearestName("Sya", names), "Say");
  assert.equal(nearestName("PLAY", names), "Play");
  assert.equal(nearestName("numDigit", names), "numDigits");
  assert.equal(nearestName("Xyz", names), undefined);
  assert.equal(nearestName("", names), undefined);
});
