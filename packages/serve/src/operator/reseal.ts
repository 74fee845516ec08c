/** Replaces the master key: seals everything that the database keeps sealed with a new one. */
import { rename } from "node:fs/promises";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { MasterKey } from "../secrets/sealing.ts";
import { sealToken } from "./accounts.ts";
import { runningServer } from "./data-folder.ts";
import { masterKeyPath, writeMasterKey } from "./master-key-file.ts";
import { recordCommand, type Office } from "./office.ts";

/**
 * The new key is on the disk before the database changes, as `<file>.new`. If the machine fails between the commit and
 * the renaming, that file is the key.
 * @returns the ids of the old and the new key.
 * @throws OffhookError `server-running`: the server would go on with the old key.
 */
export async function reseal(
  office: Office,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly from: string; readonly to: string }> {
  const pid = await runningServer(office.data);
  if (pid !== undefined) throw new OffhookError("server-running", `process ${pid}`);
  const path = masterKeyPath(office.data, environment);
  const from = await office.masterKey();
  const bytes = MasterKey.generate();
  const to = new MasterKey(bytes);
  await writeMasterKey(`${path}.new`, bytes);
  await office.store.transaction().execute(async (transaction) => {
    for (const { sid, auth_token } of await transaction.selectFrom("account").select(["sid", "auth_token"]).execute()) {
      const token = from.open("auth-token", [sid], auth_token);
      await transaction
        .updateTable("account")
        .set(sealToken(to, sid, token))
        .where("sid", "=", sid)
        .execute();
    }
    const variables = await transaction.selectFrom("variable").select(["sid", "environment_sid", "value"]).execute();
    for (const { sid, environment_sid: environmentSid, value } of variables) {
      const place = [environmentSid, sid];
      const sealed = to.seal("variable", place, from.open("variable", place, value));
      await transaction.updateTable("variable").set({ value: sealed }).where("sid", "=", sid).execute();
    }
    await recordCommand(transaction, office, { operation: "keys reseal", sids: [] });
  });
  await rename(`${path}.new`, path);
  return { from: from.id, to: to.id };
}
