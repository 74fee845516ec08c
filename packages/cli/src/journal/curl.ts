/**
 * An exchange as a shell command that asks the same again.
 */
import type { Exchange } from "@offhook/dashboard/api";

import { mask } from "./redaction.ts";

/** Told anew by whoever sends. */
const senders = new Set(["host", "connection", "content-length", "accept-encoding", "transfer-encoding", "keep-alive"]);

/**
 * What is masked becomes a shell variable, to be set by who runs it. A signature holds for one URL and one body, so it is left out.
 * @param url where the server is, without a slash at its end.
 */
export function curlCommand({ request, method }: Pick<Exchange, "request" | "method">, url: string): string {
  const parts = [`curl ${method === "POST" ? "" : `--request ${quoted(method)} `}${shell(`${url}${request.target}`)}`];
  for (const [name, value] of request.headers) {
    const lower = name.toLowerCase();
    if (senders.has(lower) || lower === "x-twilio-signature") continue;
    parts.push(`--header ${shell(`${name}: ${value}`, variableOf(name))}`);
  }
  const { body } = request;
  if (body.bytes > 0) {
    if (body.encoding === "base64" || body.isCut) parts.push("--data-binary @body");
    else parts.push(`--data-raw ${shell(body.text)}`);
  } else if (method === "POST") {
    parts.push("--data-raw ''");
  }
  return `${parts.join(" \\\n  ")}\n`;
}

/** In single quotes, in which a shell reads nothing but the next quote. */
function quoted(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** With each mask as a variable: `'a='"$SECRET"''`. */
function shell(text: string, variable = "SECRET"): string {
  const parts = text.replaceAll(encodeURIComponent(mask), mask).split(mask);
  return parts
    .map(
      (part, index) =>
        (part === "" && parts.length > 1 ? "" : quoted(part)) + (index < parts.length - 1 ? `"$${variable}"` : ""),
    )
    .join("");
}

function variableOf(header: string): string {
  return header.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
}
