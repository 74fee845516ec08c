/** An account as an operator names it. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { isSid } from "../store/sids.ts";

/** @throws OffhookError `setting-invalid` unless it is `AC` and 32 hex digits. */
export function checkAccountSid(text: string): string {
  if (isSid("AC", text)) return text;
  throw new OffhookError(
    "setting-invalid",
    `Invalid account SID: "${text}". Expected AC and 32 lower-case hex digits.`,
  );
}

/** @throws OffhookError `setting-invalid`. The message never has the file's content. */
export async function readAuthToken(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new OffhookError("setting-invalid", `The auth token file ${file} cannot be read.`, { cause });
  });
  const token = text.trim();
  if (/^[\x21-\x7e]{8,128}$/.test(token)) return token;
  throw new OffhookError(
    "setting-invalid",
    `The auth token file ${file} has no auth token. Expected one line of 8 to 128 characters.`,
  );
}

export function makeAuthToken(): string {
  return randomBytes(16).toString("hex");
}
