import assert from "node:assert/strict";
import { test } from "node:test";
import { chaosActions } from "../src/chaos.ts";
import { hostileClients } from "../src/hostile-clients.ts";
import { groups } from "../src/kind.ts";
import { shortPlan } from "../src/plans.ts";
import { reportOf } from "../src/report.ts";
import { soak } from "../src/soak.ts";

test("a short soak of everything at once loses nothing, mixes nothing up and leaves nothing", async () => {
  const plan = { ...shortPlan(), seed: 20_240 };
  const summary = await soak(plan);
  const report = reportOf(summary);
  assert.deepEqual(summary.failures, [], report);

  // Everything has to occur in the run, or it would not be tested.
  for (const { name } of plan.kinds) assert.ok((summary.counts[name]?.sent ?? 0) > 0, `no ${name}\n${report}`);
  for (const { name, allowed } of hostileClients) {
    if (allowed !== undefined) assert.ok((summary.counts[name]?.sent ?? 0) > 0, `no ${name}\n${report}`);
  }
  for (const action of chaosActions) assert.ok(summary.chaos[action] > 0, `no ${action}\n${report}`);
  for (const group of groups) {
    const groupCounts = Object.values(summary.counts).filter((count) => count.group === group);
    assert.ok(groupCounts.length > 0, `no ${group}\n${report}`);
  }

  for (const [name, { sent, right, tolerated, wrong, lost, left }] of Object.entries(summary.counts)) {
    assert.equal(sent, right + tolerated + wrong + lost + left, `${name} is not accounted for\n${report}`);
  }
  assert.ok(summary.health.probes > 10, report);
  assert.ok(summary.first !== undefined && summary.last !== undefined, report);
});
