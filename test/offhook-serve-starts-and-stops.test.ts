/** `offhook serve` as a process: what it prints, and how it ends. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { makeProject } from "../packages/runtime/test/unit/project/temp-project.ts";
import { isolateUser } from "../packages/serve/test/server-users.ts";
import { repository } from "./offhook-process.ts";

const launcher = join(repository, "packages/cli/bin/offhook.js");

function dataFolderFor(t: TestContext): string {
  const parent = makeProject(t);
  // As root, the server has a user of its own, which must be able to enter.
  chmodSync(parent, 0o755);
  return join(parent, "data");
}

/** @returns the lines up to the one that says that the server is ready. */
async function startServe(t: TestContext, dataFolder: string, ...options: string[]) {
  const ports = ["--port", "0", "--api-port", "0", "--isolate-user", isolateUser];
  const child = spawn(process.execPath, [launcher, "serve", "--data", dataFolder, ...ports, ...options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (/^Ready\.|"event":"started"/.test(line)) break;
  }
  const stop = async (): Promise<unknown> => {
    child.kill("SIGTERM");
    const [code] = (await once(child, "exit")) as unknown[];
    return code;
  };
  return { text: lines.join("\n"), last: lines.at(-1) ?? "", stop };
}

test("the first start prints a key that works, later starts print none, and SIGTERM ends each", async (t) => {
  const folder = dataFolderFor(t);
  const first = await startServe(t, folder);
  const key = /^Key +(SK[0-9a-f]{32}:\S+)$/m.exec(first.text)?.[1] ?? "";
  const url = /^API +(http:\/\/localhost:\d+)$/m.exec(first.text)?.[1] ?? "";
  assert.match(first.text, /\(made up\)/);
  assert.ok(first.text.includes(`Next: offhook login ${url}`));
  const authorization = `Basic ${Buffer.from(key).toString("base64")}`;
  assert.equal((await fetch(`${url}/v1/Services`, { headers: { authorization } })).status, 200);
  assert.equal(await first.stop(), 0);
  const second = await startServe(t, folder);
  assert.doesNotMatch(second.text, /SK[0-9a-f]{32}|^Key/m);
  assert.equal(await second.stop(), 0);
});

test("with --json, the start is one line that has the key of the first start", async (t) => {
  const server = await startServe(t, dataFolderFor(t), "--json");
  const { firstStart, apiUrl } = JSON.parse(server.last) as { firstStart: Record<string, unknown>; apiUrl: string };
  assert.match(String(firstStart["key"]), /^SK[0-9a-f]{32}$/);
  assert.equal(firstStart["isMadeUp"], true);
  assert.match(apiUrl, /^http:\/\/localhost:\d+$/);
  assert.equal(await server.stop(), 0);
});
