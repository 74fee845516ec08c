import assert from "node:assert/strict";
import { test } from "node:test";

import { ruleTable } from "../../src/check/rule-table.ts";
import { checkFiles, placesOf } from "./check-fixture.ts";
import { ruleExamples } from "./rule-examples.ts";

test("each rule has a unique name, and examples", () => {
  const ids = ruleTable.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(new Set(Object.keys(ruleExamples)), new Set(ids));
});

for (const [id, { bad, at, good }] of Object.entries(ruleExamples)) {
  test(`check finds ${id} in the bad example, and not in the good one`, async (t) => {
    assert.deepEqual(placesOf(await checkFiles(t, bad), id), at);
    assert.deepEqual(placesOf(await checkFiles(t, good), id), []);
  });
}
