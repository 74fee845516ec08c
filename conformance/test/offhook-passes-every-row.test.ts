import assert from "node:assert/strict";
import { test } from "node:test";
import { allChecks } from "../src/contract.ts";
import { judge } from "../src/runner.ts";
import { offhookTarget } from "../src/targets/offhook.ts";

// One subtest for each row: the rows are judged together first, because some of them wait for seconds.
test("Offhook behaves as the contract says", { timeout: 120_000 }, async (context) => {
  const results = await judge(offhookTarget(), allChecks());
  for (const { check, verdict, seen } of results) {
    const skip = verdict === "not visible" ? seen : false;
    await context.test(`row ${check.row}: ${check.title}`, { skip }, () => {
      assert.ok(verdict === "passed", `expected ${check.expects}; saw ${seen}`);
    });
  }
});
