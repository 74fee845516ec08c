/** Starts a server: data folder, master key, first account, then gateway and control process. */
import { OffhookError } from "@offhook/runtime/offhook-error";
import type { ServeSettings } from "../control/serve-settings.ts";
import { checkAccountSid, readAuthToken } from "./account-input.ts";
import { createDataFolder } from "./data-folder.ts";
import { runFirstStart } from "./first-start-process.ts";
import type { FirstStart } from "./first-start.ts";
import { provideMasterKey } from "./master-key-file.ts";

interface Listener {
  readonly host: string;
  readonly port: number;
}

/** Resolves when functions and the API answer. */
export type StartGateway = (options: {
  readonly settings: ServeSettings;
  readonly masterKey: Uint8Array;
}) => Promise<Serving>;

export interface Serving {
  readonly address: Listener;
  readonly apiAddress: Listener;
  stop(): Promise<void>;
  kill(): void | Promise<void>;
}

export interface ServingOptions {
  readonly settings: ServeSettings;
  readonly account: { readonly accountSid: string | undefined; readonly authTokenFile: string | undefined };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly startGateway: StartGateway;
  /** Called before anything else can fail: the secret of the key is known only now. */
  readonly onFirstStart: (firstStart: FirstStart) => void;
}

/** @throws OffhookError `setting-invalid`, `data-folder-unusable`, `master-key-unusable`, or as `startGateway`. */
export async function startServing(options: ServingOptions): Promise<Serving> {
  const { settings, environment, startGateway, onFirstStart } = options;
  const account = await readAccount(options.account);
  const data = await createDataFolder(settings.dataFolder);
  const masterKey = await provideMasterKey(data, environment);
  const firstStart = await runFirstStart({ dataFolder: data.folder, masterKey, account });
  if (firstStart !== undefined) onFirstStart(firstStart);
  return await startGateway({ settings, masterKey });
}

async function readAccount({
  accountSid,
  authTokenFile,
}: ServingOptions["account"]): Promise<{ readonly sid: string; readonly authToken: string } | undefined> {
  if (accountSid === undefined && authTokenFile === undefined) return undefined;
  if (accountSid === undefined || authTokenFile === undefined)
    throw new OffhookError("setting-invalid", "Pass --account-sid and --auth-token-file together.");
  return { sid: checkAccountSid(accountSid), authToken: await readAuthToken(authTokenFile) };
}
