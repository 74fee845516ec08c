import assert from "node:assert/strict";
import { test } from "node:test";
import { Monitor } from "../../../src/pool/monitor.ts";
import { FakeClock } from "../../fake-clock.ts";

function watched(): { clock: FakeClock; watch: Monitor; seen: (readonly [at: number, stalledMs: number])[] } {
  const clock = new FakeClock();
  const watch = new Monitor(clock);
  const seen: (readonly [number, number])[] = [];
  const start = clock.now();
  watch.add((now, stalledMs) => {
    seen.push([now - start, stalledMs]);
    return seen.length < 4;
  });
  return { clock, watch, seen };
}

test("the monitor ticks every 20 ms, and stops when no pool needs checks", () => {
  const { clock, seen } = watched();
  clock.advance(200);
  assert.deepEqual(
    seen,
    [20, 40, 60, 80].map((at) => [at, 0]),
  );
  assert.equal(clock.timers, 0);
});

test("a gap of more than 200 ms is time in which the process was blocked, and a shorter one is not", () => {
  for (const [gapMs, stalledMs] of [
    [200, 0],
    [201, 201],
    [5_000, 5_000],
  ] as const) {
    const { clock, seen } = watched();
    clock.stall(gapMs);
    clock.advance(20);
    assert.deepEqual(seen, [
      [gapMs, stalledMs],
      [gapMs + 20, 0],
    ]);
  }
});

test("the monitor ticks for all its pools until the last one needs no checks", () => {
  const clock = new FakeClock();
  const watch = new Monitor(clock);
  const ticks = { one: 0, other: 0 };
  const other = (): boolean => ++ticks.other > 0;
  watch.add(() => ++ticks.one < 2);
  watch.add(other);
  clock.advance(100);
  assert.deepEqual(ticks, { one: 2, other: 5 });
  watch.delete(other);
  assert.equal(clock.timers, 0);
  watch.add(other);
  clock.advance(20);
  assert.equal(ticks.other, 6);
});

test("time before the monitor started is not a gap", () => {
  const { clock, watch } = watched();
  clock.advance(200);
  clock.advance(5_000);
  const stalls: number[] = [];
  watch.add((_now, stalledMs) => stalls.push(stalledMs) < 2);
  clock.advance(100);
  assert.deepEqual(stalls, [0, 0]);
});
