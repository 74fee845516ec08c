import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { serve } from "../site.ts";

process.env["HOST_SECRET"] = "host-secret-value";

test("a function sees the service's variables and none of the host's", async (t) => {
  const site = await serve(t, {
    "functions/env.js":
      "callback(null, { env: process.env, zone: new Date().getTimezoneOffset(), argv: process.argv.length })",
    ".env": "OWN=own value\nACCOUNT_SID=ACfake",
  });
  const { env, zone } = (await site.call("/env")).json() as { env: Record<string, string>; zone: number };
  const ofTheIsolate = ["HOME", "LANG", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER"];
  assert.deepEqual(Object.keys(env).toSorted(), [...ofTheIsolate, "ACCOUNT_SID", "OWN"].toSorted());
  assert.equal(env["OWN"], "own value");
  assert.equal(zone, 0);
});

test("child processes of a function do not see the host's variables either", async (t) => {
  const site = await serve(t, {
    "functions/env.js": "callback(null, require('child_process').execSync('env').toString())",
    ".env": "OWN=own",
  });
  const { text } = await site.call("/env");
  assert.doesNotMatch(text, /HOST_SECRET|NODE_COMPILE_CACHE/);
  assert.match(text, /^OWN=own$/m);
});

test("the list of processes shows no variable", async (t) => {
  const site = await serve(t, {
    "functions/pid.js": "callback(null, process.pid)",
    ".env": "AUTH_TOKEN=very-secret-token",
  });
  const { text: pid } = await site.call("/pid");
  assert.doesNotMatch(readFileSync(`/proc/${pid}/environ`, "utf8"), /very-secret-token|host-secret-value/);
  assert.doesNotMatch(readFileSync(`/proc/${pid}/cmdline`, "utf8"), /very-secret-token/);
});
