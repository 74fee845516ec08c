import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { assertTwiml, callFunction, findVerb, parseTwiml, TwilioResponse, verbs } from "@offhook/helpers/testing";
import type { FunctionCallback } from "@offhook/helpers/testing";

const { twiml } = createRequire(import.meta.url)("twilio") as {
  twiml: {
    VoiceResponse: new () => {
      dial(attributes: object, number: string): void;
      say(text: string): void;
      toString(): string;
    };
  };
};

const ivr = `<?xml version="1.0" encoding="UTF-8"?>
  <!-- a menu -->
  <Response>
    <Gather numDigits="1" action="/menu"><Say voice="alice">Press &amp; hold <break/> one</Say></Gather>
    <Say><![CDATA[ <none> ]]></Say>
    <Dial><Number>+1</Number></Dial>
    <Dial>+2</Dial>
  </Response>`;

function answering(payload: unknown) {
  return callFunction((_context, _event, callback: FunctionCallback) => void callback(null, payload));
}

test("TwiML is read as a tree", () => {
  const root = parseTwiml(ivr);
  assert.equal(root.name, "Response");
  assert.deepEqual(root.children[0]?.attributes, { numDigits: "1", action: "/menu" });
  const say = root.children[0]?.children[0];
  assert.equal(say?.text, "Press & hold one");
  assert.deepEqual(
    say?.content.map((each) => (typeof each === "string" ? each : each.name)),
    ["Press & hold", "break", "one"],
  );
  assert.equal(root.children[1]?.text, "<none>");
  assert.equal(root.text, "");
});

test("parseTwiml accepts replies, objects, text and trees", async () => {
  const voice = new twiml.VoiceResponse();
  voice.say("Hello");
  const response = new TwilioResponse({ body: voice.toString(), headers: { "Content-Type": "text/xml" } });
  const sources = [voice, String(voice), parseTwiml(voice), await answering(voice), await answering(response)];
  for (const source of sources)
    assert.deepEqual(parseTwiml(source), parseTwiml("<Response><Say>Hello</Say></Response>"));
});

test("verbs are the direct children of the response or of the given element", () => {
  assert.deepEqual(verbs(ivr), ["Gather", "Say", "Dial", "Dial"]);
  assert.deepEqual(verbs(findVerb(ivr, "Gather") ?? ""), ["Say"]);
});

test("findVerb returns the first verb of a name at any depth, or undefined", () => {
  assert.equal(findVerb(ivr, "Say")?.attributes["voice"], "alice");
  assert.equal(findVerb(ivr, "Number")?.text, "+1");
  assert.equal(findVerb(ivr, "Record"), undefined);
});

test("the order of attributes, white space between verbs and comments do not matter", () => {
  const voice = new twiml.VoiceResponse();
  voice.dial({ timeout: 5, action: "/after" }, "+1");
  assertTwiml(
    voice,
    `<Response>
       <!-- to the front desk -->
       <Dial action="/after" timeout="5">
         +1
       </Dial>
     </Response>`,
  );
});

for (const [what, other] of [
  ["a name", "<Response><Play>a b</Play><Dial timeout='5'/></Response>"],
  ["a text", "<Response><Say>a c</Say><Dial timeout='5'/></Response>"],
  ["white space in a text", "<Response><Say>a  b</Say><Dial timeout='5'/></Response>"],
  ["a line break in a text", "<Response><Say>a\nb</Say><Dial timeout='5'/></Response>"],
  ["an attribute", "<Response><Say>a b</Say><Dial timeout='6'/></Response>"],
  ["one attribute more", "<Response><Say>a b</Say><Dial timeout='5' record='1'/></Response>"],
  ["the order of verbs", "<Response><Dial timeout='5'/><Say>a b</Say></Response>"],
  ["one verb less", "<Response><Say>a b</Say></Response>"],
  ["how they are nested", "<Response><Say>a b<Dial timeout='5'/></Say></Response>"],
  ["an element that is only text", "<Response><Say>a b</Say>&lt;Dial timeout='5'/&gt;</Response>"],
] as const) {
  test(`a difference in ${what} is reported`, () => {
    const expected = "<Response><Say>a b</Say><Dial timeout='5'/></Response>";
    assert.throws(() => assertTwiml(other, expected), assert.AssertionError);
    assert.throws(() => assertTwiml(expected, other), assert.AssertionError);
  });
}

test("the error shows both texts, one verb per line", () => {
  const error = thrownBy(() =>
    assertTwiml(
      '<Response><Gather b="2" a="1"><Say>Hi</Say></Gather></Response>',
      "<Response><Say>a &lt;\nb</Say></Response>",
    ),
  );
  assert.ok(error instanceof assert.AssertionError);
  const actual = '<Response>\n  <Gather a="1" b="2">\n    <Say>Hi</Say>\n  </Gather>\n</Response>';
  const expected = "<Response>\n  <Say>a &#60;&#10;b</Say>\n</Response>";
  assert.deepEqual([error.actual, error.expected], [actual, expected]);
  assert.ok(error.message.includes(actual) && error.message.includes(expected));
});

test("malformed XML is refused with line and column", () => {
  const error = thrownBy(() => parseTwiml("<Response>\n  <Say>Hi</Sya>\n</Response>"));
  assert.ok(error instanceof SyntaxError);
  assert.match(error.message, /line 2, column \d+/);
  assert.equal((error as { line?: number }).line, 2);
  assert.ok(Number((error as { column?: number }).column) > 1);
  for (const none of ["", "  ", "Hello"]) assert.throws(() => parseTwiml(none));
});

test("a reply that Twilio would treat as text is not TwiML", async () => {
  const reply = await answering("<Response/>");
  assert.throws(() => parseTwiml(reply), /content type text\/plain.*reply with the TwiML object/s);
  assert.throws(() => parseTwiml({}), /This is not TwiML/);
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
}
