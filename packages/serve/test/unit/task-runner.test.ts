/** The limits of the programs that resolve and install dependencies. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createTaskRunner } from "../../src/builds/task-runner.ts";
import type { BuildTask, BuildTaskResult } from "../../src/link/messages.ts";
import { startRegistry, type FakePackage, type FakeRegistry } from "../fake-registry.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const token = "token-of-the-registry";
const small: FakePackage = { name: "small", version: "1.0.0", files: { "index.js": "" } };
const data = randomBytes(4 * 2 ** 20).toString("hex");
const large: FakePackage = { name: "large", version: "1.0.0", files: { "data.txt": data } };

type Run = (task: Partial<BuildTask>) => Promise<BuildTaskResult>;

async function startRunner(t: TestContext): Promise<{ registry: FakeRegistry; run: Run }> {
  const registry = await startRegistry(t, [small, large]);
  const folder = await temporaryFolder(t);
  const npmrc = join(folder, "npmrc");
  await writeFile(npmrc, `registry=${registry.url}\n//${new URL(registry.url).host}/:_authToken=${token}\n`);
  const before = process.env["NPM_CONFIG_USERCONFIG"];
  process.env["NPM_CONFIG_USERCONFIG"] = npmrc;
  t.after(() => {
    if (before === undefined) delete process.env["NPM_CONFIG_USERCONFIG"];
    else process.env["NPM_CONFIG_USERCONFIG"] = before;
  });
  const runTask = createTaskRunner({ cache: join(folder, "cache"), isOffline: false });
  let count = 0;
  return {
    registry,
    async run(changes) {
      const place = join(folder, `task-${(count += 1)}`);
      await mkdir(place);
      const input = { dependencies: { small: "1.0.0" } };
      const limits = { timeoutMs: 60_000, memoryMb: 512, diskMb: 100 };
      return await runTask({ program: "resolve", input, folder: place, ...limits, ...changes });
    },
  };
}

test("a registry that does not answer within the time is named as the reason", async (t) => {
  const { registry, run } = await startRunner(t);
  registry.fallSilent();
  const result = await run({ timeoutMs: 1500 });
  assert.deepEqual(result, { ok: false, reason: "It took longer than 1.5 s.", isNetwork: true });
  assert.equal(await childPid(), undefined);
});

test("packages that need more space than allowed are refused", async (t) => {
  const { run } = await startRunner(t);
  const dependencies = { large: "1.0.0" };
  const resolved = await run({ input: { dependencies } });
  assert.ok(resolved.ok, JSON.stringify(resolved));
  const { lock } = resolved.output as { lock: string };
  const input = { dependencies, lock, allowedScripts: [] };
  const refused = await run({ program: "install", input, diskMb: 5 });
  assert.deepEqual(refused, { ok: false, reason: "The packages need more than 5 MB.", isNetwork: false });
  assert.ok((await run({ program: "install", input, diskMb: 50 })).ok);
});

test("a program that needs more memory than allowed is refused", async (t) => {
  const { run } = await startRunner(t);
  const result = await run({ memoryMb: 12 });
  assert.deepEqual(result, { ok: false, reason: "It needs more memory than 12 MB.", isNetwork: false });
});

test("credentials are in no argument or environment, and a killed program is a failure", async (t) => {
  const { registry, run } = await startRunner(t);
  registry.fallSilent();
  const requested = registry.nextRequest();
  const running = run({});
  await requested;
  const pid = await childPid();
  assert.ok(pid !== undefined);
  for (const name of ["cmdline", "environ"]) {
    assert.ok(!(await readFile(`/proc/${pid}/${name}`, "latin1")).includes(token), name);
  }
  process.kill(pid, "SIGKILL");
  assert.deepEqual(await running, { ok: false, reason: "It ended with SIGKILL.", isNetwork: false });
});

/** @returns the program that this process has started, if it runs. */
async function childPid(): Promise<number | undefined> {
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(parent) !== process.pid || state === "Z") continue;
    const command = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    if (command.includes("-program.")) return Number(name);
  }
  return undefined;
}
