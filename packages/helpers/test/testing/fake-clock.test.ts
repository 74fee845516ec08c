import assert from "node:assert/strict";
import { test } from "node:test";
import { useFakeClock } from "@offhook/helpers/testing";
import { clock, wait } from "../../src/clock.ts";

test("waits end at once, the time jumps, and each wait is recorded", async () => {
  const fake = useFakeClock({ now: 1_000 });
  try {
    await wait(60_000);
    assert.equal(clock().now(), 61_000);
    await wait(500);
    assert.equal(fake.now(), 61_500);
    assert.deepEqual(fake.waits, [60_000, 500]);
  } finally {
    fake[Symbol.dispose]();
  }
});

test("of simultaneous waits, the shortest ends first, and all end", async () => {
  const fake = useFakeClock({ now: new Date(0) });
  try {
    const ended: number[] = [];
    await Promise.all([300, 100, 200].map((ms) => wait(ms).then(() => ended.push(ms))));
    assert.deepEqual(ended, [100, 200, 300]);
    assert.equal(fake.now(), 300);
  } finally {
    fake[Symbol.dispose]();
  }
});

test("a cancelled wait does not move the time", async () => {
  const fake = useFakeClock({ now: 0 });
  try {
    let hasEnded = false;
    clock().pause(5_000, () => (hasEnded = true))();
    await wait(10);
    await fake.advance(0);
    assert.equal(hasEnded, false);
    assert.equal(fake.now(), 10);
  } finally {
    fake[Symbol.dispose]();
  }
});

test("a time limit does not move the time, and expires when the time reaches it", async () => {
  const fake = useFakeClock({ now: 0 });
  try {
    const met: number[] = [];
    clock().alarm(250, () => met.push(clock().now()));
    clock().alarm(10_000, () => met.push(clock().now()));
    await wait(200);
    assert.deepEqual(met, []);
    await wait(200);
    assert.deepEqual(met, [250]);
    assert.equal(fake.now(), 400);
    assert.deepEqual(fake.waits, [200, 200]);
  } finally {
    fake[Symbol.dispose]();
  }
});

test("in manual mode, only advance() moves the time, and waits that start meanwhile count too", async () => {
  const fake = useFakeClock({ now: 0, manual: true });
  try {
    const at: number[] = [];
    const waiting = (async () => {
      for (const ms of [100, 200, 400]) {
        await wait(ms);
        at.push(clock().now());
      }
    })();
    await fake.advance(99);
    assert.deepEqual(at, []);
    await fake.advance(1);
    assert.deepEqual(at, [100]);
    await fake.advance(1_000);
    assert.deepEqual(at, [100, 300, 700]);
    assert.equal(fake.now(), 1_100);
    await waiting;
  } finally {
    fake[Symbol.dispose]();
  }
});

test("the test sets the random numbers", () => {
  {
    const fakeClock = useFakeClock();
    try {
      assert.deepEqual([clock().random(), clock().random()], [0.5, 0.5]);
    } finally {
      fakeClock[Symbol.dispose]();
    }
  }
  {
    const fakeClock = useFakeClock({ random: 0 });
    try {
      assert.equal(clock().random(), 0);
    } finally {
      fakeClock[Symbol.dispose]();
    }
  }
  const numbers = [0.1, 0.9];
  const fakeClock = useFakeClock({ random: () => numbers.shift() ?? 0 });
  try {
    assert.deepEqual([clock().random(), clock().random()], [0.1, 0.9]);
  } finally {
    fakeClock[Symbol.dispose]();
  }
});

test("restore() restores the previous clock", () => {
  const before = clock();
  const outer = useFakeClock();
  const inner = useFakeClock({ now: 5 });
  inner.restore();
  assert.equal(clock().now(), outer.now());
  outer.restore();
  assert.equal(clock(), before);
  const third = useFakeClock({ now: 9 });
  try {
    inner.restore();
    assert.equal(clock().now(), third.now());
  } finally {
    third[Symbol.dispose]();
  }
});
