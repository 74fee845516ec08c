import assert from "node:assert/strict";
import { test } from "node:test";
import { serve, until } from "../site.ts";

test("stopping lets what runs finish, refuses new connections, and leaves no process", async (t) => {
  const site = await serve(t, {
    "functions/slow.js": "console.log('begun'); setTimeout(() => callback(null, process.pid), 600)",
  });
  const slow = site.call("/slow");
  await until("it runs", () => site.output.length > 0);
  const stopped = site.server.stop();
  await assert.rejects(site.call("/slow"), { code: "ECONNREFUSED" });
  const answer = await slow;
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.connection, "close");
  await stopped;
  assert.throws(() => process.kill(Number(answer.text), 0), { code: "ESRCH" });
});

test("stopping waits for an invocation no longer than its limit", async (t) => {
  const site = await serve(t, { "functions/hang.js": "console.log('begun')" }, { timeout: 500 });
  const hung = site.call("/hang");
  await until("it runs", () => site.output.length > 0);
  await Promise.all([hung, site.server.stop()]);
  assert.equal((await hung).status, 504);
});
