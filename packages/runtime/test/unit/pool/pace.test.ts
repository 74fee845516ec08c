import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace, shortMs } from "../../../src/pool/pace.ts";

test("a function is short once its invocations have been; one exception changes nothing, ten do", () => {
  const pace = new Pace();
  const isShort = (): boolean => pace.expectedMs("f") < shortMs;
  assert.equal(isShort(), false, "nothing is known yet");
  pace.record("f", 0.1);
  assert.equal(isShort(), true);
  pace.record("f", 500);
  assert.equal(isShort(), true);
  for (let i = 0; i < 10; i++) pace.record("f", 500);
  assert.equal(isShort(), false);
  for (let i = 0; i < 50; i++) pace.record("f", 0.1);
  assert.equal(isShort(), true);
  pace.suspect("f");
  for (let i = 0; i < 50; i++) pace.record("f", 0.1);
  assert.equal(isShort(), false);
  assert.deepEqual(pace.called, ["f"]);
});
