/**
 * A request that has been, and is to be sent again.
 */
import type { Exchange, Header } from "../api.ts";

import type { TargetedRequest } from "../webhook/request.ts";
import { mask } from "../journal/redaction.ts";
import { ApiError } from "./api-answer.ts";

/** A request as it came, with its secrets: for sending it again. In memory, and of the last ones only. */
export interface Original {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

/** About the connection, or the body as it was then: made anew. */
const notRepeated = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "keep-alive",
  "expect",
  "upgrade",
  "te",
  "trailer",
  "proxy-connection",
]);

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

/** As it is sent: without what was about its connection. A signature among its headers is of then. */
export function requestOf({ method, target, headers, body }: Original, host: string): TargetedRequest {
  const kept = headers.filter(([name]) => !notRepeated.has(name.toLowerCase()));
  return { method, query: "", target, headers: { ...joined(kept), host }, body: Buffer.from(body) };
}

/** Names in lower case, as signing wants them; what comes twice is a list. */
function joined(headers: readonly Header[]): Record<string, string> {
  const made = new Map<string, string>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    const before = made.get(lower);
    made.set(lower, before === undefined ? value : `${before}${lower === "cookie" ? "; " : ", "}${value}`);
  }
  return Object.fromEntries(made);
}
