import { after, before, test } from "node:test";
import { assertTwiml, callFunction, incomingMessage, installGlobals } from "@offhook/helpers/testing";

let uninstall: () => void;
before(() => void (uninstall = installGlobals()));
after(() => uninstall());

// Loaded after the globals are set.
const load = () => import("../functions/sms.protected.ts");

test("answers a question for the hours, in upper or lower case", async () => {
  const reply = await callFunction(await load(), { event: incomingMessage({ Body: " Hours " }) });
  assertTwiml(reply, "<Response><Message>We are open from 9 to 17, Monday to Friday.</Message></Response>");
});

test("repeats other messages", async () => {
  const reply = await callFunction(await load(), { event: incomingMessage({ Body: "Fish & chips" }) });
  assertTwiml(reply, "<Response><Message>You said: Fish &amp; chips</Message></Response>");
});
