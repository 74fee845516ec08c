import assert from "node:assert/strict";
import { test } from "node:test";
import { stepOf, type TwimlStep } from "../src/twiml/twiml-step.ts";
import { readXml } from "../src/twiml/xml-reader.ts";

function step(xml: string): TwimlStep {
  const reading = readXml(xml);
  assert.ok(reading.isWellFormed);
  return stepOf(reading.root);
}

test("a Gather describes what it waits for and where it continues", () => {
  const words = (attributes: string): string => step(`<Gather ${attributes}/>`).text;
  assert.equal(words(""), "Waits for keys, or until #, 5 s");
  assert.equal(words(`numDigits="1"`), "Waits for one key, 5 s");
  assert.equal(words(`numDigits="4" finishOnKey="*" timeout="9"`), "Waits for 4 keys, or until *, 9 s");
  assert.equal(words(`input="speech"`), "Waits for speech, 5 s");
  assert.equal(words(`input="dtmf speech" finishOnKey=""`), "Waits for keys or speech, 5 s");
  assert.deepEqual(step(`<Gather action="/a" method="get"/>`).next, { method: "GET", address: "/a" });
  assert.deepEqual(step("<Gather/>").next, { method: "POST", address: "" });
  assert.deepEqual(step(`<Gather hints="a, b" timeout="1"/>`).attributes, [["hints", "a, b"]]);
});

test("other verbs describe what they do", () => {
  assert.equal(step("<Say>Hello <break/>  you</Say>").text, "Hello you");
  assert.deepEqual(
    step("<Dial><Number>1</Number></Dial>").nested.map(({ name }) => name),
    ["Number"],
  );
  assert.equal(step("<Play> /a.mp3 </Play>").address, "/a.mp3");
  assert.equal(step(`<Play digits="12w"/>`).text, "Sends the keys 12w");
  assert.equal(step("<Pause/>").text, "1 s");
  assert.equal(step(`<Record maxLength="9" finishOnKey="#"/>`).text, "Records until # or 5 s of silence, 9 s at most");
  assert.equal(step(`<Reject reason="busy"/>`).text, "Rejects the call as busy");
  assert.deepEqual(step("<Redirect> /b </Redirect>").next, { method: "POST", address: "/b" });
});

test("a verb that ends the document is the last step", () => {
  for (const last of ["<Hangup/>", "<Redirect/>", "<Reject/>", `<Dial action="/a"/>`])
    assert.ok(step(last).isLast, last);
  for (const other of ["<Dial/>", "<Gather/>", "<Record/>", "<Say/>"]) assert.ok(!step(other).isLast, other);
});
