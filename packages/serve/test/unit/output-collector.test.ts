/** What the gateway keeps of the output of functions: contract row 178. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { outputWritten, requestEnded } from "@offhook/runtime/observe";
import { OutputCollector } from "../../src/gateway/output-collector.ts";
import type { OutputLine, TenantSpec } from "../../src/link/messages.ts";

const requestId = "RQ1";

interface Collected {
  readonly lines: OutputLine[];
  readonly collector: OutputCollector;
  readonly dropped: number[];
  /** Whether somebody takes lines. */
  isTaken: boolean;
}

function collect(t: TestContext): Collected {
  const collected: Collected = {
    lines: [],
    dropped: [],
    isTaken: true,
    collector: new OutputCollector({
      specOf: (deployment) => (deployment.startsWith("ZD") ? specOf(deployment) : undefined),
      send: (lines) => {
        if (collected.isTaken) collected.lines.push(...lines);
        return collected.isTaken;
      },
      onDropped: (count) => void collected.dropped.push(count),
    }),
  };
  t.after(() => collected.collector.stop());
  return collected;
}

function specOf(deploymentSid: string): TenantSpec {
  return {
    accountSid: "AC",
    serviceSid: "ZS",
    environmentSid: `ZE of ${deploymentSid}`,
    buildSid: "ZB",
    deploymentSid,
    hosts: ["shop.example"],
    folder: "/nowhere",
    functions: [
      { kind: "function", sid: "ZH", path: "/one", name: "one", file: "/nowhere/one.js", visibility: "public" },
    ],
    assets: [],
    variables: {},
    authToken: "",
    runtime: "node24",
    settings: {},
  };
}

function write(text: string, { deployment = "ZD1", id = requestId }: { deployment?: string; id?: string } = {}): void {
  outputWritten.publish({ service: "ZS", deployment, requestId: id, function: "one", level: "info", text });
}

function end(id = requestId): void {
  requestEnded.publish({ requestId: id } as Parameters<typeof requestEnded.publish>[0]);
}

const textsOf = ({ lines }: Collected): string[] => lines.map(({ message }) => message);

test("lines are handed over after the reply, with the request, the function and the deployment", (t) => {
  const collected = collect(t);
  write("first");
  write("second");
  collected.collector.flush();
  assert.deepEqual(collected.lines, []);
  end();
  collected.collector.flush();
  assert.deepEqual(textsOf(collected), ["first", "second"]);
  const { requestSid, functionSid, environmentSid, deploymentSid, buildSid } = collected.lines[0] ?? assert.fail();
  assert.deepEqual(
    { requestSid, functionSid, environmentSid, deploymentSid, buildSid },
    { requestSid: requestId, functionSid: "ZH", environmentSid: "ZE of ZD1", deploymentSid: "ZD1", buildSid: "ZB" },
  );
});

test("the last 3 kB of an invocation are kept", (t) => {
  const collected = collect(t);
  for (const letter of ["a", "b", "c", "d"]) write(letter.repeat(1000));
  end();
  write("é".repeat(4000), { id: "RQ2" });
  end("RQ2");
  collected.collector.flush();
  const [b, c, d, long = ""] = textsOf(collected);
  assert.deepEqual([b?.[0], c?.[0], d?.[0]], ["b", "c", "d"]);
  assert.equal(long, "é".repeat(1536));
});

test("late lines are kept while the invocation's 3 kB last", (t) => {
  const collected = collect(t);
  write("a".repeat(3000));
  end();
  write("b".repeat(72));
  write("c");
  collected.collector.flush();
  assert.deepEqual(
    textsOf(collected).map((text) => text.length),
    [3000, 72],
  );
});

test("output of code that no deployment has is left out", (t) => {
  const collected = collect(t);
  write("nobody's", { deployment: "another" });
  end();
  collected.collector.flush();
  assert.deepEqual(collected.lines, []);
});

test("lines wait while nobody takes them, and beyond the limit the oldest are dropped and counted", (t) => {
  const collected = collect(t);
  collected.isTaken = false;
  for (let index = 0; index < 20_010; index += 1) {
    outputWritten.publish({ service: "ZS", deployment: "ZD1", level: "info", text: String(index) });
  }
  collected.isTaken = true;
  collected.collector.flush();
  assert.equal(collected.lines.length, 20_000);
  assert.equal(collected.lines[0]?.message, "10");
  assert.equal(
    collected.dropped.reduce((sum, count) => sum + count, 0),
    10,
  );
});

test("the lines of two deployments at once do not mix", (t) => {
  const collected = collect(t);
  write("one", { deployment: "ZD1", id: "RQ1" });
  write("two", { deployment: "ZD2", id: "RQ2" });
  end("RQ2");
  end("RQ1");
  collected.collector.flush();
  assert.deepEqual(
    collected.lines.map(({ deploymentSid, message }) => [deploymentSid, message]),
    [
      ["ZD2", "two"],
      ["ZD1", "one"],
    ],
  );
});
