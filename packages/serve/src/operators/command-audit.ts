/** The audit of operators' commands. It names what was done to what, and has no values. */
import type { Clock } from "../store/clock.ts";
import type { Store } from "../store/store.ts";

interface CommandEntry {
  readonly operation: string;
  readonly accountSid?: string | undefined;
  readonly sids: readonly string[];
}

/** @param store or a transaction. */
export async function recordCommand(store: Store, clock: Clock, entry: CommandEntry): Promise<void> {
  await store
    .insertInto("audit")
    .values({
      at: clock.next(),
      account_sid: entry.accountSid ?? null,
      actor: "command",
      address: "",
      user_agent: "",
      operation: entry.operation,
      sids: JSON.stringify(entry.sids),
      status: 200,
    })
    .execute();
}
