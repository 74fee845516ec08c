import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { outputWritten } from "../../../src/observe/channels.ts";
import { InvocationOutput } from "../../../src/observe/invocation-output.ts";

function outputOf(t: TestContext, service: string): InvocationOutput {
  const output = new InvocationOutput(service);
  t.after(output.stop);
  return output;
}

const write = (service: string, requestId: string, text: string): void =>
  outputWritten.publish({ service, requestId, function: "a", level: "info", text });

test("a service with much output does not displace the output of another service", (t) => {
  const [quiet, loud] = [outputOf(t, "ZS1"), outputOf(t, "ZS2")];
  write("ZS1", "RQ", "kept");
  for (let i = 0; i < 500; i++) write("ZS2", `RQ${i}`, "many");
  assert.deepEqual(quiet.of("RQ"), [{ level: "info", text: "kept" }]);
  assert.deepEqual(quiet.of("RQ499"), []);
  assert.deepEqual(loud.of("RQ499"), [{ level: "info", text: "many" }]);
  assert.deepEqual([loud.of("RQ0"), loud.of("RQ")], [[], []]);
});
