/**
 * A request becomes one that Twilio might have sent. The token is used and never shown.
 */
import { OffhookError } from "@offhook/runtime/offhook-error";
import { signRequest } from "@offhook/runtime/signature";

import type { TargetedRequest } from "./request.ts";

/** @throws OffhookError `signing-key-missing`, `setting-invalid` for more parameters than are checked. */
export function signed(
  request: TargetedRequest,
  publicUrl: string | undefined,
  authToken: string | undefined,
): TargetedRequest {
  if (authToken === undefined || authToken === "") throw new OffhookError("signing-key-missing", ".env");
  const { target, headers, body } = request;
  const origin = (publicUrl ?? `http://${headers["host"]}`).replace(/\/$/, "");
  const url = origin + target;
  const made = signRequest({ url, contentType: headers["content-type"], body }, authToken);
  if (made === undefined)
    throw new OffhookError("setting-invalid", "--signed: a form of so many parameters has no signature");
  return {
    ...request,
    target: made.url.slice(origin.length),
    headers: { ...headers, "x-twilio-signature": made.signature },
  };
}
