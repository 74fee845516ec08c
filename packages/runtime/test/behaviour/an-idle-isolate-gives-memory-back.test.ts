import assert from "node:assert/strict";
import { test } from "node:test";
import { residentBytes } from "../../src/pool/process-stats.ts";
import { serve, until } from "../site.ts";

test("an idle isolate gives memory back", async (t) => {
  const site = await serve(t, {
    "functions/hungry.js":
      "let list = Array.from({ length: 3e5 }, (_, i) => ({ text: `entry ${i}` })); callback(null, [process.pid, list.length]); list = null;",
  });
  const [pid] = (await site.call("/hungry")).json() as [number];
  const full = residentBytes(pid);
  assert.ok(full !== undefined, "this system does not tell");
  await until("most of it is back", () => (residentBytes(pid) ?? full) < full - 15 * 2 ** 20);
});
