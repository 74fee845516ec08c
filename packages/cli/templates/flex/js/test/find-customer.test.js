const assert = require("node:assert/strict");
const { after, before, test } = require("node:test");
const {
  callFunction,
  fakeContext,
  flexRequest,
  installGlobals,
  startTokenService,
} = require("@offhook/helpers/testing");

let findCustomer, context, tokens, uninstall;
before(async () => {
  uninstall = installGlobals();
  // Mocks Twilio, which checks tokens.
  tokens = await startTokenService();
  context = fakeContext(tokens.variables());
  findCustomer = require("../functions/flex/find-customer");
});
after(async () => {
  await tokens.close();
  uninstall();
});

test("tells a worker who is calling", async () => {
  const event = flexRequest({ Token: tokens.issue({ roles: ["agent"] }), phone: "+12025550123" });
  const reply = await callFunction(findCustomer, { context, event });
  assert.deepEqual(reply.json(), { success: true, customer: { name: "Ada", tier: "gold" } });
});

test("rejects other callers", async () => {
  const event = flexRequest({ Token: "made up", phone: "+12025550123" });
  assert.equal((await callFunction(findCustomer, { context, event })).status, 403);
});
