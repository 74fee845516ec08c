const assert = require("node:assert/strict");
const { after, before, test } = require("node:test");
const {
  assertTwiml,
  callFunction,
  findVerb,
  gatherResult,
  incomingCall,
  installGlobals,
  verbs,
} = require("@offhook/helpers/testing");

let welcome, menu, uninstall;
before(() => {
  uninstall = installGlobals();
  welcome = require("../functions/voice/welcome.protected");
  menu = require("../functions/voice/menu.protected");
});
after(() => uninstall());

test("asks the caller to press a key", async () => {
  const reply = await callFunction(welcome, { event: incomingCall() });
  assert.equal(findVerb(reply, "Gather")?.attributes.action, "/voice/menu");
});

test("1 reads the opening hours", async () => {
  const reply = await callFunction(menu, { event: gatherResult({ Digits: "1" }) });
  assertTwiml(reply, "<Response><Say>We are open from nine to five, Monday to Friday. Goodbye.</Say></Response>");
});

test("2 takes a message", async () => {
  const reply = await callFunction(menu, { event: gatherResult({ Digits: "2" }) });
  assert.deepEqual(verbs(reply), ["Say", "Record"]);
});

test("other keys lead back to the menu", async () => {
  const reply = await callFunction(menu, { event: gatherResult({ Digits: "9" }) });
  assert.equal(findVerb(reply, "Redirect")?.text, "/voice/welcome");
});
