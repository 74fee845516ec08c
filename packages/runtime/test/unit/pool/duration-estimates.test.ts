import assert from "node:assert/strict";
import { test } from "node:test";
import { DurationEstimates, shortMs } from "../../../src/pool/duration-estimates.ts";

test("a function counts as short if its invocations have been short, and one long run changes nothing, but ten do", () => {
  const durations = new DurationEstimates();
  const isShort = (): boolean => durations.expectedMs("f") < shortMs;
  assert.equal(isShort(), false, "nothing is known yet");
  durations.record("f", 0.1);
  assert.equal(isShort(), true);
  durations.record("f", 500);
  assert.equal(isShort(), true);
  for (let i = 0; i < 10; i++) durations.record("f", 500);
  assert.equal(isShort(), false);
  for (let i = 0; i < 50; i++) durations.record("f", 0.1);
  assert.equal(isShort(), true);
  durations.suspect("f");
  for (let i = 0; i < 50; i++) durations.record("f", 0.1);
  assert.equal(isShort(), false);
  assert.deepEqual(durations.called, ["f"]);
});
