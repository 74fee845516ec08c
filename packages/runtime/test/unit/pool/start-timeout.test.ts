import assert from "node:assert/strict";
import { test } from "node:test";
import { StartTimeout } from "../../../src/pool/start-timeout.ts";

test("silence is told once, after ten seconds in which nobody held it", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  let isHeld = false;
  let told = 0;
  const clock = new StartTimeout(() => isHeld);
  clock.restart(() => told++);
  t.mock.timers.tick(9_000);
  assert.equal(told, 0);
  isHeld = true;
  t.mock.timers.tick(3_600_000);
  assert.equal(told, 0);
  isHeld = false;
  t.mock.timers.tick(1_000);
  assert.equal(told, 1);
  t.mock.timers.tick(60_000);
  assert.equal(told, 1);
});

test("each sign of life begins it anew, and the last one ends it", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  let told = 0;
  const clock = new StartTimeout(() => false);
  for (let signs = 0; signs < 5; signs++) {
    clock.restart(() => told++);
    t.mock.timers.tick(9_000);
  }
  clock.stop();
  t.mock.timers.tick(60_000);
  assert.equal(told, 0);
});
