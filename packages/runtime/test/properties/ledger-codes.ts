import { ledger } from "../../src/errors.ts";

/** Whether this is the code of an error that answers a request. */
export function isOffhookReplyCode(code: string): boolean {
  return Object.hasOwn(ledger, code) && "status" in ledger[code as keyof typeof ledger];
}

/** Every status of an error of the ledger. */
export const ledgerStatuses: ReadonlySet<number> = new Set(
  Object.values(ledger).flatMap((entry) => ("status" in entry ? [entry.status] : [])),
);
