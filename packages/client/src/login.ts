/** Tries a key with one request, before it is stored. */
import { OffhookError } from "@offhook/runtime/offhook-error";
import type { Profile } from "./profile.ts";

const timeoutMs = 15_000;

/** @throws OffhookError `login-refused` with the server's own words, or why it cannot be reached. */
export async function tryLogin({ url, key, secret }: Profile): Promise<void> {
  const response = await fetch(`${url}/v1/Services?PageSize=1`, {
    headers: { authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}` },
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    const { cause } = error as { cause?: Error };
    throw new OffhookError("login-refused", `${url} cannot be reached. ${cause?.message ?? (error as Error).message}`);
  });
  if (response.ok) return;
  const { message } = (await response.json().catch(() => ({}))) as { message?: string };
  throw new OffhookError("login-refused", message ?? `${url} answers with status ${response.status}.`);
}
