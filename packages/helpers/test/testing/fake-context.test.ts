import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeContext, useFakeClock } from "@offhook/helpers/testing";

test("a fake context has the platforms' properties, and the variables", () => {
  const context = fakeContext({ GREETING: "Hello" });
  assert.deepEqual(Object.keys(context), [
    "DOMAIN_NAME",
    "PATH",
    "SERVICE_SID",
    "ENVIRONMENT_SID",
    "ACCOUNT_SID",
    "AUTH_TOKEN",
    "GREETING",
    "getTwilioClient",
  ]);
  assert.equal(context["GREETING"], "Hello");
  assert.match(context.ACCOUNT_SID ?? "", /^AC[0-9a-f]{32}$/);
  assert.match(String(context["SERVICE_SID"]), /^ZS[0-9a-f]{32}$/);
  assert.match(String(context["ENVIRONMENT_SID"]), /^ZE[0-9a-f]{32}$/);
});

test("a variable with the value undefined is absent", () => {
  assert.equal("AUTH_TOKEN" in fakeContext({ AUTH_TOKEN: undefined }), false);
});

test("a variable that is not a string is refused by name", () => {
  assert.throws(() => fakeContext({ LIMIT: 5 }), /LIMIT is a number/);
});

test("getTwilioClient() returns the given client, and without one throws an error that says how to pass it", () => {
  const client = { messages: {} };
  assert.equal(fakeContext({ client }).getTwilioClient(), client);
  const asked: unknown[] = [];
  fakeContext({ getTwilioClient: (options) => asked.push(options) }).getTwilioClient({ edge: "dublin" });
  assert.deepEqual(asked, [{ edge: "dublin" }]);
  assert.throws(() => fakeContext().getTwilioClient(), /fakeContext\(\{ client \}\)/);
});

test("signal and remaining time exist, can be replaced, and are not copied with the context", () => {
  const controller = new AbortController();
  const context = fakeContext({ signal: controller.signal });
  assert.equal(context.signal, controller.signal);
  assert.equal(fakeContext().signal.aborted, false);
  const copy = { ...context };
  assert.equal("signal" in copy || "getRemainingTimeInMillis" in copy, false);
  context.getRemainingTimeInMillis = () => 7;
  context.signal = AbortSignal.abort();
  assert.equal(context.getRemainingTimeInMillis(), 7);
  assert.equal(context.signal.aborted, true);
});

test("the remaining time follows the helpers' clock, and stops at 0", async () => {
  const clock = useFakeClock({ manual: true });
  try {
    const context = fakeContext();
    assert.equal(context.getRemainingTimeInMillis(), 10_000);
    await clock.advance(4_000);
    assert.equal(context.getRemainingTimeInMillis(), 6_000);
    await clock.advance(40_000);
    assert.equal(context.getRemainingTimeInMillis(), 0);
    assert.equal(fakeContext({ remainingMs: 300 }).getRemainingTimeInMillis(), 300);
  } finally {
    clock[Symbol.dispose]();
  }
});
