import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { spawnChild } from "../../../src/pool/spawn-child.ts";

test("every reason why a process cannot start is reported as an event", async () => {
  // Node emits the first error as an event, and throws the second.
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
