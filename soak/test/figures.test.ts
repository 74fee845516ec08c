import assert from "node:assert/strict";
import { test } from "node:test";
import { fittedGrowth, judgeTolerated } from "../src/bounds.ts";
import { Judge } from "../src/judge.ts";
import type { Sample } from "../src/meter.ts";
import { healthOf } from "../src/prober.ts";
import { Random } from "../src/random.ts";
import { ReplyReader, type Reply } from "../src/reply.ts";

function sampleOf(heapBytes: number, atMs: number): Sample {
  return {
    requests: 0,
    atMs,
    heapBytes,
    mallocBytes: 0,
    gatewayBytes: 0,
    treeBytes: 0,
    handles: 0,
    threads: 0,
    processes: 0,
  };
}

test("growth over a run is the growth of a line through all samples", () => {
  const noisy = Array.from({ length: 20 }, (_, index) =>
    sampleOf(1000 * index + (index % 2 === 0 ? 300 : -300), index),
  );
  assert.ok(Math.abs(fittedGrowth(noisy, "heapBytes") - 19_000) < 500, String(fittedGrowth(noisy, "heapBytes")));
  const level = Array.from({ length: 20 }, (_, index) => sampleOf(index % 2 === 0 ? 300 : -300, index));
  assert.ok(Math.abs(fittedGrowth(level, "heapBytes")) < 300);
  assert.equal(fittedGrowth(noisy.slice(0, 3), "heapBytes"), 0);
});

test("a kill accounts for one crash shortly after it, and a stop for one timeout", () => {
  const failuresOf = (crashToldAt: readonly number[], timeouts: number): number => {
    const judge = new Judge();
    judge.crashReplies.push(...crashToldAt.map((at) => ({ at, example: "" })));
    judge.toleratedErrors["handler-timed-out"] = timeouts;
    judgeTolerated(judge, { killedAt: [1_000, 2_000, 60_000], stops: 1, concurrency: 10 });
    return [...judge.failures.values()].reduce((sum, { count }) => sum + count, 0);
  };
  assert.equal(failuresOf([1_010, 2_500, 60_100], 1), 0);
  assert.equal(failuresOf([2_010, 2_020], 0), 0);
  assert.equal(failuresOf([1_010, 1_020], 0), 1, "two for one kill");
  assert.equal(failuresOf([30_000], 0), 1, "long after");
  assert.equal(failuresOf([900], 0), 1, "before");
  assert.equal(failuresOf([], 2), 1, "more than were stopped");
});

test("pauses that the soak causes do not count against the server", () => {
  const probes = [
    { at: 1000, ms: 2 },
    { at: 1100, ms: 300 },
    { at: 3000, ms: 60 },
  ];
  const { maxMs, maxInPauseMs, over50Ms } = healthOf(probes, [[1150, 1450]]);
  assert.deepEqual({ maxMs, maxInPauseMs, over50Ms }, { maxMs: 60, maxInPauseMs: 300, over50Ms: 1 });
});

test("the same seed gives the same numbers", () => {
  const take = (seed: number, part: number): number[] => {
    const random = new Random(seed, part);
    return Array.from({ length: 5 }, () => random.whole(1, 1000));
  };
  assert.deepEqual(take(1, 2), take(1, 2));
  assert.notDeepEqual(take(1, 2), take(2, 2));
  assert.notDeepEqual(take(1, 2), take(1, 3));
});

test("replies are read correctly, however they are split into chunks", () => {
  const bytes = Buffer.from(
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfirst" +
      "HTTP/1.1 204 No Content\r\n\r\n" +
      "HTTP/1.1 500 No\r\nContent-Length: 6\r\nx-offhook-error: handler-threw\r\n\r\nsecond",
  );
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const reader = new ReplyReader();
    const replies: Reply[] = [];
    for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      if (part.length > 0)
        reader.push(
          part,
          () => false,
          (reply) => replies.push(reply),
        );
    }
    assert.deepEqual(
      replies.map(({ status, body }) => [status, body]),
      [
        [200, "first"],
        [204, ""],
        [500, "second"],
      ],
    );
    assert.equal(reader.isWithin, false);
  }
});
