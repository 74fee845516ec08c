/**
 * `offhook dev --tunnel`, with a stand-in for the real programs.
 */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { isRunning } from "../packages/runtime/test/running.ts";
import { startOffhook, type LogLine, type OffhookProcess } from "./offhook-process.ts";
import { copyProject, type TemporaryProject } from "./temporary-project.ts";
import { tunnelHosts, type TunnelKind } from "./tunnel-output.ts";

const authToken = "0123456789abcdef0123456789abcdef";
const fake = join(import.meta.dirname, "fake-tunnel.ts");

const files = {
  ".env": `AUTH_TOKEN=${authToken}\n`,
  "functions/hook.protected.js": "exports.handler = (context, event, callback) => callback(null, context.DOMAIN_NAME);",
  "functions/open.js": "exports.handler = (context, event, callback) => callback(null, context.DOMAIN_NAME);",
  "functions/lib.private.js": "",
};

interface Tunnelled {
  readonly offhook: OffhookProcess;
  readonly project: TemporaryProject;
  readonly messages: () => string[];
  /** Waits for a line whose message contains this. */
  logged(text: string): Promise<LogLine>;
  /** The tunnel after its n-th start. */
  fake(start?: number): Promise<{ url: string; pid: number; helper: number }>;
}

async function tunnelled(
  t: TestContext,
  kind: TunnelKind,
  options: { flags?: readonly string[]; hosts?: readonly string[]; shell?: string } = {},
): Promise<Tunnelled> {
  const { flags = [], hosts, shell = "" } = options;
  const project = await copyProject(undefined, { ...files, ...(hosts && { "hosts.txt": hosts.join("\n") }) });
  const variables =
    hosts === undefined ? "" : `FAKE_TUNNEL_HOSTS='${project.folder}/hosts.txt'; export FAKE_TUNNEL_HOSTS; `;
  // Through a shell, like a wrapper script. Its child processes must end with it.
  const script = `${variables}${shell} '${process.execPath}' '${fake}' '${kind}' {port}`;
  const offhook = await startOffhook(project.folder, {
    verb: "dev",
    flags: ["--log-level", "debug", "--tunnel", `sh -c "${script}"`, ...flags],
  });
  t.after(async () => {
    await offhook.stop();
    await project[Symbol.asyncDispose]();
  });
  const messages = (): string[] => offhook.log.map(({ message }) => String(message));
  const logged = (text: string): Promise<LogLine> => offhook.logged(({ message }) => String(message).includes(text));
  const isStart = (line: string): boolean => line.startsWith("tunnel: fake tunnel: port");
  return {
    offhook,
    project,
    messages,
    logged,
    async fake(start = 1) {
      await offhook.logged(() => messages().filter(isStart).length >= start);
      const [, port, pid, helper] =
        /port (\d+), process (\d+), helper (\d+)/.exec(messages().filter(isStart)[start - 1] ?? "") ?? [];
      return { url: `http://127.0.0.1:${port}`, pid: Number(pid), helper: Number(helper) };
    },
  };
}

/** Calls like Twilio, through the tunnel. The signature covers the public address. */
async function call(tunnel: string, publicUrl: string, path: string): Promise<string> {
  const signature = createHmac("sha1", authToken).update(`${publicUrl}${path}BodyHi`).digest("base64");
  const reply = await fetch(tunnel + path, {
    method: "POST",
    headers: { "x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded" },
    body: "Body=Hi",
    signal: AbortSignal.timeout(20_000),
  });
  return `${reply.status} ${await reply.text()}`;
}

async function gone(pids: readonly number[]): Promise<void> {
  const end = performance.now() + 20_000;
  while (pids.some(isRunning)) {
    assert.ok(performance.now() < end, `still there: ${pids.filter(isRunning).join(", ")}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

for (const kind of ["cloudflared", "ngrok", "localhost.run", "devtunnel"] as const) {
  test(`${kind}: its address is found, logged with each function's URL, and used for signatures`, async (t) => {
    const { offhook, logged, fake: tunnel } = await tunnelled(t, kind);
    const publicUrl = `https://${tunnelHosts[kind]}`;
    const { message, level } = await logged(`Public: ${publicUrl}`);
    assert.equal(level, "info");
    assert.equal(message, `Public: ${publicUrl}\n  ${publicUrl}/hook  (protected)\n  ${publicUrl}/open`);
    const { url, pid, helper } = await tunnel();
    assert.equal(await call(url, publicUrl, "/hook"), `200 ${tunnelHosts[kind]}`);
    assert.match(await call(url, "https://elsewhere.example.org", "/hook"), /^403 /);
    assert.equal(await call(url, publicUrl, "/open"), `200 ${tunnelHosts[kind]}`);
    assert.equal(await offhook.stop(), 0);
    await gone([pid, helper]);
  });
}

test("the tunnel ends with the server, however the server ends", async (t) => {
  const { offhook, fake: tunnel } = await tunnelled(t, "localtunnel");
  const { pid, helper } = await tunnel();
  assert.ok(isRunning(pid) && isRunning(helper));
  process.kill(offhook.pid, "SIGKILL");
  await gone([pid, helper]);
});

test("a tunnel that fails is started again, and its new address is used", async (t) => {
  const hosts = ["first.loca.lt", "second.loca.lt"];
  const { logged, fake: tunnel } = await tunnelled(t, "localtunnel", { hosts });
  await logged("Public: https://first.loca.lt");
  const first = await tunnel();
  await fetch(`${first.url}/_fake/say?line=the+reason`);
  await logged("tunnel: the reason");
  await fetch(`${first.url}/_fake/exit?code=3`).catch(() => undefined);
  const ended = await logged("exited (exit code 3); restarting in");
  assert.equal(ended["code"], "tunnel-ended");
  assert.equal(ended["level"], "warn");
  assert.match(String(ended["message"]), /Its last output:\n(?:.*\n)*the reason$/);
  await gone([first.helper]);
  await logged("Public: https://second.loca.lt");
  const second = await tunnel(2);
  assert.equal(await call(second.url, "https://second.loca.lt", "/hook"), "200 second.loca.lt");
  assert.match(await call(second.url, "https://first.loca.lt", "/hook"), /^403 /);
});

test("a tunnel's changed address is used, but not one that a caller wrote", async (t) => {
  const { logged, fake: tunnel, messages } = await tunnelled(t, "localhost.run");
  await logged(`Public: https://${tunnelHosts["localhost.run"]}`);
  const { url } = await tunnel();
  const print = (line: string): Promise<unknown> => fetch(`${url}/_fake/say?line=${encodeURIComponent(line)}`);
  await print("GET /?u=https://evil.lhr.life");
  await print("https://docs.example.com");
  await print("new.lhr.life tunneled with tls termination, https://new.lhr.life");
  await logged("Public: https://new.lhr.life");
  assert.equal(await call(url, "https://new.lhr.life", "/hook"), "200 new.lhr.life");
  assert.equal(messages().filter((message) => message.startsWith("Public:")).length, 2);
});

test("a tunnel that exits without an address is reported with its output, and not restarted", async (t) => {
  const { offhook, logged } = await tunnelled(t, "ngrok", { shell: "echo ERROR: authentication failed >&2; exit 1;" });
  const ended = await logged("sh exited (exit code 1)");
  assert.equal(ended["code"], "tunnel-ended");
  assert.equal(ended["level"], "error");
  assert.equal(ended["message"], "sh exited (exit code 1). Its last output:\nERROR: authentication failed");
  assert.equal((await fetch(`${offhook.url}/open`)).status, 200);
});

test("with publicUrl, the address is known, and the output is not searched", async (t) => {
  const publicUrl = "https://hooks.example.org";
  const { logged, fake: tunnel, messages } = await tunnelled(t, "ngrok", { flags: ["--public-url", publicUrl] });
  await logged(`Public: ${publicUrl}\n  ${publicUrl}/hook  (protected)`);
  await logged(`tunnel: t=2030-05-06T10:00:01+0000 lvl=info msg="started tunnel"`);
  const { url } = await tunnel();
  assert.equal(await call(url, publicUrl, "/hook"), "200 hooks.example.org");
  assert.equal(messages().filter((message) => message.startsWith("Public:")).length, 1);
});

test("a missing program is reported, and the server continues", async (t) => {
  const project = await copyProject(undefined, files);
  t.after(() => project[Symbol.asyncDispose]());
  await using offhook = await startOffhook(project.folder, {
    verb: "dev",
    flags: ["--tunnel", "no-such-tunnel {port}"],
  });
  const notice = await offhook.logged(({ code }) => code === "tunnel-not-started");
  assert.equal(notice["message"], "no-such-tunnel: program not found");
  assert.match(String(notice["next"]), /^Install it/);
  assert.equal((await fetch(`${offhook.url}/open`)).status, 200);
});
