import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOptions, UsageError } from "../src/options.ts";

test("without options, a run takes five minutes", () => {
  const { durationMs, requests, connections } = parseOptions([]);
  assert.deepEqual({ durationMs, requests, connections }, { durationMs: 300_000, requests: Infinity, connections: 32 });
});

test("with --requests, there is no time limit unless --minutes sets one", () => {
  assert.equal(parseOptions(["--requests", "1000000"]).durationMs, Infinity);
  assert.equal(parseOptions(["--requests", "10", "--minutes", "2"]).durationMs, 120_000);
});

test("a weight applies to a kind, or to all kinds of a group", () => {
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
  test(`${args.join(" ")} is rejected`, () => {
    assert.throws(() => parseOptions(args), UsageError);
  });
}
