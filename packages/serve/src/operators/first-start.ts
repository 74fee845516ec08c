/** Fills an empty database with what a client needs: an account, and a key. */
import { randomBytes } from "node:crypto";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { createAccount, listAccounts, type OperatorContext } from "./accounts.ts";
import type { FirstStart, GivenAccount } from "../link/messages.ts";
import { createKey } from "./keys.ts";

/**
 * @returns undefined if the database has an account already.
 * @throws OffhookError `account-invalid` if it has one, and the operator names another.
 */
export async function prepareFirstStart(
  context: OperatorContext,
  given: GivenAccount | undefined,
): Promise<FirstStart | undefined> {
  const accounts = await listAccounts(context);
  const [first] = accounts;
  if (first !== undefined) {
    if (given === undefined || accounts.some(({ sid }) => sid === given.sid)) return undefined;
    throw new OffhookError(
      "account-invalid",
      `The data folder has the account ${first.sid}. Add ${given.sid} with \`offhook accounts create\`.`,
    );
  }
  const account = await createAccount(context, {
    sid: given?.sid,
    authToken: given?.authToken ?? randomBytes(16).toString("hex"),
  });
  const key = await createKey(context, { accountSid: account.sid, role: "admin", name: "first key" });
  return { ...key, accountSid: account.sid, isMadeUp: given === undefined };
}

/** @throws OffhookError `master-key-unusable` if the database was sealed with another key. */
export async function checkMasterKey(context: OperatorContext): Promise<void> {
  const [account] = await listAccounts(context);
  if (account === undefined) return;
  try {
    context.masterKey.open("auth-token", [account.sid], account.auth_token);
  } catch (error) {
    throw new OffhookError("master-key-unusable", (error as Error).message);
  }
}
