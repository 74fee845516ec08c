import assert from "node:assert/strict";
import { test } from "node:test";
import { InputTurns, type Input } from "../../../src/pool/input-turns.ts";

/** Always has something to read until the test ends it. Counts how often it was read. */
class EndlessInput implements Input {
  slices = 0;
  isEnded = false;

  read(mayContinue: () => boolean): boolean {
    this.slices++;
    while (!this.isEnded && mayContinue());
    return !this.isEnded;
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("endless inputs take turns, and the event loop continues", async (t) => {
  const turns = new InputTurns();
  const inputs = Array.from({ length: 12 }, () => new EndlessInput());
  t.after(() => inputs.forEach((input) => (input.isEnded = true)));
  for (const input of inputs) turns.offer(input);
  // Each turn of the loop that this test gets shows that the inputs have stopped reading for a moment.
  for (let turn = 0; turn < 30; turn++) await nextTurn();
  const slices = inputs.map((input) => input.slices);
  assert.ok(Math.min(...slices) > 0, String(slices));
  assert.ok(Math.max(...slices) - Math.min(...slices) <= 2, `evenly: ${String(slices)}`);
});

test("an input with little data is read at once each time it has some", () => {
  const turns = new InputTurns();
  let reads = 0;
  const input: Input = { read: () => ++reads < 0 };
  for (let i = 0; i < 3; i++) turns.offer(input);
  assert.equal(reads, 3);
});
