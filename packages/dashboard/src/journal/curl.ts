/**
 * An exchange as a shell command that asks the same again.
 */
import type { Exchange } from "../api.ts";

import { mask } from "./redaction.ts";

/** Told anew by whoever sends. */
const senders = new Set(["host", "connection", "content-length", "accept-encoding", "transfer-encoding", "keep-alive"]);

/**
 * What is masked becomes a shell variable, to be set by who runs it. A signature holds for one URL and one body, so it is left out.
 * @param url where the server is, without a slash at its end.
 */
export function curlCommand({ request, method }: Pick<Exchange, "request" | "method">, url: string): string {
  const { target } = request;
  // Brackets and dots have a meaning of their own to curl.
  const asIs = [/[[\]{}]/.test(target) ? "--globoff " : "", /\/\.{1,2}(?:[/?]|$)/.test(target) ? "--path-as-is " : ""];
  const asked = method === "POST" ? "" : `--request ${quoted(method)} `;
  const parts = [`curl ${asIs.join("")}${asked}${shell(`${url}${target}`)}`];
  for (const [name, value] of request.headers) {
    const lower = name.toLowerCase();
    if (senders.has(lower) || lower === "x-twilio-signature") continue;
    parts.push(`--header ${shell(value === "" ? `${name};` : `${name}: ${value}`, variableOf(name))}`);
  }
  const { body } = request;
  if (body.bytes > 0) {
    if (body.encoding === "base64" || body.isCut || body.text.includes("\0")) parts.push("--data-binary @body");
    else parts.push(`--data-raw ${shell(body.text)}`);
  } else if (method === "POST") {
    parts.push("--data-raw ''");
  }
  return `${parts.join(" \\\n  ")}\n`;
}

/**
 * In single quotes, in which a shell reads nothing but the next quote. A terminal reads more: what is pasted there must not hold the
 * sequence that ends pasting, so control characters are escaped, as bash, zsh and ksh do.
 */
function quoted(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  if (/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(text)) {
    // oxlint-disable-next-line no-control-regex -- and these as well
    const escaped = text.replace(/[\\'\u0000-\u001f\u007f-\u009f]/g, escapeOf);
    return `$'${escaped}'`;
  }
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Byte by byte: of all notations all shells know this one. */
function escapeOf(character: string): string {
  if (character === "'" || character === "\\") return `\\${character}`;
  return [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
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
