import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { test } from "node:test";
import { heldFunction, release } from "../overlap.ts";
import { childrenOf, isolateCommand } from "../running.ts";
import { serve, until } from "../site.ts";

test("the next call sees new variables, and one that runs keeps the old ones", async (t) => {
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

test("only variables change: a hardened isolate keeps the TypeScript from its start", async (t) => {
  const source = (text: string): string =>
    `export const handler = (context: { A: string }, event: unknown, callback: Function) => callback(null, "${text} " + context.A);`;
  const site = await serve(t, { "functions/see.ts": source("first"), ".env": "A=old" }, { hardened: true });
  assert.equal((await site.call("/see")).text, "first old");
  await writeFile(join(site.folder, "functions/see.ts"), source("second"));
  site.server.updateVariables({ A: "new" });
  assert.equal((await site.call("/see")).text, "first new");
});

test("extra certificates change as well, although a process reads them only at its start", async (t) => {
  const site = await serve(t, {
    "functions/see.js": `callback(null, [require("node:tls").getCACertificates("extra").length, context.A])`,
    "functions/wait.js": "setTimeout(() => callback(null, context.A), 500)",
    ".env": "A=old",
  });
  const [one = "", two = ""] = rootCertificates;
  const file = join(site.folder, "extra.pem");
  await writeFile(file, `${one}\n${two}\n`);
  assert.deepEqual((await site.call("/see")).json(), [0, "old"]);
  const waiting = site.call("/wait");
  await site.call("/see");
  site.server.updateVariables({ A: "new", NODE_EXTRA_CA_CERTS: file });
  assert.deepEqual((await site.call("/see")).json(), [2, "new"]);
  assert.equal((await waiting).text, "old");
  site.server.updateVariables({ A: "newer", NODE_EXTRA_CA_CERTS: file });
  assert.deepEqual((await site.call("/see")).json(), [2, "newer"]);
  site.server.updateVariables({ A: "last" });
  assert.deepEqual((await site.call("/see")).json(), [0, "last"]);
  await site.server.stop();
  assert.deepEqual(childrenOf(process.pid, isolateCommand), []);
});

test("an updated public URL stays after a change of extra certificates", async (t) => {
  const site = await serve(t, { "functions/see.js": "callback(null, context.DOMAIN_NAME)", ".env": "A=1" });
  site.server.updatePublicUrl("https://public.example");
  site.server.updateVariables({ NODE_EXTRA_CA_CERTS: join(site.folder, "none.pem") });
  assert.equal((await site.call("/see")).text, "public.example");
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
