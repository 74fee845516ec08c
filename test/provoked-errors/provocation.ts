/** Provokes each code of the ledger for real. The tables in this folder have one row for each code. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

/** Provokes an error. @returns the code that the product reported. */
export type Provocation = (t: TestContext) => Promise<unknown>;

/** @param entries a part of the ledger. The compiler requires a provocation for each of its codes. */
export function testEachCode<Code extends string>(
  entries: Readonly<Record<Code, unknown>>,
  provocations: Readonly<Record<Code, Provocation>>,
): void {
  for (const code of Object.keys(entries) as Code[]) {
    test(`the cause of ${code} gives this code`, async (t) => assert.equal(await provocations[code](t), code));
  }
}
