/** The control process is killed at each step of a deployment, and the whole server is killed and started again. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { test, type TestContext } from "node:test";
import { addVersion, build, buildOf, deployNew, makeDataFolder, startHosting, type Hosting } from "../hosting.ts";
import { isolateUser } from "../server-users.ts";

const hello = [
  { kind: "Functions", path: "/hello", content: "exports.handler = (c, e, cb) => cb(null, 'old');" },
] as const;
const changed = [
  { kind: "Functions", path: "/hello", content: "exports.handler = (c, e, cb) => cb(null, 'new');" },
] as const;

test("functions go on while the control process is dead, and it comes back", async (t) => {
  const hosting = await startHosting(t);
  const { domain, service } = await deployNew(hosting, "shop", hello);
  const pid = controlPid(process.pid);
  process.kill(pid, "SIGKILL");
  assert.equal((await hosting.call(domain, "/hello")).text, "old");
  await until(() => controlPid(process.pid) !== pid);
  await apiIsBack(hosting);
  assert.equal((await hosting.api("GET", `/v1/Services/${service}`)).status, 200);
  assert.equal((await hosting.call(domain, "/hello")).text, "old");
});

for (const delayMs of [0, 5, 15, 40, 80, 150, 300]) {
  test(`killed ${delayMs} ms into a build and a deployment, it keeps what was acknowledged`, async (t) => {
    const hosting = await startHosting(t);
    const { domain, service, environment } = await deployNew(hosting, "shop", hello);
    const version = await addVersion(hosting, service, changed[0]);
    const pid = controlPid(process.pid);
    const timer = setTimeout(() => process.kill(pid, "SIGKILL"), delayMs);
    t.after(() => clearTimeout(timer));
    const made = await build(hosting, service, { FunctionVersions: version }).catch(() => undefined);
    const deployments = `/v1/Services/${service}/Environments/${environment}/Deployments`;
    const deployed =
      made === undefined
        ? undefined
        : await hosting.api("POST", deployments, { BuildSid: made.body.sid }).catch(() => undefined);
    await until(() => controlPid(process.pid) !== pid);
    await apiIsBack(hosting);
    const { body } = await hosting.api("GET", `/v1/Services/${service}/Environments/${environment}`);
    const { text } = await hosting.call(domain, "/hello");
    // Both sides agree on what is served.
    assert.equal(text, body.build_sid === made?.body.sid ? "new" : "old");
    if (deployed?.status === 201) assert.equal(text, "new");
    // A build that was interrupted is finished by the next process, and the next deployment works.
    const next = await buildOf(hosting, service, [
      { kind: "Functions", path: "/hello", content: "exports.handler = (c, e, cb) => cb(null, 'next');" },
    ]);
    assert.equal((await hosting.api("POST", deployments, { BuildSid: next })).status, 201);
    assert.equal((await hosting.call(domain, "/hello")).text, "next");
  });
}

test("a server that was killed serves everything again at its next start", async (t) => {
  const dataFolder = await makeDataFolder(t);
  const program = await startProgram(t, dataFolder);
  const key = `${program.firstStart.key}:${program.firstStart.secret}`;
  const headers = { authorization: `Basic ${Buffer.from(key).toString("base64")}` };
  const body = new URLSearchParams({ UniqueName: "kept", FriendlyName: "Kept" });
  const { status } = await fetch(`${program.apiUrl}/v1/Services`, { method: "POST", headers, body });
  assert.equal(status, 201);
  const control = controlPid(program.pid);
  process.kill(program.pid, "SIGKILL");
  await program.ended;
  // The control process ends with the gateway process.
  await until(() => !isRunning(control));
  const hosting = await startHosting(t, { dataFolder, key });
  assert.equal((await hosting.api("GET", "/v1/Services/kept")).status, 200);
  const { domain } = await deployNew(hosting, "shop", hello);
  await hosting.stop();
  const again = await startHosting(t, { dataFolder, key });
  assert.equal((await again.call(domain, "/hello")).text, "old");
});

interface Program {
  readonly pid: number;
  readonly apiUrl: string;
  readonly firstStart: { readonly key: string; readonly secret: string };
  readonly ended: Promise<unknown>;
}

async function startProgram(t: TestContext, dataFolder: string): Promise<Program> {
  const command = fileURLToPath(new URL("../../../cli/bin/offhook.js", import.meta.url));
  const args = [
    command,
    "serve",
    "--data",
    dataFolder,
    "--port",
    "0",
    "--api-port",
    "0",
    "--isolate-user",
    isolateUser,
    "--json",
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, apiUrl, firstStart } = JSON.parse(line) as Program & { event: string };
    if (event === "started") return { pid: child.pid ?? 0, apiUrl, firstStart, ended: once(child, "exit") };
  }
  throw new Error("The server has ended.");
}

function controlPid(parent: number): number {
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const [state, ppid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8");
      if (Number(ppid) === parent && state !== "Z" && command.includes("control-program")) return Number(name);
    } catch {
      // It ended meanwhile.
    }
  }
  return 0;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function apiIsBack(hosting: Hosting): Promise<void> {
  await until(() =>
    fetch(`${hosting.apiUrl}/v1/Services`).then(
      () => true,
      () => false,
    ),
  );
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20));
}
