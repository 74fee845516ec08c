import assert from "node:assert/strict";
import { test } from "node:test";
import { Stepper } from "../../../src/worker/stepper.ts";

/** Takes three steps. Returns the order of the steps and of a timer that is due. */
function order(busyMs: number): Promise<string[]> {
  return new Promise((resolve) => {
    const seen: string[] = [];
    const stepper = new Stepper(() => {
      seen.push("step");
      queueMicrotask(() => seen.push("promises"));
      const until = performance.now() + busyMs;
      while (performance.now() < until);
      if (seen.filter((what) => what === "step").length === 3) setImmediate(() => resolve(seen));
    });
    // Starts in the phase of immediates, so the timer cannot run before the first step.
    setImmediate(() => {
      setTimeout(() => seen.push("timer"), 1);
      for (let i = 0; i < 3; i++) stepper.schedule();
    });
  });
}

test("promises run between steps of one turn", async () => {
  const seen = (await order(0)).filter((what) => what !== "timer");
  assert.deepEqual(seen, ["step", "promises", "step", "promises", "step", "promises"]);
});

test("after a long step, the other steps wait until new input could arrive", async () => {
  const seen = await order(5);
  assert.ok(seen.indexOf("timer") < seen.lastIndexOf("step"), seen.join());
});
