/**
 * `npm start` of the checkout serves an example with the dashboard, and passes options on.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { repository } from "./offhook-process.ts";

test("npm start serves an example with the dashboard, also without a terminal", { timeout: 60_000 }, async (t) => {
  const npm = spawn("npm", ["start", "--silent", "--", "--port", "0", "--dashboard-port", "0", "--log", "json"], {
    cwd: repository,
    // A group, because npm does not wait for the command that it runs.
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(npm, "close");
  t.after(async () => {
    process.kill(-(npm.pid ?? 0), "SIGTERM");
    await closed;
  });
  for await (const line of createInterface({ input: npm.stdout })) {
    const { event, url, dashboard } = JSON.parse(line) as Readonly<Record<string, string>>;
    if (event !== "started") continue;
    assert.match(dashboard ?? "", /^http:\/\/.+code=/);
    const reply = await fetch(`${url}/sms`, { method: "POST", body: new URLSearchParams({ Body: "hours" }) });
    assert.match(await reply.text(), /<Message>We are open/);
    return;
  }
  assert.fail("It ended before it started");
});
