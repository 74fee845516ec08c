import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { executeTwilio, extractStandardResponse, getRegionUrl, twilioExecute, type Result } from "@offhook/helpers";

test("the standard response has four members, in this order, and nothing else", () => {
  const failure: Result<never> = {
    success: false,
    message: "no",
    status: 404,
    twilioErrorCode: 20404,
    twilioDocPage: "https://www.twilio.com/docs/errors/20404",
  };
  assert.deepEqual(Object.entries(extractStandardResponse(failure)), [
    ["success", false],
    ["message", "no"],
    ["twilioDocPage", "https://www.twilio.com/docs/errors/20404"],
    ["twilioErrorCode", 20404],
  ]);
  const found: Result<string> = { success: true, data: "secret", status: 200 };
  const success = extractStandardResponse(found);
  assert.deepEqual(Object.keys(success), ["success", "message", "twilioDocPage", "twilioErrorCode"]);
  assert.equal(JSON.stringify(success), '{"success":true}');
});

test("extractStandardResponse throws without a result", () => {
  assert.throws(() => extractStandardResponse(undefined as never), TypeError);
});

test("the region is read from the variable at each call", (t) => {
  setVariable(t, "TWILIO_REGION", undefined);
  assert.equal(getRegionUrl(), "twilio.com");
  setVariable(t, "TWILIO_REGION", "ie1");
  assert.equal(getRegionUrl(), "ie1.twilio.com");
  setVariable(t, "TWILIO_REGION", "us1-dev");
  assert.equal(getRegionUrl(), "us1-dev.twilio.com");
  setVariable(t, "TWILIO_REGION", "");
  assert.equal(getRegionUrl(), "twilio.com");
});

test("twilioExecute and executeTwilio are the same function", () => {
  assert.equal(executeTwilio, twilioExecute);
});

function setVariable(t: TestContext, name: string, value: string | undefined): void {
  const before = process.env[name];
  t.after(() => (before === undefined ? delete process.env[name] : (process.env[name] = before)));
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
