import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { callFunction, installGlobals, studioRequest } from "@offhook/helpers/testing";

let uninstall: () => void;
before(() => void (uninstall = installGlobals()));
after(() => uninstall());

// Loaded after the globals are set.
const openingHours = () => import("../functions/studio/opening-hours.protected.ts");

test("sales is open at noon and closed at night", async () => {
  for (const [at, open] of [
    ["2026-01-05T12:00:00Z", true],
    ["2026-01-05T23:00:00Z", false],
  ] as const) {
    const reply = await callFunction(await openingHours(), { event: studioRequest({ department: "sales", at }) });
    assert.deepEqual(reply.json(), { success: true, open, opens: 9, closes: 17 });
  }
});

test("reports an unknown or missing department", async () => {
  const unknown = await callFunction(await openingHours(), { event: studioRequest({ department: "toString" }) });
  assert.equal(unknown.status, 404);
  const nothing = await callFunction(await openingHours(), { event: studioRequest() });
  assert.equal(nothing.status, 400);
});
