import assert from "node:assert/strict";
import { test } from "node:test";
import { Diagnoses } from "../../../src/development/diagnoses.ts";
import type { Diagnosis, Invocation } from "../../../src/pool/invocation.ts";

const invocation = (): Invocation => ({ requestId: "RQ1" }) as Invocation;

function diagnosis(state: Diagnosis["state"], stacks: string[] = [], notes: string[] = []): Diagnosis {
  return { kind: "diagnosis", id: 1, state, stacks, notes };
}

test("the first diagnosis of each state is kept, only for its invocation", () => {
  const diagnoses = new Diagnoses();
  const [one, other] = [invocation(), invocation()];
  const waiting = diagnosis("waiting", ["at a"]);
  assert.deepEqual(diagnoses.keep(one, waiting), waiting);
  assert.equal(diagnoses.keep(one, diagnosis("waiting", ["at b"])), undefined);
  assert.ok(diagnoses.keep(one, diagnosis("failed")) !== undefined);
  assert.ok(diagnoses.keep(other, diagnosis("waiting", ["at c"])) !== undefined);
  assert.deepEqual(diagnoses.of(one), [waiting, diagnosis("failed")]);
  assert.deepEqual(diagnoses.of(other), [diagnosis("waiting", ["at c"])]);
  assert.deepEqual(diagnoses.of(invocation()), []);
  assert.deepEqual(diagnoses.of(undefined), []);
});

test("a function that forges a diagnosis cannot fill the memory with it", () => {
  const diagnoses = new Diagnoses();
  const many = Array.from({ length: 1_000 }, () => "x".repeat(100_000));
  const kept = diagnoses.keep(invocation(), diagnosis("left", many, many));
  assert.deepEqual([kept?.stacks.length, kept?.notes.length], [50, 50]);
  assert.ok([...(kept?.stacks ?? []), ...(kept?.notes ?? [])].every((text) => text.length === 8_000));
});

test("an invocation that runs again starts without the diagnoses of its last attempt", () => {
  const diagnoses = new Diagnoses();
  const again = invocation();
  diagnoses.keep(again, diagnosis("computing", ["at a"]));
  diagnoses.forget(again);
  assert.deepEqual(diagnoses.of(again), []);
  assert.ok(diagnoses.keep(again, diagnosis("computing", ["at b"])) !== undefined);
});
