import assert from "node:assert/strict";
import { test } from "node:test";
import { help, parseOptions, UsageError } from "../src/options.ts";
import { measureNames } from "../src/results.ts";
import { scenarioNames } from "../src/scenarios.ts";
import { targetNames } from "../src/targets/target.ts";

test("without options, everything is measured", () => {
  assert.deepEqual(parseOptions([]), {
    mode: "full",
    record: false,
    scenarios: [...scenarioNames],
    measures: [...measureNames],
    targets: [...targetNames],
    rounds: 5,
    seconds: 2,
    isPartial: false,
  });
});

test("--quick measures less of everything", () => {
  const options = parseOptions(["--quick"]);
  assert.equal(options.mode, "quick");
  assert.deepEqual(options.scenarios, ["hello", "twiml"]);
  assert.deepEqual(options.measures, ["twiml-cost", "start", "first-reply"]);
  assert.equal(options.rounds, 3);
  assert.equal(options.seconds, 0.5);
  assert.equal(parseOptions(["--quick", "--rounds", "7"]).rounds, 7);
});

test("--only and --targets select rows, in the order of the tables", () => {
  const options = parseOptions(["--only", "memory,cpu, hello", "--targets", "offhook,node-http", "--seconds", "0.3"]);
  assert.deepEqual(options.scenarios, ["hello", "cpu"]);
  assert.deepEqual(options.measures, ["memory"]);
  assert.deepEqual(options.targets, ["node-http", "offhook"]);
  assert.equal(options.seconds, 0.3);
  assert.equal(options.isPartial, true);
});

for (const [args, words] of [
  [["--fast"], /fast/],
  [["--only", "hello,nothing"], /--only: "nothing"\. Expected some of hello, twiml/],
  [["--targets", "express"], /--targets: "express"\. Expected some of/],
  [["--rounds", "1.5"], /--rounds: "1.5"\. Expected a whole number above 0/],
  [["--seconds", "0"], /--seconds: "0"\. Expected a number above 0/],
  [["--record"], /--record requires --guard/],
  [["--quick", "--guard"], /cannot be combined/],
  [["hello"], /hello/],
] as const) {
  test(`${args.join(" ")} is rejected, with a reason`, () => {
    assert.throws(
      () => parseOptions(args),
      (error) => error instanceof UsageError && words.test(error.message),
    );
  });
}

test("the help lists all names", () => {
  for (const name of [...scenarioNames, ...measureNames, ...targetNames]) assert.ok(help.includes(name), name);
});
