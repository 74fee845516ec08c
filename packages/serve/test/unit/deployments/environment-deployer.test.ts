import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { join } from "node:path";
import { FolderStore } from "../../../src/artefacts/folder-store.ts";
import { EnvironmentDeployer, type Gateway } from "../../../src/deployments/environment-deployer.ts";
import type { TenantSpec } from "../../../src/link/messages.ts";
import { environmentSid, storeBuild, storeService, type StoredService } from "../../stored-service.ts";

interface Tested extends StoredService {
  readonly deployer: EnvironmentDeployer;
  /** The requests that the gateway got: a name, and the build if there is one. */
  readonly requests: string[];
  readonly specs: TenantSpec[];
  /** By name of a request: runs before the gateway answers it. */
  readonly reactions: Record<string, () => void | Promise<void>>;
  readonly warnings: string[];
}

async function makeDeployer(t: TestContext): Promise<Tested> {
  const stored = await storeService(t);
  const requests: string[] = [];
  const specs: TenantSpec[] = [];
  const reactions: Tested["reactions"] = {};
  const warnings: string[] = [];
  const gateway = {
    async request(name: string, message: TenantSpec) {
      requests.push(name === "remove" ? name : `${name} ${message.buildSid[2]}`);
      specs.push(message);
      await reactions[name]?.();
      return { warnings: [] };
    },
  };
  const deployer = new EnvironmentDeployer({
    ...stored,
    artefacts: new FolderStore(join(stored.folder, "artefacts"), stored.folder),
    baseDomain: "functions.example",
    gateway: gateway as unknown as Gateway,
    ensureLaidOut: async (sid) => join(stored.folder, sid),
    onWarning: (message) => warnings.push(message),
  });
  t.after(() => deployer.stop());
  return { ...stored, deployer, requests, specs, reactions, warnings };
}

async function servedBuild({ store }: StoredService): Promise<string | null | undefined> {
  const row = await store.selectFrom("environment").select("build_sid").executeTakeFirst();
  return row?.build_sid;
}

async function deploymentCount({ store }: StoredService): Promise<number> {
  return (await store.selectFrom("deployment").select("sid").execute()).length;
}

test("the gateway prepares a build before the database names it, and activates it afterwards", async (t) => {
  const tested = await makeDeployer(t);
  const build = await storeBuild(tested, "b");
  const seen: unknown[] = [];
  for (const name of ["prepare", "activate"]) {
    tested.reactions[name] = async () => void seen.push(await servedBuild(tested));
  }
  const deployment = await tested.deployer.deploy(environmentSid, build);
  assert.match(deployment, /^ZD[0-9a-f]{32}$/);
  assert.deepEqual(tested.requests, ["prepare b", "activate b"]);
  assert.deepEqual(seen, [null, build]);
  assert.deepEqual(tested.specs[0]?.hosts, ["shop-1234.functions.example"]);
  assert.deepEqual(tested.specs[0]?.variables, {});
});

test("a build that does not start is refused with the reason, and the old one stays", async (t) => {
  const tested = await makeDeployer(t);
  const [old, next] = [await storeBuild(tested, "b"), await storeBuild(tested, "c")];
  await tested.deployer.deploy(environmentSid, old);
  tested.reactions["prepare"] = () => {
    throw new Error("The isolate ended.");
  };
  await assert.rejects(tested.deployer.deploy(environmentSid, next), { status: 400, message: /The isolate ended\./ });
  assert.equal(await servedBuild(tested), old);
  assert.equal(await deploymentCount(tested), 1);
});

test("a build that is unknown, failed or not completed is refused before the gateway hears of it", async (t) => {
  const tested = await makeDeployer(t);
  await storeBuild(tested, "c", "building");
  await storeBuild(tested, "d", "failed");
  for (const [letter, message] of [
    ["b", /names no build/],
    ["c", /not completed/],
    ["d", /A package is missing\./],
  ] as const) {
    await assert.rejects(tested.deployer.deploy(environmentSid, `ZB${letter.repeat(32)}`), { status: 400, message });
  }
  await assert.rejects(tested.deployer.deploy(`ZE${"0".repeat(32)}`, null), { status: 404 });
  assert.deepEqual(tested.requests, []);
});

test("a build or an environment that is deleted during a deployment is not served", async (t) => {
  const tested = await makeDeployer(t);
  const [first, second] = [await storeBuild(tested, "b"), await storeBuild(tested, "c")];
  tested.reactions["prepare"] = async () =>
    void (await tested.store.deleteFrom("build").where("sid", "=", first).execute());
  await assert.rejects(tested.deployer.deploy(environmentSid, first), { status: 400, message: /deleted meanwhile/ });
  tested.reactions["prepare"] = async () => void (await tested.store.deleteFrom("environment").execute());
  await assert.rejects(tested.deployer.deploy(environmentSid, second), { status: 404 });
  assert.deepEqual(tested.requests, ["prepare b", "discard b", "prepare c", "discard c"]);
  assert.equal(await deploymentCount(tested), 0);
});

test("deployments of one environment come one after the other, and the last one is served", async (t) => {
  const tested = await makeDeployer(t);
  const builds = [await storeBuild(tested, "b"), await storeBuild(tested, "c")];
  await Promise.all(builds.map((build) => tested.deployer.deploy(environmentSid, build)));
  assert.deepEqual(tested.requests, ["prepare b", "activate b", "prepare c", "activate c"]);
  assert.equal(await servedBuild(tested), builds[1]);
});

test("without a build, the environment answers nothing any more", async (t) => {
  const tested = await makeDeployer(t);
  await tested.deployer.deploy(environmentSid, await storeBuild(tested, "b"));
  await tested.deployer.deploy(environmentSid, null);
  assert.equal(tested.requests.at(-1), "remove");
  assert.equal(await servedBuild(tested), null);
  assert.equal(await deploymentCount(tested), 2);
});

test("a prepared deployment that the gateway has lost is served anyway", async (t) => {
  const tested = await makeDeployer(t);
  tested.reactions["activate"] = () => {
    throw new Error("Nothing is prepared.");
  };
  await tested.deployer.deploy(environmentSid, await storeBuild(tested, "b"));
  assert.deepEqual(tested.requests, ["prepare b", "activate b", "update b"]);
});

test("changes in quick succession are served together", async (t) => {
  const tested = await makeDeployer(t);
  await tested.deployer.deploy(environmentSid, await storeBuild(tested, "b"));
  const updated = Promise.withResolvers<void>();
  tested.reactions["update"] = () => updated.resolve();
  for (let change = 0; change < 5; change++) tested.deployer.changed(environmentSid);
  await updated.promise;
  await tested.deployer.stop();
  assert.deepEqual(tested.requests, ["prepare b", "activate b", "update b"]);
  assert.deepEqual(tested.warnings, []);
});

test("stopping waits for the deployment that runs", async (t) => {
  const tested = await makeDeployer(t);
  const build = await storeBuild(tested, "b");
  const prepared = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  tested.reactions["prepare"] = () => {
    started.resolve();
    return prepared.promise;
  };
  const deployed = tested.deployer.deploy(environmentSid, build);
  await started.promise;
  const stopped = tested.deployer.stop();
  prepared.resolve();
  await stopped;
  assert.equal(await servedBuild(tested), build);
  await deployed;
});
