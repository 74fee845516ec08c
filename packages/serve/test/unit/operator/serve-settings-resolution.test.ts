import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { serveOptions, variableOf, type WrittenServeOptions } from "../../../src/operator/serve-options.ts";
import { resolveServeSettings } from "../../../src/operator/serve-settings-resolution.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const data = "/nowhere/offhook-data";

async function resolved(
  options: WrittenServeOptions = {},
  environment: Record<string, string> = {},
  flags: Record<string, unknown> = {},
) {
  return await resolveServeSettings({ options: { data, ...options }, environment, flags });
}

test("without options, both listeners are on loopback, and only the size of variables is limited", async () => {
  const settings = await resolved();
  assert.deepEqual(
    [settings.server.port, settings.server.host, settings.apiPort, settings.apiHost, settings.adminPort],
    [3000, "127.0.0.1", 3001, "127.0.0.1", undefined],
  );
  assert.equal(settings.baseDomain, "localhost:3000");
  assert.equal(settings.publicScheme, "http");
  assert.equal(settings.allowsAccountToken, true);
  assert.equal(settings.logRetentionDays, 30);
  const { variableBytes, ...others } = settings.quotas;
  assert.equal(variableBytes, 450);
  assert.ok(Object.values(others).every((limit) => limit === Infinity));
  assert.deepEqual(settings.nodes, { [`node${process.versions.node.split(".")[0]}`]: process.execPath });
});

test("the base domain has the port of the functions", async () => {
  assert.equal((await resolved({}, {}, { port: "8080" })).baseDomain, "localhost:8080");
  assert.equal((await resolved({ "base-domain": "Fns.Example.com" })).baseDomain, "fns.example.com");
});

test("each option is also a variable, and the option is stronger", async () => {
  const fromVariables = await resolved(
    {},
    { OFFHOOK_API_PORT: "4001", OFFHOOK_OFFLINE: "true", OFFHOOK_ALLOW_SCRIPTS: "a,b" },
  );
  assert.deepEqual(
    [fromVariables.apiPort, fromVariables.isOffline, fromVariables.allowedScripts],
    [4001, true, ["a", "b"]],
  );
  const fromOption = await resolved({ "api-port": "4002" }, { OFFHOOK_API_PORT: "4001" });
  assert.equal(fromOption.apiPort, 4002);
  assert.equal(variableOf("no-account-token"), "OFFHOOK_NO_ACCOUNT_TOKEN");
  assert.equal((await resolved({}, { OFFHOOK_API_PORT: "" })).apiPort, 3001);
});

test("0 removes the limit of a quota", async () => {
  const { quotas } = await resolved({ "max-variable-bytes": "0", "max-services": "5", "max-builds-per-hour": "100" });
  assert.deepEqual([quotas.variableBytes, quotas.services, quotas.buildsPerHour], [Infinity, 5, 100]);
});

test("an invalid option is refused by name", async () => {
  const invalid: WrittenServeOptions[] = [
    { "api-port": "x" },
    { "api-port": "65536" },
    { "api-host": "http://a" },
    { "base-domain": "a_b" },
    { "base-domain": "127.0.0.1" },
    { "public-scheme": "ftp" },
    { "api-url": "ftp://a" },
    { "api-cors": "*" },
    { node: ["node24"] },
    { node: ["node24=node"] },
    { "log-retention": "0" },
    { "max-services": "-1" },
    { "api-port": "3000" },
  ];
  for (const options of invalid) {
    const [name = ""] = Object.keys(options);
    assert.ok(Object.hasOwn(serveOptions, name));
    await assert.rejects(resolved(options), { code: "setting-invalid", message: new RegExp(`--${name}`) });
  }
  await assert.rejects(resolveServeSettings({ options: {}, environment: {}, flags: {} }), /Missing value for --data/);
});

test("the password in an API URL is not repeated", async () => {
  await assert.rejects(resolved({ "api-url": "https://me:hunter2@api.example.com" }), (error: Error) => {
    return /--api-url/.test(error.message) && !error.message.includes("hunter2");
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
    await assert.rejects(resolved({ "api-url": apiUrl, "base-domain": baseDomain }), /overlaps/);
  }
  const settings = await resolved({ "api-url": "https://api.example.com/", "base-domain": "example-fns.com" });
  assert.equal(settings.apiUrl, "https://api.example.com");
});

test("offhook.json in the data folder has defaults and maxima for services", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "offhook.json"), JSON.stringify({ timeout: "5s", maxima: { timeout: "20s" } }));
  const { policy } = await resolved({ data: folder });
  assert.deepEqual([policy.defaults.timeout, policy.maxima.timeout], [5_000, 20_000]);
  await writeFile(join(folder, "offhook.json"), JSON.stringify({ maxima: { nothing: 1 } }));
  await assert.rejects(resolved({ data: folder }), { code: "setting-unknown" });
  await writeFile(join(folder, "offhook.json"), JSON.stringify({ maxima: 1 }));
  await assert.rejects(resolved({ data: folder }), { code: "setting-invalid" });
});
