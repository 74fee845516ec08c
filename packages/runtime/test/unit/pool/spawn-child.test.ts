import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { spawnChild } from "../../../src/pool/spawn-child.ts";

test("whatever keeps a process from starting is an event", async () => {
  // Node tells of the first by an event of its own, and throws the second.
  for (const [program, code] of [
    ["/nowhere/program", "ENOENT"],
    ["/bin/false/program", "ENOTDIR"],
  ] as const) {
    const child = spawnChild(program, [], {});
    const [error] = (await once(child, "error")) as [NodeJS.ErrnoException];
    assert.equal(error.code, code);
    assert.equal(child.pid, undefined);
    assert.ok(Array.isArray(child.stdio));
  }
});
