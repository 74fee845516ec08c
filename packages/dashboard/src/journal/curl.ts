/**
 * An exchange as a curl command that sends the same request again.
 */
import type { Exchange } from "../api.ts";

import { mask } from "../mask.ts";

/** Headers that curl sets itself. */
const senders = new Set(["host", "connection", "content-length", "accept-encoding", "transfer-encoding", "keep-alive"]);

/**
 * Masked values become shell variables that the user sets. A signature is valid for one URL and one body, so it is left
 * out.
 * @param url the server's URL, without a slash at its end.
 */
export function curlCommand({ request, method }: Pick<Exchange, "request" | "method">, url: string): string {
  const { target } = request;
  // Brackets and dots have a special meaning in curl.
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
 * Puts the text in single quotes, where a shell interprets nothing but the next quote. Terminals interpret more: pasted
 * text must not contain the sequence that ends pasting. So control characters are escaped in a way that bash, zsh and
 * ksh understand.
 */
function quoted(text: string): string {
  // oxlint-disable-next-line no-control-regex -- it looks for control characters
  if (/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(text)) {
    // oxlint-disable-next-line no-control-regex -- it looks for control characters
    const escaped = text.replace(/[\\'\u0000-\u001f\u007f-\u009f]/g, escapeOf);
    return `$'${escaped}'`;
  }
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Escapes each byte in octal, the one notation that all shells know. */
function escapeOf(character: string): string {
  if (character === "'" || character === "\\") return `\\${character}`;
  return [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}

/** Quotes a text and writes each mask as a variable: `'a='"$SECRET"''`. */
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
