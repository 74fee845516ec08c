import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createAccount, listAccounts, removeAccount, replaceAuthToken } from "../../src/operator/accounts.ts";
import { createKey, listKeys, revokeKey } from "../../src/operator/api-keys.ts";
import { restoreBackup, writeBackup } from "../../src/operator/backup.ts";
import { dataFolderAt } from "../../src/operator/data-folder.ts";
import { prepareDatabase } from "../../src/operator/first-start.ts";
import { provideMasterKey } from "../../src/operator/master-key-file.ts";
import { withOffice, type Office } from "../../src/operator/office.ts";
import { listAudit, readBuild, readStatus } from "../../src/operator/reports.ts";
import { reseal } from "../../src/operator/reseal.ts";
import { listServices, setSettings, unsetSettings } from "../../src/operator/services.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const accountSid = `AC${"0".repeat(32)}`;

interface Server {
  readonly folder: string;
  /** The connection of the running server. */
  readonly store: Store;
  readonly operate: <Result>(work: (office: Office) => Promise<Result>) => Promise<Result>;
}

/** A data folder whose database another connection has open, as while a server runs. */
async function makeServer(t: TestContext): Promise<Server> {
  const folder = join(await temporaryFolder(t), "data");
  await mkdir(folder);
  const masterKey = await provideMasterKey(dataFolderAt(folder), {});
  await prepareDatabase({ dataFolder: folder, masterKey, account: { sid: accountSid, authToken: "first-token" } });
  const store = await openStore(join(folder, "offhook.db"));
  t.after(() => store.destroy());
  return { folder, store, operate: (work) => withOffice(folder, {}, work) };
}

async function addService({ store, operate }: Server): Promise<void> {
  await store
    .insertInto("service")
    .values({
      sid: "ZS1",
      account_sid: accountSid,
      unique_name: "shop",
      friendly_name: "",
      include_credentials: 1,
      ui_editable: 0,
      domain_base: "shop-1234",
      settings: null,
      created_at: 1,
      updated_at: 1,
    })
    .execute();
  await store
    .insertInto("environment")
    .values({
      sid: "ZE1",
      account_sid: accountSid,
      service_sid: "ZS1",
      unique_name: "dev",
      domain_suffix: "dev",
      build_sid: null,
      deployment_sid: null,
      revision: 1,
      created_at: 1,
      updated_at: 1,
    })
    .execute();
  const key = await operate((office) => office.masterKey());
  const value = key.seal("variable", ["ZE1", "ZV1"], "hidden");
  await store
    .insertInto("variable")
    .values({ sid: "ZV1", environment_sid: "ZE1", key: "SECRET", value, created_at: 1, updated_at: 1 })
    .execute();
}

const revisionOf = async ({ store }: Server): Promise<number> =>
  (await store.selectFrom("environment").select("revision").executeTakeFirstOrThrow()).revision;

test("a key is created, listed without its secret, and revoked", async (t) => {
  const { operate } = await makeServer(t);
  const issued = await operate((office) =>
    createKey(office, { role: "deployer", services: ["shop"], expiresInDays: 2, name: "ci" }),
  );
  const [listed] = await operate(listKeys);
  assert.deepEqual(
    [listed?.key, listed?.account, listed?.role, listed?.services, listed?.state, listed?.name],
    [issued.key, accountSid, "deployer", ["shop"], "active", "ci"],
  );
  assert.ok(!JSON.stringify(listed).includes(issued.secret));
  await operate((office) => revokeKey(office, issued.key));
  assert.equal((await operate(listKeys))[0]?.state, "revoked");
  await assert.rejects(
    operate((office) => revokeKey(office, "SK0")),
    { code: "record-unknown" },
  );
});

test("with several accounts, a key needs one by name", async (t) => {
  const { operate } = await makeServer(t);
  const other = `AC${"1".repeat(32)}`;
  await operate((office) => createAccount(office, { sid: other, authToken: "token-of-other" }));
  const twice = operate((office) => createAccount(office, { sid: other, authToken: "token-of-other" }));
  await assert.rejects(twice, { code: "record-exists" });
  const key = { role: "admin", services: [] } as const;
  await assert.rejects(
    operate((office) => createKey(office, key)),
    { code: "setting-invalid", message: /--account/ },
  );
  await operate((office) => createKey(office, { ...key, accountSid: other }));
  const unknown = operate((office) => createKey(office, { ...key, accountSid: `AC${"2".repeat(32)}` }));
  await assert.rejects(unknown, { code: "record-unknown" });
  const accounts = await operate(listAccounts);
  assert.deepEqual(
    accounts.map(({ sid, keys }) => [sid, keys]),
    [
      [other, 1],
      [accountSid, 1],
    ],
  );
  await operate((office) => removeAccount(office, other));
  assert.equal((await operate(listAccounts)).length, 1);
});

test("an account with services is not removed", async (t) => {
  const server = await makeServer(t);
  await addService(server);
  await assert.rejects(
    server.operate((office) => removeAccount(office, accountSid)),
    { code: "record-in-use" },
  );
});

test("a new auth token and settings of a service raise the revision of its environments", async (t) => {
  const server = await makeServer(t);
  await addService(server);
  const before = await revisionOf(server);
  await server.operate((office) => replaceAuthToken(office, accountSid, "second-token"));
  const afterToken = await revisionOf(server);
  assert.ok(afterToken > before);
  assert.deepEqual(await server.operate((office) => setSettings(office, "shop", ["timeout=20s", "spares=2"])), {
    timeout: "20s",
    spares: 2,
  });
  assert.ok((await revisionOf(server)) > afterToken);
  assert.deepEqual((await server.operate(listServices))[0]?.settings, { timeout: "20s", spares: 2 });
  assert.deepEqual(await server.operate((office) => unsetSettings(office, "ZS1", ["spares"])), { timeout: "20s" });
});

test("a setting that a service cannot have is refused, and changes nothing", async (t) => {
  const server = await makeServer(t);
  await addService(server);
  const set = (...settings: string[]) => server.operate((office) => setSettings(office, "shop", settings));
  await assert.rejects(set("port=1"), { code: "setting-unknown" });
  await assert.rejects(set("timeot=1s"), { code: "setting-unknown" });
  await assert.rejects(set("timeout=soon"), { code: "setting-invalid" });
  await assert.rejects(set("timeout"), { code: "setting-invalid" });
  assert.deepEqual((await server.operate(listServices))[0]?.settings, {});
  const unknown = server.operate((office) => setSettings(office, "none", ["timeout=1s"]));
  await assert.rejects(unknown, { code: "record-unknown" });
});

test("the audit names what was done, and has no values", async (t) => {
  const server = await makeServer(t);
  await addService(server);
  const issued = await server.operate((office) => createKey(office, { role: "admin", services: [] }));
  await server.operate((office) => replaceAuthToken(office, accountSid, "second-token"));
  const entries = await server.operate((office) => listAudit(office, 10));
  assert.deepEqual(
    entries.map(({ operation }) => operation),
    ["accounts token", "keys create", "first start"],
  );
  const text = JSON.stringify(entries);
  for (const secret of [issued.secret, "first-token", "second-token"]) assert.ok(!text.includes(secret));
  assert.equal((await server.operate((office) => listAudit(office, 1))).length, 1);
});

test("the status counts, and names the process of a running server", async (t) => {
  const server = await makeServer(t);
  await addService(server);
  const stopped = await server.operate(readStatus);
  assert.deepEqual([stopped.running, stopped.services, stopped.environments, stopped.deployed], [null, 1, 1, 0]);
  await writeFile(join(server.folder, "serve.pid"), `${process.pid}\n`);
  assert.equal((await server.operate(readStatus)).running, process.pid);
});

test("a build says why it failed", async (t) => {
  const server = await makeServer(t);
  await addService(server);
  const build = {
    sid: "ZB1",
    account_sid: accountSid,
    service_sid: "ZS1",
    status: "failed",
    runtime: "node24",
  } as const;
  const rest = { lock_hash: null, reason: "No such package.", warnings: null, claimed_until: null };
  await server.store
    .insertInto("build")
    .values({ ...build, ...rest, created_at: 1, updated_at: 1 })
    .execute();
  const report = await server.operate((office) => readBuild(office, "ZB1"));
  assert.deepEqual([report.service, report.status, report.reason], ["shop", "failed", "No such package."]);
  await assert.rejects(
    server.operate((office) => readBuild(office, "ZB2")),
    { code: "record-unknown" },
  );
});

test("a backup of a running server is restored with the same values", async (t) => {
  const server = await makeServer(t);
  await addService(server);
  await mkdir(join(server.folder, "artefacts/ab"), { recursive: true });
  await writeFile(join(server.folder, "artefacts/ab/abcd"), "content");
  const target = join(server.folder, "../copy");
  const options = { dataFolder: server.folder, target, environment: {} };
  await writeBackup({ ...options, withKey: false });
  await assert.rejects(writeBackup({ ...options, withKey: false }), { code: "file-exists" });
  const dataFolder = join(server.folder, "../restored");
  const withoutKey = restoreBackup({ source: target, dataFolder, environment: {} });
  await assert.rejects(withoutKey, { code: "master-key-unusable" });
  const environment = { OFFHOOK_MASTER_KEY_FILE: join(server.folder, "master.key") };
  await restoreBackup({ source: target, dataFolder, environment });
  assert.equal(await readFile(join(dataFolder, "artefacts/ab/abcd"), "utf8"), "content");
  await withOffice(dataFolder, environment, async ({ store, masterKey }) => {
    const { value } = await store.selectFrom("variable").select("value").executeTakeFirstOrThrow();
    assert.equal((await masterKey()).open("variable", ["ZE1", "ZV1"], value), "hidden");
    const { identity } = await store.selectFrom("revision").select("identity").executeTakeFirstOrThrow();
    const original = await server.store.selectFrom("revision").select("identity").executeTakeFirstOrThrow();
    assert.notEqual(identity, original.identity);
  });
  const again = restoreBackup({ source: target, dataFolder, environment });
  await assert.rejects(again, { code: "data-folder-unusable", message: /not empty/ });
});

test("a backup with the key needs nothing else", async (t) => {
  const server = await makeServer(t);
  const target = join(server.folder, "../copy");
  await writeBackup({ dataFolder: server.folder, target, withKey: true, environment: {} });
  const dataFolder = join(server.folder, "../restored");
  await restoreBackup({ source: target, dataFolder, environment: {} });
  await withOffice(dataFolder, {}, async ({ masterKey }) => assert.ok(await masterKey()));
});

test("a new master key seals tokens and variables again, while the server is stopped", async (t) => {
  const server = await makeServer(t);
  await addService(server);
  await writeFile(join(server.folder, "serve.pid"), `${process.pid}\n`);
  const whileRunning = server.operate((office) => reseal(office, {}));
  await assert.rejects(whileRunning, { code: "server-running" });
  await writeFile(join(server.folder, "serve.pid"), "");
  const { from, to } = await server.operate((office) => reseal(office, {}));
  assert.notEqual(from, to);
  await server.operate(async ({ store, masterKey }) => {
    const key = await masterKey();
    assert.equal(key.id, to);
    const { value } = await store.selectFrom("variable").select("value").executeTakeFirstOrThrow();
    assert.equal(key.open("variable", ["ZE1", "ZV1"], value), "hidden");
    const account = await store.selectFrom("account").selectAll().executeTakeFirstOrThrow();
    assert.equal(key.open("auth-token", [accountSid], account.auth_token), "first-token");
    assert.equal(account.token_mac, key.fingerprint("first-token"));
  });
});

test("a folder that no server has used is refused", async (t) => {
  const folder = await temporaryFolder(t);
  await assert.rejects(withOffice(folder, {}, readStatus), { code: "data-folder-unusable" });
});
