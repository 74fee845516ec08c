import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOptions, UsageError } from "../src/options.ts";

test("without options it takes five minutes", () => {
  const { durationMs, requests, connections } = parseOptions([]);
  assert.deepEqual({ durationMs, requests, connections }, { durationMs: 300_000, requests: Infinity, connections: 32 });
});

test("a number of requests takes as long as it takes", () => {
  assert.equal(parseOptions(["--requests", "1000000"]).durationMs, Infinity);
  assert.equal(parseOptions(["--requests", "10", "--minutes", "2"]).durationMs, 120_000);
});

test("weights are those of a kind, or of all kinds of a group", () => {
  const { kinds } = parseOptions(["--weights", "crashing=0,plain=7,crash-exit=2"]);
  assert.equal(kinds.find(({ name }) => name === "plain")?.weight, 7);
  assert.deepEqual(
    kinds.filter(({ group }) => group === "crashing").map(({ name }) => name),
    ["crash-exit"],
  );
});

for (const args of [
  ["--minutes", "0"],
  ["--requests", "1.5"],
  ["--seed", "x"],
  ["--weights", "nothing=1"],
  ["--weights", "plain"],
  ["--wrong"],
]) {
  test(`${args.join(" ")} is refused`, () => {
    assert.throws(() => parseOptions(args), UsageError);
  });
}
