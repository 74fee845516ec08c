/**
 * Builds the request to send from the options of `invoke`.
 */
import { readFileSync } from "node:fs";
import { extname } from "node:path";

import { OffhookError } from "@offhook/runtime/offhook-error";

import { printable } from "@offhook/runtime/internal/printable";
import type { Pair, Webhook } from "./webhook.ts";
import type { WebhookName } from "./webhook-names.ts";

export interface RequestOptions {
  readonly data: readonly string[];
  readonly "json-data": string | undefined;
  readonly body: string | undefined;
  readonly method: "GET" | "POST" | "HEAD" | "OPTIONS" | undefined;
  readonly header: readonly string[];
  readonly as: WebhookName | undefined;
}

export interface InvokeRequest {
  readonly method: string;
  /** Without the question mark. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface TargetedRequest extends InvokeRequest {
  /** Path and query. */
  readonly target: string;
}

const form = "application/x-www-form-urlencoded";
const nothing = Buffer.alloc(0);

/**
 * @param query the query of the path on the command line.
 * @param makeWebhook called if `--as` is set.
 * @throws OffhookError `setting-invalid`, `file-unreadable`.
 */
export async function requestOf(
  options: RequestOptions,
  query: string,
  makeWebhook: (name: WebhookName, overrides: readonly Pair[]) => Promise<Webhook>,
): Promise<InvokeRequest> {
  const { as } = options;
  refuseMixture(options);
  const pairs = options.data.map(pairOf);
  const raw = bodyOf(options);
  const webhook = as === undefined ? undefined : await makeWebhook(as, pairs);
  const parameters = new URLSearchParams(
    (webhook?.parameters ?? pairs).map(([name, value]): [string, string] => [name, value]),
  ).toString();
  const method = options.method ?? (raw !== undefined || webhook !== undefined || pairs.length > 0 ? "POST" : "GET");
  if (method !== "POST" && raw !== undefined)
    throw invalid(`A ${method} request cannot have a body. Use --method POST.`);

  const webhookHeaders = webhook?.headers ?? [];
  const added = options.header.map(headerOf);
  if (method !== "POST") {
    const all = [query, parameters].filter((each) => each !== "").join("&");
    const headers = webhookHeaders.filter(([name]) => name !== "content-type");
    return { method, query: all, headers: headersOf([...headers, ...added]), body: nothing };
  }
  const body = raw?.body ?? Buffer.from(parameters);
  const usual: Pair[] = body.length === 0 ? [] : [["content-type", raw?.type ?? form]];
  return { method, query, headers: headersOf([...usual, ...webhookHeaders, ...added]), body };
}

function refuseMixture(options: RequestOptions): void {
  const bodies = [
    ["--data", options.data.length > 0],
    ["--json-data", options["json-data"] !== undefined],
    ["--body", options.body !== undefined],
  ] as const;
  const givenNames = bodies.filter(([, isGiven]) => isGiven).map(([name]) => name);
  if (givenNames.length > 1) throw invalid(`${givenNames.join(" and ")} cannot be combined. A request has one body.`);
  if (options.as !== undefined && givenNames.some((name) => name !== "--data")) {
    throw invalid(`${givenNames.join()} cannot be combined with --as. Set a webhook's parameters with --data.`);
  }
}

function pairOf(text: string): Pair {
  const at = text.indexOf("=");
  if (at < 1) throw invalid(`Invalid value for --data: "${printable(text)}". Expected name=value.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function headerOf(text: string): Pair {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([^\0\r\n]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    // The text after the colon may be a secret. Without a colon, the whole text may be one.
    const shown = text.includes(":") ? `: "${printable(text.slice(0, text.indexOf(":")))}: …"` : ", without a colon";
    throw invalid(`Invalid value for --header${shown}. Expected "name: value".`);
  }
  if (/[^\t\x20-\xFF]/.test(value))
    throw invalid(`Invalid value for --header: "${name}: …". It has characters that are invalid in a header.`);
  return [name.toLowerCase(), value];
}

/** The last header of a name wins, so options override the headers of the webhook. */
function headersOf(pairs: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(pairs);
}

interface RawBody {
  readonly body: Buffer;
  readonly type: string;
}

function bodyOf({ "json-data": json, body: text }: RequestOptions): RawBody | undefined {
  if (json !== undefined) {
    try {
      JSON.parse(json);
    } catch (error) {
      throw invalid(`Invalid value for --json-data. Expected JSON: ${(error as Error).message}`);
    }
    return { body: Buffer.from(json), type: "application/json" };
  }
  if (text === undefined) return undefined;
  if (!text.startsWith("@")) return { body: Buffer.from(text), type: "text/plain; charset=utf-8" };
  const file = text.slice(1);
  return { body: readBody(file), type: types[extname(file).toLowerCase()] ?? "application/octet-stream" };
}

const types: Readonly<Record<string, string>> = {
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
  ".xml": "text/xml",
};

function readBody(file: string): Buffer {
  try {
    return readFileSync(file === "-" ? 0 : file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OffhookError("file-unreadable", `${file} (--body, ${code})`, { cause: error });
  }
}

function invalid(detail: string): OffhookError {
  return new OffhookError("setting-invalid", detail);
}
