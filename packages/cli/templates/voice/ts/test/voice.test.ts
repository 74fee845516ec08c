import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  assertTwiml,
  callFunction,
  findVerb,
  gatherResult,
  incomingCall,
  installGlobals,
  verbs,
} from "@offhook/helpers/testing";

let uninstall: () => void;
before(() => void (uninstall = installGlobals()));
after(() => uninstall());

// Loaded after the globals are set.
const welcome = () => import("../functions/voice/welcome.protected.ts");
const menu = () => import("../functions/voice/menu.protected.ts");

test("asks the caller to press a key", async () => {
  const reply = await callFunction(await welcome(), { event: incomingCall() });
  assert.equal(findVerb(reply, "Gather")?.attributes["action"], "/voice/menu");
});

test("1 reads the opening hours", async () => {
  const reply = await callFunction(await menu(), { event: gatherResult({ Digits: "1" }) });
  assertTwiml(reply, "<Response><Say>We are open from nine to five, Monday to Friday. Goodbye.</Say></Response>");
});

test("2 takes a message", async () => {
  const reply = await callFunction(await menu(), { event: gatherResult({ Digits: "2" }) });
  assert.deepEqual(verbs(reply), ["Say", "Record"]);
});

test("other keys lead back to the menu", async () => {
  const reply = await callFunction(await menu(), { event: gatherResult({ Digits: "9" }) });
  assert.equal(findVerb(reply, "Redirect")?.text, "/voice/welcome");
});
