const assert = require("node:assert/strict");
const { after, before, test } = require("node:test");
const { callFunction, installGlobals } = require("@offhook/helpers/testing");

let greeting, uninstall;
before(() => {
  uninstall = installGlobals();
  greeting = require("../functions/api/greeting");
});
after(() => uninstall());

test("greets a caller by name", async () => {
  const reply = await callFunction(greeting, { event: { name: "Ada" } });
  assert.deepEqual(reply.json(), { greeting: "Hello, Ada" });
});

test("replies 400 without a name", async () => {
  const reply = await callFunction(greeting, { event: { name: " " } });
  assert.equal(reply.status, 400);
});
