import assert from "node:assert/strict";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readMasterKey } from "../../src/operators/data-folder.ts";
import { summarizeAccounts, summarizeKeys } from "../../src/operators/key-reports.ts";
import { withOffice } from "../../src/operators/office.ts";
import { startServe } from "../../src/serve.ts";
import { accountSid, authToken, startHosting } from "../hosting.ts";
import { temporaryFolder } from "../temporary-folder.ts";

test("the first start makes an account, a key and a master key; the second makes nothing", async (t) => {
  const first = await startHosting(t);
  const { dataFolder } = first.settings;
  assert.match(first.key, /^SK[0-9a-f]{32}:\S{40,}$/);
  await first.stop();
  const masterKey = await readFile(join(dataFolder, "master.key"));
  const second = await startHosting(t, { dataFolder, key: first.key });
  assert.deepEqual(await readFile(join(dataFolder, "master.key")), masterKey);
  assert.equal((await second.api("GET", "/v1/Services")).status, 200);
  await withOffice(dataFolder, undefined, async (office) => {
    assert.deepEqual(
      (await summarizeAccounts(office)).map(({ sid }) => sid),
      [accountSid],
    );
    const keys = await summarizeKeys(office);
    assert.deepEqual(
      keys.map(({ key, role, services }) => [key, role, services]),
      [[first.key.split(":")[0], "admin", "all"]],
    );
  });
});

test("only the owner can read the master key and the database, and neither has a token in clear text", async (t) => {
  const { settings, key } = await startHosting(t);
  const fileIn = (name: string): string => join(settings.dataFolder, name);
  assert.equal((await stat(fileIn("master.key"))).mode & 0o777, 0o400);
  for (const name of ["offhook.db", "offhook.db-wal"]) {
    assert.equal((await stat(fileIn(name))).mode & 0o777, 0o600, name);
    const bytes = await readFile(fileIn(name));
    for (const secret of [authToken, key.split(":")[1] ?? ""]) assert.ok(!bytes.includes(secret), name);
  }
});

test("a missing or wrong master key ends the start, and names the keys", async (t) => {
  const first = await startHosting(t);
  await first.stop();
  const { settings } = first;
  const other = join(settings.dataFolder, "other.key");
  await writeFile(other, Buffer.alloc(32, 7).toString("base64"));
  await assert.rejects(startServe({ settings, masterKeyFile: other }), {
    code: "master-key-unusable",
    message: /master key [0-9a-f]{8}, and this one is [0-9a-f]{8}/,
  });
  await writeFile(other, "short");
  await assert.rejects(readMasterKey(settings.dataFolder, other), {
    code: "master-key-unusable",
    message: /other\.key/,
  });
  await rm(join(settings.dataFolder, "master.key"));
  await assert.rejects(startServe({ settings }), { code: "master-key-unusable", message: /master\.key is missing/ });
});

test("a data folder with node_modules above it is refused", async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, "node_modules"));
  await assert.rejects(startHosting(t, { dataFolder: join(folder, "data") }), {
    code: "data-folder-unusable",
    message: /node_modules is above it/,
  });
});

test("a second server on the same folder is refused, and names the first", async (t) => {
  const { settings } = await startHosting(t);
  await assert.rejects(startServe({ settings }), { code: "data-folder-in-use", message: new RegExp(`${process.pid}`) });
});
