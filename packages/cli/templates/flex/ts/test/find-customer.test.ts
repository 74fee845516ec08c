import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  callFunction,
  fakeContext,
  flexRequest,
  installGlobals,
  startTokenService,
  type TokenService,
} from "@offhook/helpers/testing";

let tokens: TokenService;
let uninstall: () => void;
before(async () => {
  uninstall = installGlobals();
  // Mocks Twilio, which checks tokens.
  tokens = await startTokenService();
});
after(async () => {
  await tokens.close();
  uninstall();
});

// Loaded after the globals are set.
const findCustomer = () => import("../functions/flex/find-customer.ts");

test("tells a worker who is calling", async () => {
  const context = fakeContext(tokens.variables());
  const event = flexRequest({ Token: tokens.issue({ roles: ["agent"] }), phone: "+12025550123" });
  const reply = await callFunction(await findCustomer(), { context, event });
  assert.deepEqual(reply.json(), { success: true, customer: { name: "Ada", tier: "gold" } });
});

test("rejects other callers", async () => {
  const context = fakeContext(tokens.variables());
  const event = flexRequest({ Token: "made up", phone: "+12025550123" });
  assert.equal((await callFunction(await findCustomer(), { context, event })).status, 403);
});
