import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { heldFunction, release } from "../overlap.ts";
import { serve, until } from "../site.ts";

test("the next call sees new variables; one that runs keeps the old ones", async (t) => {
  const site = await serve(t, {
    "functions/see.js": "callback(null, [context.A, process.env.A, context.B])",
    "functions/wait.js": heldFunction("[context.A, process.env.A]"),
    ".env": "A=old",
  });
  assert.deepEqual((await site.call("/see")).json(), ["old", "old", null]);
  const waiting = site.call("/wait");
  await until("it runs", () => site.output.length > 0);
  site.server.updateVariables({ A: "new", B: "added" });
  assert.deepEqual((await site.call("/see")).json(), ["new", "new", "added"]);
  await release(site.folder);
  assert.deepEqual((await waiting).json(), ["old", "old"]);
});

test("variables alone change: a hardened isolate goes on with the TypeScript that was there at the start", async (t) => {
  const source = (text: string): string =>
    `export const handler = (context: { A: string }, event: unknown, callback: Function) => callback(null, "${text} " + context.A);`;
  const site = await serve(t, { "functions/see.ts": source("first"), ".env": "A=old" }, { hardened: true });
  assert.equal((await site.call("/see")).text, "first old");
  await writeFile(join(site.folder, "functions/see.ts"), source("second"));
  site.server.updateVariables({ A: "new" });
  assert.equal((await site.call("/see")).text, "first new");
});

test("signatures are checked with the new token", async (t) => {
  const site = await serve(t, { "functions/p.protected.js": "callback(null, 'in')", ".env": "AUTH_TOKEN=old-token" });
  const signed = (token: string) => ({
    headers: { "x-twilio-signature": createHmac("sha1", token).update(`${site.url}/p`).digest("base64") },
  });
  assert.equal((await site.call("/p", signed("old-token"))).text, "in");
  site.server.updateVariables({ AUTH_TOKEN: "new-token" });
  assert.equal((await site.call("/p", signed("old-token"))).status, 403);
  assert.equal((await site.call("/p", signed("new-token"))).text, "in");
});
