/**
 * If the tests run as root, the isolates of each service run as a user that no other service has, on any server.
 * Otherwise, they run as the server's user.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { hasOwnUser } from "../probe.ts";
import { call, serveFolder, serve, writeProject } from "../site.ts";

const functions = {
  "functions/user.js": "callback(null, process.getuid() + ' ' + process.getgid())",
  "functions/leave.js": `
    const file = '/tmp/offhook-left-' + event.name;
    require('fs').appendFileSync(file, 'x');
    callback(null, file);`,
};

/** Starts a server in its own process. @returns its address */
async function serveElsewhere(t: TestContext, folder: string): Promise<string> {
  const [server, project, settings] = ["server", "project/project", "settings/settings"].map((name) =>
    JSON.stringify(new URL(`../../src/${name}.ts`, import.meta.url).href),
  );
  const code = `
    const [{ startServer }, { loadProject }, { resolveSettings }] =
      await Promise.all([import(${server}), import(${project}), import(${settings})]);
    const project = await loadProject(${JSON.stringify(folder)});
    const server = await startServer({ project, settings: { ...resolveSettings(), port: 0 } });
    console.log(server.url);
    process.stdin.on("end", () => server.kill().then(() => process.exit())).resume();`;
  const flags = ["--conditions=offhook-source", "--input-type=module"];
  const child = spawn(process.execPath, [...flags, "-e", code], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, "exit");
  });
  const [url] = (await once(createInterface(child.stdout), "line")) as [string];
  return url;
}

function assertDiffer(users: readonly string[]): void {
  if (!hasOwnUser) return assert.deepEqual(new Set(users), new Set([`${process.getuid?.()} ${process.getgid?.()}`]));
  assert.equal(new Set(users).size, users.length, users.join(", "));
  for (const user of users) assert.match(user, /^(6\d{4}) \1$/);
}

test("services that run at the same time have different users", async (t) => {
  const sites = await Promise.all([serve(t, functions), serve(t, functions), serve(t, functions)]);
  const users = await Promise.all(sites.map(async (site) => (await site.call("/user")).text));
  assertDiffer(users);
});

test("another server has another user, even for the same project", async (t) => {
  const folder = await writeProject(t, functions);
  const [here, elsewhere] = [await serveFolder(t, folder), await serveElsewhere(t, folder)];
  assertDiffer([(await here.call("/user")).text, (await call(elsewhere, "/user")).text]);
});

test("a service gets its user again, and no other service gets that user while it has files", async (t) => {
  const folder = await writeProject(t, functions);
  const name = String(process.pid);
  const first = await serveFolder(t, folder);
  const user = (await first.call("/user")).text;
  const file = (await first.call(`/leave?name=${name}`)).text;
  t.after(() => rmSync(file, { force: true }));
  assert.ok(existsSync(file));
  if (hasOwnUser) assert.equal(`${statSync(file).uid} ${statSync(file).gid}`, user);
  await first.server.stop();
  const other = await serve(t, functions);
  if (hasOwnUser) assert.notEqual((await other.call("/user")).text, user);
  const second = await serveFolder(t, folder);
  assert.equal((await second.call("/user")).text, user);
  assert.equal((await second.call(`/leave?name=${name}`)).status, 200);
});
