import assert from "node:assert/strict";
import { test } from "node:test";
import { StartBackoff } from "../../../src/pool/start-backoff.ts";

function backoffAt(clock: { now: number }): StartBackoff {
  return new StartBackoff(() => clock.now);
}

test("failed starts wait longer each time, and three in a row are hopeless", () => {
  const clock = { now: 0 };
  const backoff = backoffAt(clock);
  const waits = Array.from({ length: 7 }, () => {
    backoff.onFailed();
    return backoff.delayMs;
  });
  assert.deepEqual(waits, [100, 200, 400, 800, 1600, 2000, 2000]);
  assert.ok(backoff.hasGivenUp);
  backoff.onStarted();
  assert.ok(!backoff.hasGivenUp);
  assert.ok(backoff.delayMs <= 0);
});

test("starts that are killed from outside are retried soon, and are not given up for seconds", () => {
  const clock = { now: 0 };
  const backoff = backoffAt(clock);
  let kills = 0;
  for (; !backoff.hasGivenUp; kills++) {
    backoff.onKilled();
    assert.ok(backoff.delayMs > 0 && backoff.delayMs <= 500, "no spinning, and no long wait");
    clock.now += backoff.delayMs;
  }
  assert.ok(clock.now >= 9_000, String(clock.now));
  assert.ok(kills >= 20 && kills < 40, String(kills));
});

test("a kill between failures does not shorten their wait", () => {
  const clock = { now: 0 };
  const backoff = backoffAt(clock);
  backoff.onFailed();
  backoff.onFailed();
  backoff.onKilled();
  assert.equal(backoff.delayMs, 200);
});

test("starts that are killed from outside wait longer each time, too", () => {
  const clock = { now: 0 };
  const backoff = backoffAt(clock);
  const waits = Array.from({ length: 7 }, () => {
    backoff.onKilled();
    const wait = backoff.delayMs;
    clock.now += wait;
    return wait;
  });
  assert.deepEqual(waits, [20, 40, 80, 160, 320, 500, 500]);
});
