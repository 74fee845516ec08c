import assert from "node:assert/strict";
import { test } from "node:test";
import type { MainThread } from "../../../src/pool/process-stats.ts";
import { keepsRunning, type Unsettled } from "../../../src/pool/settling.ts";

/** The activity of the isolate's main thread in every 20 ms after the reply. */
const cases: Readonly<Record<string, { does: (ms: number) => MainThread | undefined; endsAfterMs: number }>> = {
  "computes without end": { does: (ms) => ({ cpuMs: 500 + ms, isRunnable: true }), endsAfterMs: 180 },
  "computes with half a processor": { does: (ms) => ({ cpuMs: 500 + ms / 2, isRunnable: true }), endsAfterMs: 280 },
  "waits for a processor": { does: () => ({ cpuMs: 500, isRunnable: true }), endsAfterMs: 10_020 },
  "gets a processor now and then": {
    does: (ms) => ({ cpuMs: 500, isRunnable: ms % 1_000 < 20 }),
    endsAfterMs: 10_020,
  },
  "is blocked": { does: () => ({ cpuMs: 500, isRunnable: false }), endsAfterMs: 1_120 },
  "cannot be observed": { does: () => undefined, endsAfterMs: 60 },
};

for (const [name, { does, endsAfterMs }] of Object.entries(cases)) {
  test(`the pool gives time to an isolate that has replied and ${name}`, () => {
    const repliedAt = 5_000;
    const ticket: Unsettled = { repliedAt };
    let ms = 0;
    while (!keepsRunning(ticket, { mainThread: () => does(ms) }, repliedAt + ms)) ms += 20;
    assert.equal(ms, endsAfterMs);
  });
}

test("an isolate has 50 ms to report its leftovers, however much CPU time it uses", () => {
  const ticket: Unsettled = { repliedAt: 1_000 };
  assert.equal(keepsRunning(ticket, { mainThread: () => undefined }, 1_049), false);
  assert.equal(keepsRunning(ticket, { mainThread: () => undefined }, 1_050), true);
});

test("an isolate that has used 100 ms of CPU time may still report its leftovers", () => {
  const ticket: Unsettled = { repliedAt: 1_000 };
  const looks = [500, 600, 601].map((cpuMs, index) =>
    keepsRunning(ticket, { mainThread: () => ({ cpuMs, isRunnable: true }) }, 1_060 + index),
  );
  assert.deepEqual(looks, [false, false, true]);
});
