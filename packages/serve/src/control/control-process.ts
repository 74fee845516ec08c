/**
 * The control process: it owns the database, answers the API, makes builds, and tells the gateway what to serve.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startApiServer } from "../api/api-server.ts";
import { FolderStore } from "../artefacts/folder-store.ts";
import { emptyFolder } from "../artefacts/remove-tree.ts";
import { BuildQueue } from "../builds/build-queue.ts";
import { EnvironmentDeployer, type Gateway } from "../deployments/environment-deployer.ts";
import { examinedSpecOf, type SpecSources } from "../deployments/tenant-spec.ts";
import type { ControlAddresses, GivenAccount, OutputLine } from "../link/messages.ts";
import type { ServeSettings } from "../link/serve-settings.ts";
import { LogWriter } from "../logs/log-writer.ts";
import { MasterKey } from "../secrets/sealing.ts";
import { checkMasterKey, prepareFirstStart } from "../operators/first-start.ts";
import { Clock } from "../store/clock.ts";
import { openStore, type Store } from "../store/store.ts";
import { startAdminServer } from "./admin-server.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { watchRevision } from "./revision-watch.ts";

export interface ControlOptions {
  readonly settings: ServeSettings;
  readonly masterKey: Uint8Array;
  /** For the first start on an empty database. */
  readonly account?: GivenAccount | undefined;
  readonly gateway: Gateway;
  /** Called with sentences for the operator. */
  readonly onWarning: (message: string) => void;
}

export interface ControlProcess {
  readonly addresses: ControlAddresses;
  addOutput(lines: readonly OutputLine[]): void;
  /** Finishes the requests in flight, and resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** Everything that is deployed is served when it resolves. @throws if the database cannot be used. */
export async function startControl(options: ControlOptions): Promise<ControlProcess> {
  const { settings, gateway, onWarning } = options;
  const { dataFolder } = settings;
  const masterKey = new MasterKey(options.masterKey);
  const staging = join(dataFolder, "staging");
  // An earlier process may have ended while it wrote there.
  await emptyFolder(staging);
  await mkdir(staging, { recursive: true, mode: 0o711 });
  const store = await openStore(join(dataFolder, "offhook.db"));
  const clock = new Clock();
  const artefacts = new FolderStore(join(dataFolder, "artefacts"), staging);
  const sources: SpecSources = { store, masterKey, artefacts, baseDomain: settings.baseDomain.replace(/:\d+$/, "") };
  const builder = new BuildQueue({
    store,
    clock,
    artefacts,
    dataFolder,
    runtimes: Object.keys(settings.nodes),
    allowedScripts: settings.allowedScripts,
    runTask: (task) => gateway.request("runBuildTask", task),
    examine: (spec) => gateway.request("examine", spec),
    specOf: (build, folder) => examinedSpecOf(sources, build, folder),
  });
  const ensureLaidOut = (buildSid: string): Promise<string> => builder.ensureLaidOut(buildSid);
  const deployer = new EnvironmentDeployer({ ...sources, clock, gateway, ensureLaidOut, onWarning });
  const logs = new LogWriter({ store, onWarning });
  const ends: (() => void | Promise<void>)[] = [];
  try {
    await checkMasterKey({ store, clock, masterKey });
    const firstStart = await prepareFirstStart({ store, clock, masterKey }, options.account);
    // Before the environments are read, so that no change is missed.
    const endWatch = await watchRevision(store, (sid) => deployer.refresh(sid), onWarning);
    ends.push(endWatch);
    await serveAll(store, deployer, gateway, onWarning);
    const context = { store, clock, masterKey, artefacts, builder, deployer, settings };
    const admin = await startAdminServer(settings, store);
    if (admin !== undefined) ends.push(() => admin.close());
    const api = await startApiServer(context, onWarning);
    const endHousekeeping = startHousekeeping({ store, artefacts, settings, onWarning });
    ends.push(endHousekeeping);
    await builder.takeOver();
    builder.wake();
    return {
      addresses: { api: api.address, admin: admin?.address, firstStart },
      addOutput: (lines) => logs.add(lines),
      async stop() {
        await api.close();
        for (const end of ends) await end();
        await deployer.stop();
        await builder.stop();
        await logs.stop();
        await store.destroy();
      },
    };
  } catch (error) {
    for (const end of ends) await end();
    await deployer.stop();
    await builder.stop();
    await store.destroy();
    throw error;
  }
}

/** One environment that cannot be served must not keep the others from being served. */
async function serveAll(
  store: Store,
  deployer: EnvironmentDeployer,
  gateway: Gateway,
  onWarning: (message: string) => void,
): Promise<void> {
  const environments = await store.selectFrom("environment").select("sid").where("build_sid", "is not", null).execute();
  await gateway.request(
    "keepOnly",
    environments.map(({ sid }) => sid),
  );
  for (const { sid } of environments) {
    await deployer.refresh(sid).catch((error: unknown) => {
      onWarning(`The environment ${sid} is not served. ${(error as Error).message}`);
    });
  }
}
