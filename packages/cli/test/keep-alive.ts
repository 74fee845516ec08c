import type { TestContext } from "node:test";

/**
 * Keeps the process alive for the length of a test. What watches files does not, and in Node 22 the test runner does not
 * either: it cancels a test that waits for such an event.
 */
export function keepAlive(t: TestContext): void {
  const timer = setInterval(() => undefined, 1_000);
  t.after(() => clearInterval(timer));
}
