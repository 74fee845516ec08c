import { ledger } from "../../src/errors.ts";

/** Whether it is the code of an error that answers a request. */
export function isOffhookReplyCode(code: string): boolean {
  return Object.hasOwn(ledger, code) && "status" in ledger[code as keyof typeof ledger];
}

/** Every status that an error of the ledger has. */
export const ledgerStatuses: ReadonlySet<number> = new Set(
  Object.values(ledger).flatMap((entry) => ("status" in entry ? [entry.status] : [])),
);
