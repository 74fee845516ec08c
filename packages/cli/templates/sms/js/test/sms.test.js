const { after, before, test } = require("node:test");
const { assertTwiml, callFunction, incomingMessage, installGlobals } = require("@offhook/helpers/testing");

let sms, uninstall;
before(() => {
  uninstall = installGlobals();
  sms = require("../functions/sms.protected");
});
after(() => uninstall());

test("answers a question for the hours, in upper or lower case", async () => {
  const reply = await callFunction(sms, { event: incomingMessage({ Body: " Hours " }) });
  assertTwiml(reply, "<Response><Message>We are open from 9 to 17, Monday to Friday.</Message></Response>");
});

test("repeats other messages", async () => {
  const reply = await callFunction(sms, { event: incomingMessage({ Body: "Fish & chips" }) });
  assertTwiml(reply, "<Response><Message>You said: Fish &amp; chips</Message></Response>");
});
