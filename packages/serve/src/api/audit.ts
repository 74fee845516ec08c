/** The audit log: who changed what, and whose credentials were refused. It holds no values. */
import type { ApiContext } from "./api-context.ts";
import type { NewRow } from "../store/schema.ts";

type Entry = Omit<NewRow<"audit">, "id" | "at" | "sids"> & { readonly sids: readonly string[] };

const maxTextLength = 300;

export async function writeAudit({ store, clock }: ApiContext, entry: Entry): Promise<void> {
  const row = {
    ...entry,
    sids: JSON.stringify(entry.sids.map((sid) => sid.slice(0, maxTextLength))),
    at: clock.next(),
  };
  await store
    .insertInto("audit")
    .values({ ...row, user_agent: row.user_agent.slice(0, maxTextLength) })
    .execute();
}
