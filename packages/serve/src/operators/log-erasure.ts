/** Erases log lines: those of an environment, those before a time, or those that contain a text. */
import { sql } from "kysely";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { recordCommand } from "./command-audit.ts";
import type { Office } from "./office.ts";

export interface Erasure {
  readonly environment?: string | undefined;
  /** Milliseconds since 1970. */
  readonly before?: number | undefined;
  /** Such as the telephone number of a caller. Letters match in both cases. */
  readonly containing?: string | undefined;
}

/**
 * Erases the lines that match everything that is given.
 * @returns how many.
 * @throws OffhookError `setting-invalid` if nothing is given.
 */
export async function eraseLogs(office: Office, { environment, before, containing }: Erasure): Promise<number> {
  if (environment === undefined && before === undefined && !containing) {
    throw new OffhookError("setting-invalid", "Say which lines: --environment, --before or --containing.");
  }
  return await office.store.transaction().execute(async (transaction) => {
    let query = transaction.deleteFrom("log");
    if (environment !== undefined) query = query.where("environment_sid", "=", environment);
    if (before !== undefined) query = query.where("at", "<", before);
    if (containing) {
      const pattern = `%${containing.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
      query = query.where(sql<boolean>`message like ${pattern} escape '\\'`);
    }
    const { numDeletedRows } = await query.executeTakeFirst();
    // The text itself is what is to be forgotten.
    const sids = environment === undefined ? [] : [environment];
    await recordCommand(transaction, office.clock, { operation: "logs erase", sids });
    return Number(numDeletedRows);
  });
}
