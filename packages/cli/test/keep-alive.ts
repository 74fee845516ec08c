import type { TestContext } from "node:test";

/**
 * Keeps the process alive during a test. File watchers do not, and in Node 22 the test runner does not either: it cancels
 * a test that waits for their events.
 */
export function keepAlive(t: TestContext): void {
  const timer = setInterval(() => undefined, 1_000);
  t.after(() => clearInterval(timer));
}
