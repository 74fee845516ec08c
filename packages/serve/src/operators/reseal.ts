/** Replaces the master key: seals everything that the database keeps sealed with a new one. */
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { MasterKey } from "../secrets/sealing.ts";
import { sealedToken } from "./accounts.ts";
import { recordCommand } from "./command-audit.ts";
import { servingProcess, writeMasterKey } from "./data-folder.ts";
import type { Office } from "./office.ts";

/**
 * The new key is on the disk before the database changes, as `<file>.new`. If the machine fails between the commit and
 * the renaming, that file is the key.
 * @returns the ids of the old and the new key.
 * @throws OffhookError `data-folder-in-use`: the server would go on with the old key.
 */
export async function reseal(office: Office): Promise<{ readonly from: string; readonly to: string }> {
  const pid = await servingProcess(office.folder);
  if (pid !== undefined) throw new OffhookError("data-folder-in-use", `The process ${pid} serves it.`);
  const path = office.masterKeyFile ?? join(office.folder, "master.key");
  const { masterKey: from } = await office.unlocked();
  const bytes = MasterKey.generate();
  const to = new MasterKey(bytes);
  await writeMasterKey(`${path}.new`, bytes);
  await office.store.transaction().execute(async (transaction) => {
    for (const { sid, auth_token } of await transaction.selectFrom("account").select(["sid", "auth_token"]).execute()) {
      const token = from.open("auth-token", [sid], auth_token);
      await transaction
        .updateTable("account")
        .set(sealedToken(to, sid, token))
        .where("sid", "=", sid)
        .execute();
    }
    const variables = await transaction.selectFrom("variable").select(["sid", "environment_sid", "value"]).execute();
    for (const { sid, environment_sid: environmentSid, value } of variables) {
      const place = [environmentSid, sid];
      const sealed = to.seal("variable", place, from.open("variable", place, value));
      await transaction.updateTable("variable").set({ value: sealed }).where("sid", "=", sid).execute();
    }
    await recordCommand(transaction, office.clock, { operation: "keys reseal", sids: [] });
  });
  await rename(`${path}.new`, path);
  return { from: from.id, to: to.id };
}
