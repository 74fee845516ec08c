import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "../../../src/pool/pace.ts";

test("a function is short once its invocations have been; one exception changes nothing, ten do", () => {
  const pace = new Pace();
  assert.equal(pace.isShort("f"), false, "nothing is known yet");
  pace.record("f", 0.1);
  assert.equal(pace.isShort("f"), true);
  pace.record("f", 500);
  assert.equal(pace.isShort("f"), true);
  for (let i = 0; i < 10; i++) pace.record("f", 500);
  assert.equal(pace.isShort("f"), false);
  for (let i = 0; i < 50; i++) pace.record("f", 0.1);
  assert.equal(pace.isShort("f"), true);
  pace.suspect("f");
  for (let i = 0; i < 50; i++) pace.record("f", 0.1);
  assert.equal(pace.isShort("f"), false);
  assert.deepEqual(pace.called, ["f"]);
});
