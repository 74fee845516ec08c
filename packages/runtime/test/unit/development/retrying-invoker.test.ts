import assert from "node:assert/strict";
import { test } from "node:test";
import { RetryingInvoker } from "../../../src/development/retrying-invoker.ts";
import { Gate } from "../../../src/gateway/gate.ts";
import type { Invocation, Outcome } from "../../../src/pool/invocation.ts";

const invocation = { isAbandoned: false } as Invocation;
const reply: Outcome = { kind: "reply", status: 200, headers: [], body: new Uint8Array(), running: 1 };
const unloadable: Outcome = { kind: "failed", code: "function-load-failed", running: 1 };

/** Invokes with these outcomes, one after the other. */
function invoking(
  gate: Gate,
  outcomes: readonly (Outcome | (() => Outcome))[],
): { invoker: RetryingInvoker; calls: number } {
  const counting: { calls: number; invoker: RetryingInvoker } = {
    calls: 0,
    invoker: new RetryingInvoker(
      {
        invoke: async () => {
          const next = outcomes[Math.min(counting.calls, outcomes.length - 1)] ?? reply;
          counting.calls += 1;
          return typeof next === "function" ? next() : next;
        },
        abandon: () => undefined,
      },
      gate,
    ),
  };
  return counting;
}

test("a function that does not load during a change is retried after the change", async () => {
  const gate = new Gate();
  let release: (() => void) | undefined;
  const counting = invoking(gate, [
    () => {
      release = gate.close();
      return unloadable;
    },
    reply,
  ]);
  const outcome = counting.invoker.invoke(invocation);
  await new Promise(setImmediate);
  assert.equal(counting.calls, 1);
  release?.();
  assert.equal(await outcome, reply);
  assert.equal(counting.calls, 2);
});

test("the notice of a change may arrive a moment later", async () => {
  const gate = new Gate();
  const counting = invoking(gate, [
    () => {
      setImmediate(() => gate.close()());
      return unloadable;
    },
    reply,
  ]);
  assert.equal(await counting.invoker.invoke(invocation), reply);
});

test("without a change, the load failure is the outcome", async () => {
  const counting = invoking(new Gate(), [unloadable]);
  assert.equal(await counting.invoker.invoke(invocation), unloadable);
  assert.equal(counting.calls, 1);
});

test("retries end after a few attempts, and when the client has left", async () => {
  const gate = new Gate();
  const changing = (): Outcome => {
    gate.close()();
    return unloadable;
  };
  const counting = invoking(gate, [changing]);
  assert.equal(await counting.invoker.invoke(invocation), unloadable);
  assert.equal(counting.calls, 3);
  const abandoned = invoking(gate, [changing]);
  await abandoned.invoker.invoke({ ...invocation, isAbandoned: true });
  assert.equal(abandoned.calls, 1);
});

test("a function that has run is never retried", async () => {
  const gate = new Gate();
  const thrown: Outcome = { kind: "failed", code: "handler-threw", running: 1 };
  const counting = invoking(gate, [
    () => {
      gate.close()();
      return thrown;
    },
  ]);
  assert.equal(await counting.invoker.invoke(invocation), thrown);
  assert.equal(counting.calls, 1);
});
