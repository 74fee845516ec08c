const assert = require("node:assert/strict");
const { after, before, test } = require("node:test");
const { callFunction, installGlobals, studioRequest } = require("@offhook/helpers/testing");

let openingHours, uninstall;
before(() => {
  uninstall = installGlobals();
  openingHours = require("../functions/studio/opening-hours.protected");
});
after(() => uninstall());

test("sales is open at noon and closed at night", async () => {
  for (const [at, open] of [
    ["2026-01-05T12:00:00Z", true],
    ["2026-01-05T23:00:00Z", false],
  ]) {
    const reply = await callFunction(openingHours, { event: studioRequest({ department: "sales", at }) });
    assert.deepEqual(reply.json(), { success: true, open, opens: 9, closes: 17 });
  }
});

test("reports an unknown or missing department", async () => {
  const unknown = await callFunction(openingHours, { event: studioRequest({ department: "toString" }) });
  assert.equal(unknown.status, 404);
  const nothing = await callFunction(openingHours, { event: studioRequest() });
  assert.equal(nothing.status, 400);
});
