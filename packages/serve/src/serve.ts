/** The package's entry: a server of many services, with Twilio's Serverless API. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serviceUsers } from "@offhook/runtime/internal/isolate-user";
import { emptyFolder } from "./artefacts/remove-tree.ts";
import { startGateway, type ServeServer } from "./gateway/gateway-process.ts";
import type { GivenAccount } from "./link/messages.ts";
import type { ServeSettings } from "./link/serve-settings.ts";
import {
  lockDataFolder,
  prepareDataFolder,
  readMasterKey,
  refuseUnreachablePrograms,
} from "./operators/data-folder.ts";

export type { Quotas, ServeSettings } from "./link/serve-settings.ts";
export type { ServeServer } from "./gateway/gateway-process.ts";

export interface ServeOptions {
  readonly settings: ServeSettings;
  /** For the first start on an empty folder. */
  readonly account?: GivenAccount | undefined;
  /** Absolute path. Undefined: the data folder has the master key. */
  readonly masterKeyFile?: string | undefined;
}

/** @throws OffhookError */
export async function startServe({ settings, account, masterKeyFile }: ServeOptions): Promise<ServeServer> {
  const users = settings.server.isolateUser === "same" ? undefined : serviceUsers();
  if (users !== undefined) {
    const nodes = [process.execPath, ...Object.values(settings.nodes).filter((node) => existsSync(node))];
    refuseUnreachablePrograms([fileURLToPath(import.meta.url), ...nodes], users.service);
  }
  const dataFolder = await prepareDataFolder(settings.dataFolder, users?.service);
  const unlock = await lockDataFolder(dataFolder);
  try {
    // Programs of builds that were killed may have left files that only this process may remove.
    await emptyFolder(join(dataFolder, "staging"));
    const server = await startGateway({
      settings: { ...settings, dataFolder },
      masterKey: await readMasterKey(dataFolder, masterKeyFile),
      account,
      serviceUser: users?.service,
      buildUser: users?.build,
    });
    return {
      ...server,
      async stop() {
        await server.stop();
        await unlock();
      },
      async kill() {
        await server.kill();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}
