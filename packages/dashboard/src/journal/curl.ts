/**
 * An exchange as a curl command that sends the same request again.
 */
import type { Exchange } from "../api.ts";
import { fillMasks, readMasks, withPlainMasks } from "../mask.ts";

/** Headers that curl sets itself. */
const senders = new Set(["host", "connection", "content-length", "accept-encoding", "transfer-encoding", "keep-alive"]);

export interface CurlOptions {
  /** For the request as the command sends it. */
  readonly signature?: {
    readonly value: string;
    /** The parameter `bodySHA256` of the URL. */
    readonly bodyHash: string | undefined;
  };
  /** The file with the variables that the shell can load. */
  readonly variables?: { readonly file: string; readonly names: ReadonlySet<string> };
}

/** How a value is written at its place. */
type Spelling = "raw" | "url" | "json";

/**
 * Masked values never appear. The shell loads the values of variables from `.env`. Other secrets become shell variables:
 * if one is not set, the shell says so and sends nothing.
 * @param url the server's URL, without a slash at its end.
 */
export function curlCommand(
  { id, request, method }: Pick<Exchange, "id" | "request" | "method">,
  url: string,
  options: CurlOptions = {},
): string {
  const { body } = request;
  const { signature } = options;
  const target = signature === undefined ? request.target : withBodyHash(request.target, signature.bodyHash);
  const shell = (text: string, spelling: Spelling, name?: string): string =>
    withSecrets(text, (variable, before) =>
      valueFor({ id, options, variable, spelling, name: name ?? nameIn(before) }),
    );
  // Brackets and dots have a special meaning in curl.
  const asIs = [/[[\]{}]/.test(target) ? "--globoff " : "", /\/\.{1,2}(?:[/?]|$)/.test(target) ? "--path-as-is " : ""];
  const parts = [`curl ${asIs.join("")}${methodFlag(method)}${shell(`${url}${withPlainMasks(target)}`, "url")}`];
  for (const [name, value] of request.headers) {
    const lower = name.toLowerCase();
    if (senders.has(lower) || lower === "x-twilio-signature") continue;
    parts.push(`--header ${shell(value === "" ? `${name};` : `${name}: ${value}`, "raw", variableOf(name))}`);
  }
  if (signature !== undefined) parts.push(`--header ${quoted(`X-Twilio-Signature: ${signature.value}`)}`);
  const isReadable = body.encoding === "utf8" && !body.isCut && !body.text.includes("\0");
  const isFromPipe = body.encoding === "base64" && !body.isCut;
  if (body.bytes > 0) {
    if (isReadable) parts.push(`--data-raw ${dataOf(request, shell)}`);
    else parts.push(`--data-binary ${isFromPipe ? "@-" : "@body"}`);
  } else if (method === "POST") {
    parts.push("--data-raw ''");
  }
  const pipe = isFromPipe && body.bytes > 0 ? `printf %s ${quoted(body.text)} | base64 --decode | ` : "";
  return `${pipe}${parts.join(" \\\n  ")}\n`;
}

/** With `--request HEAD`, curl would wait for a body. */
function methodFlag(method: string): string {
  if (method === "HEAD") return "--head ";
  return method === "POST" ? "" : `--request ${quoted(method)} `;
}

function withBodyHash(target: string, hash: string | undefined): string {
  const [path = "", query = ""] = cut(target);
  const pairs = query.split("&").filter((pair) => pair !== "" && !pair.startsWith("bodySHA256="));
  if (hash !== undefined) pairs.push(`bodySHA256=${hash}`);
  return pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
}

function cut(target: string): string[] {
  const start = target.indexOf("?");
  return start === -1 ? [target] : [target.slice(0, start), target.slice(start + 1)];
}

function dataOf({ headers, body }: Exchange["request"], shell: (text: string, spelling: Spelling) => string): string {
  const type = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1].toLowerCase() ?? "";
  if (type.startsWith("application/x-www-form-urlencoded")) return shell(withPlainMasks(body.text), "url");
  return shell(body.text, isJson(body.text) ? "json" : "raw");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
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

/** @param valueOf returns what the shell replaces with the secret. It gets the text before the mask. */
function withSecrets(text: string, valueOf: (variable: string | undefined, before: string) => string): string {
  const masked = readMasks(text);
  if (masked.masks.length === 0) return quoted(text);
  const { literals, masks } = masked;
  const quotedLiterals = literals.map((literal) => (literal === "" ? "" : quoted(literal)));
  return fillMasks({ masks, literals: quotedLiterals }, (variable, index) => valueOf(variable, literals[index] ?? ""));
}

interface Secret {
  readonly id: string;
  readonly options: CurlOptions;
  readonly variable: string | undefined;
  readonly spelling: Spelling;
  /** Of the field. Callers choose it, so the shell variable has a prefix: it must not be one that the user has set. */
  readonly name: string;
}

function valueFor({ id, options: { variables }, variable, spelling, name }: Secret): string {
  if (variable === undefined || variables?.names.has(variable) !== true)
    return `"\${${variable === undefined ? `SENT_${name}` : variableOf(variable)}:?is a secret. Set it first, or run: offhook replay ${id}}"`;
  const value = /^[A-Za-z_]\w*$/.test(variable) ? `process.env.${variable}` : `process.env["${variable}"]`;
  const written = { raw: value, url: `encodeURIComponent(${value})`, json: `JSON.stringify(${value}).slice(1, -1)` };
  // A variable of the shell would take precedence over the file.
  return `"$(env -u ${variable} node --env-file=${quoted(variables.file)} --print ${quoted(written[spelling])})"`;
}

/** The name of the field, parameter or element that a mask is the value of. */
function nameIn(before: string): string {
  return variableOf(/([\w-]+)["']?\s*[=:>]\s*["']?$/.exec(before)?.[1] ?? "secret");
}

function variableOf(name: string): string {
  return name
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, "_")
    .replace(/^(?=\d)/, "_");
}
