import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate } from "../../../src/gateway/gate.ts";

test("a gate is open until somebody holds it, and again when the last has let go", async () => {
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

test("who waits goes on waiting if it is held again at once", async () => {
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

test("opened for good, it lets everybody pass", async () => {
  const gate = new Gate();
  const release = gate.close();
  const passing = gate.opened();
  gate.open();
  await passing;
  release();
  assert.equal(gate.isOpen, true);
});
