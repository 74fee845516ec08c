/**
 * Signs a request as Twilio would. The token is used, but never shown.
 */
import { OffhookError } from "@offhook/runtime/offhook-error";
import { signRequest } from "@offhook/runtime/signature";

import type { TargetedRequest } from "./request.ts";

/** @throws OffhookError `signing-key-missing`, or `setting-invalid` for a form that cannot be signed. */
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
    throw new OffhookError(
      "setting-invalid",
      "--signed cannot sign this form. It has more than 1,000 parameters, or its text is invalid in its charset.",
    );
  return {
    ...request,
    target: made.url.slice(origin.length),
    headers: { ...headers, "x-twilio-signature": made.signature },
  };
}
