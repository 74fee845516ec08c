import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { changeAuthToken, createAccount, removeAccount } from "../../src/operators/accounts.ts";
import { restoreBackup, writeBackup } from "../../src/operators/backup.ts";
import { lockDataFolder, readMasterKey } from "../../src/operators/data-folder.ts";
import { prepareFirstStart } from "../../src/operators/first-start.ts";
import { onlyAccount, summarizeAccounts, summarizeKeys } from "../../src/operators/key-reports.ts";
import { createKey, revokeKey } from "../../src/operators/keys.ts";
import { withOffice, type Office } from "../../src/operators/office.ts";
import { listAudit, readBuild, readStatus } from "../../src/operators/reports.ts";
import { reseal } from "../../src/operators/reseal.ts";
import { listServices, setSettings, unsetSettings } from "../../src/operators/services.ts";
import { MasterKey } from "../../src/secrets/sealing.ts";
import { Clock } from "../../src/store/clock.ts";
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
  const masterKey = new MasterKey(await readMasterKey(folder, undefined));
  const store = await openStore(join(folder, "offhook.db"));
  t.after(() => store.destroy());
  await prepareFirstStart({ store, clock: new Clock(), masterKey }, { sid: accountSid, authToken: "first-token" });
  return { folder, store, operate: (work) => withOffice(folder, undefined, work) };
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
  const { masterKey: key } = await operate((office) => office.unlocked());
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
    createKey(office, { accountSid, role: "deployer", services: ["shop"], expiresAt: 9_999_999_999_999, name: "ci" }),
  );
  const [, listed] = await operate(summarizeKeys);
  assert.deepEqual(
    [listed?.key, listed?.account, listed?.role, listed?.services, listed?.state, listed?.name],
    [issued.key, accountSid, "deployer", ["shop"], "active", "ci"],
  );
  assert.ok(!JSON.stringify(listed).includes(issued.secret));
  await operate((office) => revokeKey(office, issued.key));
  assert.equal((await operate(summarizeKeys))[1]?.state, "revoked");
  await assert.rejects(
    operate((office) => revokeKey(office, "SK0")),
    { code: "key-unknown" },
  );
});

test("a key belongs to the only account, and with several accounts, one must be named", async (t) => {
  const { operate } = await makeServer(t);
  assert.equal(await operate(onlyAccount), accountSid);
  const other = `AC${"1".repeat(32)}`;
  const account = { sid: other, authToken: "token-of-other" };
  await operate(async (office) => createAccount(await office.unlocked(), account));
  const twice = operate(async (office) => createAccount(await office.unlocked(), account));
  await assert.rejects(twice, { code: "account-invalid" });
  await assert.rejects(operate(onlyAccount), { code: "account-invalid", message: /--account/ });
  await operate((office) => createKey(office, { role: "admin", accountSid: other }));
  const unknown = operate((office) => createKey(office, { role: "admin", accountSid: `AC${"2".repeat(32)}` }));
  await assert.rejects(unknown, { code: "account-invalid" });
  const accounts = await operate(summarizeAccounts);
  assert.deepEqual(
    accounts.map(({ sid, keys }) => [sid, keys]),
    [
      [accountSid, 1],
      [other, 1],
    ],
  );
  await operate((office) => removeAccount(office, other));
  assert.equal((await operate(summarizeAccounts)).length, 1);
  await assert.rejects(
    operate((office) => removeAccount(office, other)),
    { code: "account-invalid" },
  );
});

test("an account with services is not removed", async (t) => {
  const server = await makeServer(t);
  await addService(server);
  await assert.rejects(
    server.operate((office) => removeAccount(office, accountSid)),
    { code: "account-invalid", message: /has services, such as shop/ },
  );
});

test("a new auth token and settings of a service raise the revision of its environments", async (t) => {
  const server = await makeServer(t);
  await addService(server);
  const before = await revisionOf(server);
  await server.operate(async (office) => changeAuthToken(await office.unlocked(), accountSid, "second-token"));
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
  const issued = await server.operate((office) => createKey(office, { accountSid, role: "admin" }));
  await server.operate(async (office) => changeAuthToken(await office.unlocked(), accountSid, "second-token"));
  const entries = await server.operate((office) => listAudit(office, 10));
  assert.deepEqual(
    entries.map(({ operation }) => operation),
    ["accounts token", "keys create", "keys create", "accounts create"],
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
  t.after(await lockDataFolder(server.folder));
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
  const options = { dataFolder: server.folder, target, masterKeyFile: undefined };
  await writeBackup({ ...options, withKey: false });
  await assert.rejects(writeBackup({ ...options, withKey: false }), { code: "file-exists" });
  const dataFolder = join(server.folder, "../restored");
  const withoutKey = restoreBackup({ source: target, dataFolder, masterKeyFile: undefined });
  await assert.rejects(withoutKey, { code: "master-key-unusable" });
  const masterKeyFile = join(server.folder, "master.key");
  await restoreBackup({ source: target, dataFolder, masterKeyFile });
  assert.equal(await readFile(join(dataFolder, "artefacts/ab/abcd"), "utf8"), "content");
  await withOffice(dataFolder, masterKeyFile, async ({ store, unlocked }) => {
    const { value } = await store.selectFrom("variable").select("value").executeTakeFirstOrThrow();
    assert.equal((await unlocked()).masterKey.open("variable", ["ZE1", "ZV1"], value), "hidden");
    const { identity } = await store.selectFrom("revision").select("identity").executeTakeFirstOrThrow();
    const original = await server.store.selectFrom("revision").select("identity").executeTakeFirstOrThrow();
    assert.notEqual(identity, original.identity);
  });
  const again = restoreBackup({ source: target, dataFolder, masterKeyFile });
  await assert.rejects(again, { code: "data-folder-unusable", message: /not empty/ });
});

test("a backup with the key needs nothing else", async (t) => {
  const server = await makeServer(t);
  const target = join(server.folder, "../copy");
  await writeBackup({ dataFolder: server.folder, target, withKey: true, masterKeyFile: undefined });
  const dataFolder = join(server.folder, "../restored");
  await restoreBackup({ source: target, dataFolder, masterKeyFile: undefined });
  await withOffice(dataFolder, undefined, async ({ unlocked }) => assert.ok(await unlocked()));
});

test("a new master key seals tokens and variables again, while the server is stopped", async (t) => {
  const server = await makeServer(t);
  await addService(server);
  const unlock = await lockDataFolder(server.folder);
  await assert.rejects(server.operate(reseal), { code: "data-folder-in-use" });
  await unlock();
  const { from, to } = await server.operate(reseal);
  assert.notEqual(from, to);
  await server.operate(async ({ store, unlocked }) => {
    const { masterKey: key } = await unlocked();
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
  await assert.rejects(withOffice(folder, undefined, readStatus), { code: "data-folder-empty" });
});
