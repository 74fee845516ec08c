import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { readInput } from "../../src/command-input.ts";
import { run } from "../../src/command-line.ts";
import { loadCommand } from "../../src/command-table.ts";
import { resolveServeSettings } from "../../src/serve/serve-settings.ts";
import { fakeContext } from "../fake-context.ts";

/** As on a command line. */
async function resolved(args: readonly string[] = [], environment: Record<string, string> = {}) {
  const { flags, options } = readInput("serve", await loadCommand("serve"), ["--data", "/nowhere/data", ...args]);
  return await resolveServeSettings(flags, options, environment);
}

test("without options, both listeners are on loopback, and only the size of variables is limited", async () => {
  const { settings, account } = await resolved();
  assert.deepEqual(
    [settings.server.port, settings.server.host, settings.apiPort, settings.apiHost, settings.adminPort],
    [3000, "127.0.0.1", 3001, "127.0.0.1", undefined],
  );
  assert.deepEqual([settings.baseDomain, settings.publicScheme], ["localhost:3000", "http"]);
  assert.deepEqual([settings.allowsAccountToken, settings.logRetentionDays, account], [true, 30, undefined]);
  const { variableBytes, ...others } = settings.quotas;
  assert.equal(variableBytes, 450);
  assert.ok(Object.values(others).every((limit) => limit === Infinity));
});

test("each option is also a variable, and the option is stronger", async () => {
  const environment = {
    OFFHOOK_API_PORT: "4001",
    OFFHOOK_OFFLINE: "true",
    OFFHOOK_NO_ACCOUNT_TOKEN: "1",
    OFFHOOK_ALLOW_SCRIPTS: "sharp,bcrypt",
    OFFHOOK_RUNTIME: "node24=/opt/node",
  };
  const { settings } = await resolved([], environment);
  assert.deepEqual([settings.apiPort, settings.isOffline, settings.allowsAccountToken], [4001, true, false]);
  assert.deepEqual(settings.allowedScripts, ["sharp", "bcrypt"]);
  assert.deepEqual(settings.nodes, { node24: "/opt/node", node22: process.execPath });
  assert.equal((await resolved(["--api-port", "4002"], environment)).settings.apiPort, 4002);
  assert.equal((await resolved([], { OFFHOOK_API_PORT: "", OFFHOOK_OFFLINE: "false" })).settings.isOffline, false);
});

test("--no-account-token is an option, not the opposite of one", async () => {
  assert.equal((await resolved(["--no-account-token"])).settings.allowsAccountToken, false);
});

test("an invalid option is refused by name", async () => {
  const invalid = [
    ["--api-port", "x"],
    ["--api-port", "65536"],
    ["--api-port", "3000"],
    ["--api-host", "http://a"],
    ["--admin-host", "a b"],
    ["--base-domain", "a_b"],
    ["--public-scheme", "ftp"],
    ["--api-url", "ftp://a"],
    ["--api-cors", "*"],
    ["--runtime", "node24"],
    ["--log-retention", "0"],
    ["--max-services", "-1"],
  ] as const;
  for (const [name, value] of invalid) {
    await assert.rejects(resolved([`${name}=${value}`]), { code: "setting-invalid", message: new RegExp(name) }, name);
  }
  await assert.rejects(resolved([], { OFFHOOK_OFFLINE: "maybe" }), /--offline/);
  await assert.rejects(resolved([], { OFFHOOK_PUBLIC_SCHEME: "ftp" }), /--public-scheme/);
});

test("the password in an API URL is not repeated", async () => {
  await assert.rejects(resolved(["--api-url", "https://me:hunter2@api.example.com"]), (error: Error) => {
    return error.message.includes("--api-url") && !error.message.includes("hunter2");
  });
});

test("the API's name and the base domain must not contain each other", async () => {
  const pairs = [
    ["https://api.example.com", "example.com"],
    ["https://example.com", "fns.example.com"],
    ["https://fns.example.com", "fns.example.com:8443"],
    ["https://api.localhost", "localhost:3000"],
  ] as const;
  for (const [apiUrl, baseDomain] of pairs) {
    await assert.rejects(resolved(["--api-url", apiUrl, "--base-domain", baseDomain]), /contains the other/);
  }
  await resolved(["--api-url", "http://localhost:3001"]);
  await resolved(["--api-url", "https://api.example.com", "--base-domain", "example-fns.com"]);
});

test("the account comes from a SID and a file, and no message has the token", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "offhook-token-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "token.txt");
  await writeFile(file, "a-token\n");
  const sid = `AC${"0".repeat(32)}`;
  const { account } = await resolved(["--account-sid", sid, "--auth-token-file", file]);
  assert.deepEqual(account, { sid, authToken: "a-token" });
  await assert.rejects(resolved(["--account-sid", sid]), { code: "setting-invalid" });
  await assert.rejects(resolved(["--auth-token-file", file]), { code: "setting-invalid" });
  await assert.rejects(resolved(["--account-sid", "AC1", "--auth-token-file", file]), { code: "setting-invalid" });
  const missing = resolved(["--account-sid", sid, "--auth-token-file", join(folder, "missing")]);
  await assert.rejects(missing, { code: "file-unreadable" });
  await writeFile(file, "two words");
  await assert.rejects(resolved(["--account-sid", sid, "--auth-token-file", file]), (error: Error) => {
    return error.message.includes("--auth-token-file") && !error.message.includes("two words");
  });
});

test("offhook.json in the data folder has defaults and maxima for services", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "offhook-data-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "offhook.json");
  await writeFile(file, JSON.stringify({ timeout: "5s", maxima: { timeout: "20s" } }));
  const { policy } = (await resolved(["--data", folder])).settings;
  assert.deepEqual([policy.defaults.timeout, policy.maxima.timeout], [5_000, 20_000]);
  await writeFile(file, JSON.stringify({ maxima: { nothing: 1 } }));
  await assert.rejects(resolved(["--data", folder]), { code: "setting-unknown" });
  await writeFile(file, JSON.stringify({ maxima: 1 }));
  await assert.rejects(resolved(["--data", folder]), { code: "setting-invalid" });
});

test("a token cannot be an argument", async () => {
  const context = fakeContext();
  assert.equal(await run(["serve", "--data", "x", "--auth-token", "secret"], context), 2);
  assert.match(context.stderr.text, /Unknown argument or setting: --auth-token/);
  assert.doesNotMatch(context.stderr.text, /secret/);
});
