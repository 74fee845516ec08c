import assert from "node:assert/strict";
import { test } from "node:test";

import { flagOptions } from "@offhook/runtime/settings";

import { makeProject } from "../../runtime/test/unit/project/temp-project.ts";
import { run } from "../src/command-line.ts";
import { adviceForCommand, adviceForFlag } from "../src/migration-advice.ts";
import { fakeContext } from "./fake-context.ts";

async function outcome(...args: string[]): Promise<{ code: number; err: string }> {
  const context = fakeContext();
  const code = await run(args, context);
  assert.equal(context.stdout.text, "");
  return { code, err: context.stderr.text };
}

/** All options of `twilio-run start` and `twilio serverless:start` that Offhook does not have. */
const flags: readonly (readonly [string[], RegExp])[] = [
  [["--live"], /--live: offhook dev always reloads changes/],
  [["--no-live"], /--no-live: /],
  [["--ngrok"], /--tunnel "ngrok http \{port\} --log stdout"/],
  [["--ngrok=mine"], /--tunnel "ngrok http/],
  [["--ngrok", "mine"], /--tunnel "ngrok http/],
  [["--load-local-env"], /--env <file>/],
  [["-f"], /-f: functions do not see your shell's variables/],
  [["--load-system-env"], /--env <file>/],
  [["--cwd", "."], /offhook dev path\/to\/project/],
  [["--detailed-logs"], /press d/],
  [["--no-logs"], /--no-access-log/],
  [["-l", "debug"], /--log-level <level>/],
  [["--legacy-mode"], /assets\/assets/],
  [["--experimental-fork-process"], /always has its own process/],
  [["--no-fork-process"], /always has its own process/],
  [["--config", "x"], /offhook reads \.twilioserverlessrc/],
  [["-c", "x"], /offhook reads \.twilioserverlessrc/],
  [["-u", "AC1"], /without an account/],
  [["--password", "secret-word"], /without an account/],
  [["--profile", "mine"], /without an account/],
  [["--no-color"], /--no-color: set NO_COLOR=1/],
];

for (const [args, advice] of flags) {
  test(`offhook dev ${args.join(" ")} gets advice`, async (t) => {
    const { code, err } = await outcome("dev", makeProject(t), ...args);
    assert.equal(code, 2);
    assert.match(err, advice);
    assert.match(err, /\[setting-unknown\]/);
    assert.doesNotMatch(err, /secret-word/);
  });
}

test("our own options get no advice, and unknown ones get a suggestion as before", async (t) => {
  for (const name of Object.keys(flagOptions())) assert.equal(adviceForFlag(name), undefined, name);
  for (const name of ["constructor", "toString", "__proto__"]) assert.equal(adviceForFlag(name), undefined);
  assert.match((await outcome("dev", makeProject(t), "--prot", "1")).err, /did you mean --port\?/);
  assert.match((await outcome("check", makeProject(t), "--port", "1")).err, /--port; check does not accept it/);
});

for (const [command, advice] of [
  ["serverless:deploy", /run "offhook deploy"; .*"twilio serverless:deploy"/],
  ["serverless:start", /offhook dev/],
  ["promote", /"offhook with -- twilio-run promote".*twilio serverless:promote/],
  ["activate", /twilio serverless:promote/],
  ["list", /twilio serverless:list/],
  ["env:set", /\.env/],
  ["list-templates", /serverless:list-templates/],
] as const) {
  test(`offhook ${command} gets advice`, async () => {
    const { code, err } = await outcome(command);
    assert.equal(code, 2);
    assert.match(err, advice);
    assert.match(err, /\[command-unknown\]/);
  });
}

test("a folder with the name of a command is still a folder", () => {
  assert.equal(adviceForCommand("constructor"), undefined);
});
