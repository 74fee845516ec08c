/** Each code of the ledger is provoked for real: the tables beside this file say how, one row for each code. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

/** Provokes an error. @returns the code that the product gave for it. */
export type Provocation = (t: TestContext) => Promise<unknown>;

/** @param entries a part of the ledger: the compiler asks for a provocation of each of its codes. */
export function testEachCode<Code extends string>(
  entries: Readonly<Record<Code, unknown>>,
  provocations: Readonly<Record<Code, Provocation>>,
): void {
  for (const code of Object.keys(entries) as Code[]) {
    test(`${code} is what its cause gives`, async (t) => assert.equal(await provocations[code](t), code));
  }
}
