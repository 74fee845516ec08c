import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { readInput } from "../../src/command-input.ts";
import { run } from "../../src/command-line.ts";
import { loadCommand } from "../../src/command-table.ts";
import { serveServices, type ServeParts } from "../../src/serve/serve.ts";
import { fakeContext, type FakeContext } from "../fake-context.ts";

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "offhook-serve-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Serves with a double of the gateway, until it gets SIGTERM. */
async function served(data: string, flags: Record<string, unknown> = {}): Promise<FakeContext> {
  const signals = new EventEmitter();
  const startGateway: ServeParts["startGateway"] = () =>
    Promise.resolve({
      address: { host: "127.0.0.1", port: 3000 },
      apiAddress: { host: "127.0.0.1", port: 3001 },
      stop: () => Promise.resolve(),
      kill: () => undefined,
    });
  const context = fakeContext();
  const exit = serveServices({ options: { data }, flags }, context, { startGateway, signals });
  exit.catch(() => undefined);
  await Promise.race([context.stdout.until(/Ready in|"event":"started"/), exit]);
  signals.emit("SIGTERM");
  assert.equal(await exit, 0);
  return context;
}

test("the first start prints its key once, and the next command", async (t) => {
  const folder = join(await temporaryFolder(t), "data");
  const first = (await served(folder)).stdout.text;
  assert.match(first, /^Key {6}SK[0-9a-f]{32}\nSecret {3}[0-9a-f]{64}$/m);
  assert.match(first, /made up/);
  assert.match(first, /offhook login http:\/\/localhost:3001$/m);
  assert.match(first, /<suffix>\.localhost:3000$/m);
  assert.doesNotMatch((await served(folder)).stdout.text, /Secret|SK/);
});

test("with --log json, the start is one line for the key and one for the server", async (t) => {
  const folder = join(await temporaryFolder(t), "data");
  const { stdout } = await served(folder, { log: "json" });
  const lines = stdout.text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const firstStart = lines.find(({ event }) => event === "first-start");
  assert.match(String(firstStart?.["secret"]), /^[0-9a-f]{64}$/);
  const started = lines.find(({ event }) => event === "started");
  assert.equal(started?.["api"], "http://localhost:3001");
  assert.equal(started?.["secret"], undefined);
});

test("--no-account-token is an option, not the opposite of one", async () => {
  const { options } = readInput("serve", await loadCommand("serve"), ["--data", "x", "--no-account-token"]);
  assert.equal(options["no-account-token"], true);
});

test("a token cannot be an argument", async () => {
  const context = fakeContext();
  assert.equal(await run(["serve", "--data", "x", "--auth-token", "secret"], context), 2);
  assert.match(context.stderr.text, /--auth-token-file/);
  assert.doesNotMatch(context.stderr.text, /secret/);
});

test("keys are created and listed for a data folder, as text and as JSON", async (t) => {
  const data = join(await temporaryFolder(t), "data");
  await served(data);
  const operate = async (...args: string[]): Promise<string> => {
    const context = fakeContext({ OFFHOOK_DATA: data });
    assert.equal(await run(args, context), 0, context.stderr.text);
    return context.stdout.text;
  };
  const issued = JSON.parse(await operate("keys", "create", "--role", "reader", "--json")) as Record<string, string>;
  assert.deepEqual(Object.keys(issued), ["key", "secret"]);
  assert.match(await operate("keys", "list"), new RegExp(`^${issued["key"]} .* reader `, "m"));
  assert.match(await operate("keys", "revoke", issued["key"] ?? ""), /is revoked/);
  assert.equal((JSON.parse(await operate("accounts", "list", "--json")) as unknown[]).length, 1);
  assert.match(await operate("services", "list"), /There are no services/);
  assert.match(await operate("builds", "list"), /There are no builds/);
  assert.match(await operate("domains", "list"), /There are no domains/);
  assert.match(await operate("audit", "--limit", "1"), /keys revoke/);
  assert.match(await operate("status"), /^running +-$/m);
  assert.match(await operate("backup", join(data, "../copy"), "--with-key"), /It has the master key/);
  assert.match(await operate("restore", join(data, "../copy"), "--data", join(data, "../restored")), /offhook serve/);
});

test("a mistyped action, a missing argument and an option of another action are refused", async () => {
  const cases = [
    [["keys", "creat"], /did you mean "offhook keys create"/],
    [["keys"], /needs an action/],
    [["keys", "revoke"], /offhook keys revoke <key>/],
    [["keys", "list", "SK1"], /accepts no argument/],
    [["keys", "list", "--role", "admin"], /keys list does not accept it/],
    [["keys", "list"], /Missing value for --data/],
    [["keys", "create", "--expires", "never", "--data", "nowhere"], /offhook\.db/],
    [["backup"], /offhook backup <folder>/],
    [["audit", "--limit", "0"], /--limit/],
  ] as const;
  for (const [args, message] of cases) {
    const context = fakeContext();
    assert.notEqual(await run(args, context), 0);
    assert.match(context.stderr.text, message);
  }
});
