import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { FirstStart } from "../../src/operator/first-start.ts";
import { withOffice } from "../../src/operator/office.ts";
import { resolveServeSettings } from "../../src/operator/serve-settings-resolution.ts";
import { startServing, type ServingOptions } from "../../src/operator/serving.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const none = { accountSid: undefined, authTokenFile: undefined };
const accountSid = `AC${"0123456789abcdef".repeat(2)}`;

/** Starts with a gateway that only keeps what it gets. */
async function start(folder: string, account: ServingOptions["account"] = none, environment = {}) {
  const firstStarts: FirstStart[] = [];
  const keys: Uint8Array[] = [];
  const settings = await resolveServeSettings({ options: { data: folder }, environment: {}, flags: {} });
  await startServing({
    settings,
    account,
    environment,
    onFirstStart: (firstStart) => firstStarts.push(firstStart),
    startGateway({ masterKey }) {
      keys.push(masterKey);
      const address = { host: "127.0.0.1", port: 1 };
      return Promise.resolve({ address, apiAddress: address, stop: () => Promise.resolve(), kill: () => undefined });
    },
  });
  return { firstStart: firstStarts[0], masterKey: keys[0] };
}

test("the first start makes an account, a key and a master key; the second makes nothing", async (t) => {
  const folder = join(await temporaryFolder(t), "data");
  const first = await start(folder);
  assert.match(first.firstStart?.accountSid ?? "", /^AC[0-9a-f]{32}$/);
  assert.equal(first.firstStart?.isMadeUp, true);
  const second = await start(folder);
  assert.equal(second.firstStart, undefined);
  assert.deepEqual(second.masterKey, first.masterKey);
  const secret = first.firstStart?.secret ?? "";
  assert.match(secret, /^[0-9a-f]{64}$/);
  await withOffice(folder, {}, async ({ store }) => {
    const [key, ...others] = await store.selectFrom("api_key").selectAll().execute();
    assert.equal(others.length, 0);
    assert.deepEqual([key?.sid, key?.role, key?.services], [first.firstStart?.key, "admin", null]);
    assert.equal(key?.secret_sha256, createHash("sha256").update(secret).digest("hex"));
  });
});

test("only the owner can read the master key and the database", async (t) => {
  const folder = join(await temporaryFolder(t), "data");
  await start(folder);
  const modeOf = async (name: string): Promise<number> => (await stat(join(folder, name))).mode & 0o777;
  assert.equal(await modeOf("master.key"), 0o400);
  assert.equal(await modeOf("offhook.db"), 0o600);
  assert.equal(await modeOf("."), 0o711);
});

test("the given account is sealed, and its token is nowhere in the files", async (t) => {
  const folder = await temporaryFolder(t);
  const authTokenFile = join(folder, "token.txt");
  await writeFile(authTokenFile, "a-very-secret-token\n");
  const { firstStart } = await start(join(folder, "data"), { accountSid, authTokenFile });
  assert.deepEqual([firstStart?.accountSid, firstStart?.isMadeUp], [accountSid, false]);
  const bytes = await readFile(join(folder, "data/offhook.db"));
  assert.ok(!bytes.includes("a-very-secret-token"));
  await withOffice(join(folder, "data"), {}, async ({ store, masterKey }) => {
    const key = await masterKey();
    const row = await store.selectFrom("account").selectAll().executeTakeFirstOrThrow();
    assert.equal(key.open("auth-token", [accountSid], row.auth_token), "a-very-secret-token");
    assert.equal(row.token_mac, key.fingerprint("a-very-secret-token"));
  });
});

test("an account SID or token file that cannot be used is refused before anything is made", async (t) => {
  const folder = await temporaryFolder(t);
  const data = join(folder, "data");
  const authTokenFile = join(folder, "token.txt");
  await writeFile(authTokenFile, "two words of a token");
  const cases = [
    { accountSid, authTokenFile: undefined },
    { accountSid: undefined, authTokenFile },
    { accountSid: "AC1", authTokenFile },
    { accountSid, authTokenFile: join(folder, "missing") },
    { accountSid, authTokenFile },
  ];
  for (const account of cases) {
    await assert.rejects(start(data, account), (error: Error & { code?: string }) => {
      return error.code === "setting-invalid" && !error.message.includes("two words");
    });
  }
  await assert.rejects(stat(data), { code: "ENOENT" });
});

test("a missing or wrong master key is refused, with the ids of the keys", async (t) => {
  const folder = join(await temporaryFolder(t), "data");
  await start(folder);
  const elsewhere = join(folder, "../other.key");
  await writeFile(elsewhere, "ab".repeat(32));
  const wrong = { OFFHOOK_MASTER_KEY_FILE: elsewhere };
  const message = /sealed with the key [0-9a-f]{8}, but this one is [0-9a-f]{8}/;
  await assert.rejects(start(folder, none, wrong), { code: "master-key-unusable", message });
  await writeFile(elsewhere, "not a key");
  await assert.rejects(start(folder, none, wrong), { code: "master-key-unusable", message: /other\.key is not a key/ });
  await rm(join(folder, "master.key"));
  await assert.rejects(start(folder), { code: "master-key-unusable", message: /master\.key does not exist/ });
});

test("a data folder with node_modules above it is refused, and not made", async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, "node_modules"));
  const data = join(folder, "data");
  await assert.rejects(start(data), { code: "data-folder-unusable", message: /node_modules exists/ });
  await assert.rejects(stat(data), { code: "ENOENT" });
});

test("a data folder that is a file is refused", async (t) => {
  const file = join(await temporaryFolder(t), "file");
  await writeFile(file, "");
  // The settings are read before, from a file in the folder.
  await assert.rejects(start(file), (error: { code?: string }) => {
    return error.code === "data-folder-unusable" || error.code === "file-unreadable";
  });
});
