import assert from "node:assert/strict";
import { test } from "node:test";
import { launchOf, sourceFlags } from "../../../src/pool/launch.ts";

const flag = "--conditions=offhook-source";

for (const [execArgv, nodeOptions] of [
  [[flag], undefined],
  [["--test", "--conditions", "offhook-source"], undefined],
  [["-C", "offhook-source"], ""],
  [["--conditions=other", flag, "--test"], undefined],
  [[], `--max-old-space-size=100 ${flag}`],
  [[], `--conditions offhook-source --test`],
  [[], `"${flag}"`],
] as const) {
  test(`isolates run from source if the server was started with ${execArgv.join(" ")} ${nodeOptions ?? ""}`, () => {
    assert.deepEqual(sourceFlags(execArgv, nodeOptions), [flag]);
  });
}

for (const [execArgv, nodeOptions] of [
  [[], undefined],
  [["--conditions=other"], "--conditions=another"],
  [["--conditions=offhook-source-map"], ""],
  [["--no-conditions=offhook-source"], "--title=offhook-source"],
  [["offhook-source"], "x--conditions=offhook-source"],
] as const) {
  test(`isolates do not run from source if the server was started with ${execArgv.join(" ")} ${nodeOptions ?? ""}`, () => {
    assert.deepEqual(sourceFlags(execArgv, nodeOptions), []);
  });
}

test("isolates get no other flag of the server's", (t) => {
  const before = process.execArgv;
  t.after(() => (process.execArgv = before));
  process.execArgv = ["--conditions=other", flag, "--trace-gc", "--import=/somewhere.js"];
  const { args } = launchOf(
    {
      node: process.execPath,
      memoryMb: 100,
      compileCache: undefined,
      extraCaCerts: undefined,
      processLimit: undefined,
      readable: undefined,
      userName: "somebody",
    },
    undefined,
  );
  assert.equal(args.filter((arg) => arg === flag).length, 1);
  assert.doesNotMatch(args.join(" "), /other|trace-gc|import/);
});
