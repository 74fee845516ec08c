import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, globSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { writeProject } from "../packages/runtime/test/site.ts";
import { repository } from "./offhook-process.ts";
import { openLog, startLimited, type Limits } from "./offhook-under-limits.ts";

const files = {
  "functions/hello.js": "callback(null, 'hello')",
  "functions/twiml.js": "callback(null, new Twilio.twiml.VoiceResponse())",
  "assets/one.txt": "one",
};

/** Root can write all files, so root starts the server as a user without an entry in the list of users. */
const nobody = "setpriv --reuid 54321 --regid 54321 --clear-groups --";
const asNobody = process.getuid?.() === 0 ? `set -- ${nobody} "$@"` : "";

/** Missing surroundings: the environment, made in a temporary folder, and the shell's commands. */
const lacks: Readonly<Record<string, (folder: string) => { env: Record<string, string>; shell?: string }>> = {
  "no HOME": () => ({ env: {} }),
  "no HOME, and nobody's user": () => ({ env: {}, shell: asNobody }),
  "a HOME that is nowhere": () => ({ env: { HOME: "/nowhere/at/all" }, shell: asNobody }),
  "a HOME that is a file": (folder) => {
    writeFileSync(join(folder, "home"), "");
    return { env: { HOME: join(folder, "home") } };
  },
  "a HOME, a folder for temporary files and a project that cannot be written": (folder) => {
    const home = join(folder, "home");
    mkdirSync(home);
    execFileSync("chmod", ["-R", "a-w", folder]);
    return { env: { HOME: home, TMPDIR: home, XDG_CACHE_HOME: home }, shell: asNobody };
  },
  "a folder for temporary files that is nowhere": () => ({ env: { TMPDIR: "/nowhere/at/all", HOME: "" } }),
  "a cache that has no room": (folder) => ({ env: { XDG_CACHE_HOME: join(folder, "cache") }, shell: "ulimit -f 0" }),
};

async function assertServes(t: TestContext, folder: string, limits: Limits): Promise<void> {
  const log = await openLog(t);
  const offhook = await startLimited(t, folder, { ...limits, stdio: ["ignore", "ignore", log.descriptor] });
  assert.equal((await offhook.call("/hello")).text, "hello");
  assert.match((await offhook.call("/twiml")).text, /<Response\/>/);
  assert.equal((await offhook.call("/one.txt")).text, "one");
  offhook.child.kill("SIGTERM");
  assert.equal(await offhook.exited, 0);
  assert.deepEqual(log.lines(), [], "nothing to complain of");
  assert.ok(!existsSync(join(repository, ".cache")), "nothing is left where it was started");
}

for (const [name, make] of Object.entries(lacks)) {
  test(`${name}: it serves as usual`, async (t) => {
    const folder = await writeProject(t, files);
    chmodSync(folder, 0o755);
    const limits = make(folder);
    try {
      await assertServes(t, folder, limits);
    } finally {
      // Otherwise, the folder could not be removed.
      execFileSync("chmod", ["-R", "u+w", folder]);
    }
  });
}

test("garbage in the cache is not run", async (t) => {
  const folder = await writeProject(t, files);
  const env = { XDG_CACHE_HOME: join(folder, "cache") };
  await assertServes(t, folder, { env });
  const cached = globSync(join(folder, "cache", "offhook", "**", "*"), { withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  assert.ok(cached.length > 10, "there is a cache");
  for (const [i, entry] of cached.entries()) {
    writeFileSync(join(entry.parentPath, entry.name), i % 2 === 0 ? "" : Buffer.alloc(5_000, i));
  }
  await assertServes(t, folder, { env });
});
