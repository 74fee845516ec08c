import type { Exchange } from "@offhook/dashboard/api";

import { mask } from "../journal/redaction.ts";
import { ApiError } from "./api-answer.ts";
import type { Original } from "./recorder.ts";

/**
 * A request as the journal has it: without its secrets. Headers that were one are left out.
 * @throws ApiError `not-kept` where what is masked or cut off is of the request itself.
 */
export function originalOf(exchange: Exchange | undefined): Original | undefined {
  if (exchange === undefined) return undefined;
  const { method, request } = exchange;
  const { target, body } = request;
  if (body.isCut) throw new ApiError(409, "not-kept", "Its body was too long to be kept whole.");
  if ([target, body.text].some((text) => text.includes(mask) || text.includes(encodeURIComponent(mask)))) {
    throw new ApiError(
      409,
      "not-kept",
      "There were secrets in it, which are not kept beyond the run in which it came.",
    );
  }
  const headers = request.headers.filter(
    ([name, value]) => !value.includes(mask) || name.toLowerCase() === "x-twilio-signature",
  );
  return { method, target, headers, body: Buffer.from(body.text, body.encoding) };
}
