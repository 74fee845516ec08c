/**
 * An earlier request that can be sent again.
 */
import type { Exchange, Header } from "../api.ts";

import type { TargetedRequest } from "../webhook/request.ts";
import { ApiError } from "./api-answer.ts";
import { filledFromVariables } from "./secret-filler.ts";

/** A request as it arrived, including its secrets. Only the latest requests are kept, and only in memory. */
export interface Original {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

/** Headers that describe the connection or the sent body. They are computed again. */
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
 * Takes a request from the journal. Its variables are filled in. Headers with other secrets are left out.
 * @throws ApiError `not-kept` if the target or the body has other secrets, or was cut off.
 */
export function originalOf(exchange: Exchange, variables: Readonly<Record<string, string>>): Original {
  const { body } = exchange.request;
  if (body.isCut) throw new ApiError(409, "not-kept", "The body of the request was too long to keep.");
  const { target, headers, text } = filledFromVariables(exchange.request, variables);
  return { method: exchange.method, target, headers, body: Buffer.from(text, body.encoding) };
}

/** The request to send, without the headers of its old connection. A signature in it is still the old one. */
export function requestOf({ method, target, headers, body }: Original, host: string): TargetedRequest {
  const kept = headers.filter(([name]) => !notRepeated.has(name.toLowerCase()));
  return { method, query: "", target, headers: { ...joined(kept), host }, body: Buffer.from(body) };
}

/** Names in lower case, as signing requires. Values of a repeated name are joined to a list. */
function joined(headers: readonly Header[]): Record<string, string> {
  const made = new Map<string, string>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    const before = made.get(lower);
    made.set(lower, before === undefined ? value : `${before}${lower === "cookie" ? "; " : ", "}${value}`);
  }
  return Object.fromEntries(made);
}
