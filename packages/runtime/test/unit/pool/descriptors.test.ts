import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { test } from "node:test";

/**
 * Runs in a process that was started with extra descriptors. It prints which of them it sees, and which its child has.
 */
const script = `
  import { inheritableDescriptors, sealed } from ${JSON.stringify(new URL("../../../src/pool/descriptors.ts", import.meta.url).href)};
  import { spawnSync } from "node:child_process";
  const read = "for n in 20 100; do readlink /proc/self/fd/$n; done; true";
  const child = (stdio) => spawnSync("sh", ["-c", read], { stdio, encoding: "utf8" }).stdout.trim().split("\\n");
  const streams = ["ignore", "pipe", "ignore"];
  console.log(JSON.stringify({ seen: inheritableDescriptors(), open: child(streams), sealed: child([...sealed(streams)]) }));`;

test("a sealed child does not inherit the descriptors that this process was started with", (t) => {
  const file = openSync(import.meta.filename, "r");
  t.after(() => closeSync(file));
  const stdio = Array.from({ length: 101 }, (_, i) => (i === 20 || i === 100 ? file : i === 1 ? "pipe" : "ignore"));
  const args = ["--input-type=module", "--eval", script];
  const { output } = spawnSync(process.execPath, args, { stdio, encoding: "utf8" });
  const { seen, open, sealed } = JSON.parse(String(output[1])) as Record<string, unknown[]>;
  assert.equal(
    seen?.filter((number) => number === 20 || number === 100).length,
    2,
    "others may come from whatever runs the tests",
  );
  assert.deepEqual(open, [import.meta.filename, import.meta.filename]);
  assert.deepEqual(sealed, ["/dev/null", "/dev/null"]);
});
