import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { callFunction, installGlobals } from "@offhook/helpers/testing";

let uninstall: () => void;
before(() => void (uninstall = installGlobals()));
after(() => uninstall());

// Loaded after the globals are set.
const greeting = () => import("../functions/api/greeting.ts");

test("greets a caller by name", async () => {
  const reply = await callFunction(await greeting(), { event: { name: "Ada" } });
  assert.deepEqual(reply.json(), { greeting: "Hello, Ada" });
});

test("replies 400 without a name", async () => {
  const reply = await callFunction(await greeting(), { event: { name: " " } });
  assert.equal(reply.status, 400);
});
