import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Invoke, Setup } from "../../../src/protocol/messages.ts";
import type { Context } from "../../../src/worker/context.ts";
import { InvocationRun } from "../../../src/worker/invocation-run.ts";
import { HandlerLoader } from "../../../src/worker/load.ts";
import { TwilioPackage } from "../../../src/worker/twilio-package.ts";
import { bareSetup } from "./setup-fixture.ts";

const invoke: Invoke = { kind: "invoke", id: 1, function: "f", path: "/f", query: "", domain: "host", headers: [] };

/** Starts a run that never replies. Returns the remaining time as its function sees it. */
function startedRun(t: TestContext, limit: Pick<Setup, "timeoutMs">): () => number {
  const setup: Setup = { ...bareSetup, ...limit };
  const loader = new HandlerLoader(setup);
  let seen: Context | undefined;
  t.mock.method(loader, "isLoaded", () => true);
  t.mock.method(loader, "load", () => (context: Context) => void (seen = context));
  const ignore = (): void => {};
  const run = new InvocationRun(invoke, Buffer.alloc(0), {
    setup,
    loader,
    twilio: new TwilioPackage(setup),
    onLoaded: ignore,
    beforeHandler: ignore,
    onReplied: ignore,
    onLateFailure: ignore,
    isCrowded: () => false,
  });
  run.start();
  return seen?.["getRemainingTimeInMillis"] as () => number;
}

function passMs(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test("the remaining time counts down to zero in whole milliseconds, and stays there", (t) => {
  const remaining = startedRun(t, { timeoutMs: 60 });
  const seen: number[] = [];
  const end = performance.now() + 10_000;
  while (seen.at(-1) !== 0 && performance.now() < end) {
    const ms = remaining();
    if (ms !== seen.at(-1)) seen.push(ms);
  }
  assert.ok(
    seen.every((ms) => Number.isInteger(ms) && ms >= 0 && ms < 60),
    seen.join(),
  );
  assert.deepEqual(
    seen,
    seen.toSorted((one, other) => other - one),
  );
  passMs(5);
  assert.equal(remaining(), 0);
});

test("without a time limit the remaining time is infinite", (t) => {
  const remaining = startedRun(t, {});
  passMs(2);
  assert.equal(remaining(), Infinity);
});
