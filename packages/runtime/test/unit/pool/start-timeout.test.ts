import assert from "node:assert/strict";
import { test } from "node:test";
import { StartTimeout } from "../../../src/pool/start-timeout.ts";
import { FakeClock } from "../../fake-clock.ts";

test("a start without a message is reported once, after ten seconds without a debugger", () => {
  const time = new FakeClock();
  let isHeld = false;
  let reports = 0;
  const clock = new StartTimeout(() => isHeld, time);
  clock.restart(() => reports++);
  time.advance(9_000);
  assert.equal(reports, 0);
  isHeld = true;
  time.advance(3_600_000);
  assert.equal(reports, 0);
  isHeld = false;
  time.advance(1_000);
  assert.equal(reports, 1);
  time.advance(60_000);
  assert.equal(reports, 1);
});

test("each message starts the clock again, and the last one stops it", () => {
  const time = new FakeClock();
  let reports = 0;
  const clock = new StartTimeout(() => false, time);
  for (let signs = 0; signs < 5; signs++) {
    clock.restart(() => reports++);
    time.advance(9_000);
  }
  clock.stop();
  time.advance(60_000);
  assert.equal(reports, 0);
});
