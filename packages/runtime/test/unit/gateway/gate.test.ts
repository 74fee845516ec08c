import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate } from "../../../src/gateway/gate.ts";

test("a gate is open until it is held, and again after the last release", async () => {
  const gate = new Gate();
  assert.equal(gate.isOpen, true);
  await gate.opened();
  const [one, other] = [gate.close(), gate.close()];
  let passed = false;
  const passing = gate.opened().then(() => (passed = true));
  one();
  one();
  await new Promise(setImmediate);
  assert.deepEqual([gate.isOpen, passed], [false, false]);
  other();
  await passing;
  assert.equal(gate.isOpen, true);
  assert.equal(gate.closeCount, 1);
});

test("a waiter keeps waiting if the gate is held again at once", async () => {
  const gate = new Gate();
  const release = gate.close();
  let passed = false;
  const passing = gate.opened().then(() => (passed = true));
  release();
  const again = gate.close();
  await new Promise(setImmediate);
  assert.equal(passed, false);
  again();
  await passing;
  assert.equal(gate.closeCount, 2);
});

test("a gate that is opened for good lets all requests pass", async () => {
  const gate = new Gate();
  const release = gate.close();
  const passing = gate.opened();
  gate.open();
  await passing;
  release();
  assert.equal(gate.isOpen, true);
});
