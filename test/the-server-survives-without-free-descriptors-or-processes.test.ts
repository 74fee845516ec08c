import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { Agent, get } from "node:http";
import { connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { childrenOf, isolateCommand } from "../packages/runtime/test/running.ts";
import { writeProject } from "../packages/runtime/test/site.ts";
import { eventually, openLog, setLimit, startLimited } from "./offhook-under-limits.ts";

const functions = {
  "functions/pid.js": "callback(null, process.pid)",
  "functions/slow.js": "setTimeout(() => callback(null, 'slow'), 1000)",
};

interface Reply {
  readonly status: number;
  readonly code: string | undefined;
  readonly text: string;
}

/** Uses one connection that stays open, because a new one may get no descriptor. */
function keepConnection(t: TestContext, url: string): (path: string) => Promise<Reply> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  return (path) =>
    new Promise((resolve, reject) => {
      get(`${url}${path}`, { agent }, (response) => {
        let text = "";
        const code = response.headers["x-offhook-error"] as string | undefined;
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, code, text }));
      }).on("error", reject);
    });
}

function cpuMs(pid: number): number {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ").slice(11, 13) ?? [];
  return (Number(user) + Number(system)) * 10;
}

test("of more connections than there are descriptors, idle ones are closed, and isolates have their own descriptors", async (t) => {
  const log = await openLog(t);
  const offhook = await startLimited(t, await writeProject(t, functions), {
    shell: "ulimit -n 80",
    stdio: ["ignore", log.descriptor, "ignore"],
  });
  const ask = keepConnection(t, offhook.url);
  assert.equal((await ask("/pid")).status, 200);
  const crowd: Socket[] = [];
  t.after(() => crowd.forEach((socket) => socket.destroy()));
  for (let i = 0; i < 150; i++) crowd.push(connect({ port: Number(new URL(offhook.url).port), host: "127.0.0.1" }));
  for (const socket of crowd) socket.on("error", () => {});
  await eventually("some are closed", () => crowd.some((socket) => socket.closed));

  // Two at once, so that an isolate must be started as well.
  const [cpuBefore, startedAt] = [cpuMs(offhook.pid), performance.now()];
  assert.equal((await ask("/slow")).text, "slow");
  const share = (cpuMs(offhook.pid) - cpuBefore) / (performance.now() - startedAt);
  assert.ok(share < 0.5, `busy for ${share * 100} % of its idle time`);
  assert.ok(!log.lines().some(({ code }) => code === "isolate-not-started"));

  for (const socket of crowd) socket.destroy();
  await eventually("there is room again", async () => {
    const answer = await offhook.call("/pid").catch(() => undefined);
    return answer?.status === 200;
  });
});

/** The limit of processes does not apply to root, so root starts the server as a user without processes. */
const nobody = process.getuid?.() === 0 ? ["setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups"] : [];

const lacks = {
  "file descriptors": { resource: "nofile", row: /Max open files +(\S+)/, min: 8, cause: /EMFILE/, user: [] },
  processes: { resource: "nproc", row: /Max processes +(\S+)/, min: 1, cause: /EAGAIN/, user: nobody },
};

for (const [name, { resource, row, min: least, cause, user }] of Object.entries(lacks)) {
  test(`without free ${name}, isolates continue, new ones give a 503, and the server recovers`, async (t) => {
    const log = await openLog(t);
    const folder = await writeProject(t, functions);
    await chmod(folder, 0o755);
    const offhook = await startLimited(t, folder, {
      shell: user.length === 0 ? "" : `exec ${user.join(" ")} "$@"`,
      stdio: ["ignore", log.descriptor, "ignore"],
    });
    const ask = keepConnection(t, offhook.url);
    assert.equal((await ask("/pid")).status, 200);
    const usual = row.exec(readFileSync(`/proc/${offhook.pid}/limits`, "utf8"))?.[1];
    await setLimit(offhook.pid, `--${resource}=${least}:`, user);
    assert.equal((await ask("/slow")).text, "slow");

    for (const pid of childrenOf(offhook.pid, isolateCommand)) process.kill(pid, "SIGKILL");
    await eventually("none is left", async () => (await ask("/pid")).status === 503);
    const refused = await ask("/pid");
    assert.deepEqual([refused.status, refused.code], [503, "isolate-not-started"]);
    const notices = log.lines().filter((line) => line["code"] === "isolate-not-started" && line["event"] === "notice");
    assert.match(String(notices.at(-1)?.["message"]), cause);
    assert.ok(notices.length < 20, `no storm of starts: ${notices.length}`);
    assert.equal((await ask("/_offhook/health")).status, 200);

    await setLimit(offhook.pid, `--${resource}=${usual}:`, user);
    await eventually("isolates start again", async () => (await ask("/pid")).status === 200);
    assert.equal((await offhook.call("/slow")).text, "slow");
    offhook.child.kill("SIGTERM");
    assert.equal(await offhook.exited, 0);
  });
}
