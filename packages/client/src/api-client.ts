/** A client of the API that `offhook serve` has: Twilio's Serverless API. */
import { setTimeout as sleep } from "node:timers/promises";
import { OffhookError } from "@offhook/runtime/offhook-error";
import type { Profile } from "./profile.ts";

/** A row of the API. All of its fields are text, null, lists or objects. */
export type ApiRecord = Readonly<Record<string, unknown>>;

export type ApiFields = Readonly<Record<string, string | readonly string[]>>;

const maxAtOnce = 10;
const maxAttempts = 5;
/** For each request, in milliseconds. A deployment waits until its functions are loaded. */
const timeoutMs = 120_000;
/** The longest wait between two attempts, in seconds. */
const maxWait = 60;
const pageSize = 1000;

/** All methods throw OffhookError `deployment-failed` with the server's own words. */
export class ApiClient {
  readonly #profile: Profile;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  /** Without a path: `https://api.example.com`. */
  get url(): string {
    return this.#profile.url;
  }

  async get(path: string): Promise<ApiRecord> {
    return await this.#ask("GET", path);
  }

  /** @returns undefined if the server does not have it. */
  async find(path: string): Promise<ApiRecord | undefined> {
    const { status, body } = await this.#send("GET", path);
    return status === 404 ? undefined : this.#accept("GET", path, status, body);
  }

  async post(path: string, fields: ApiFields): Promise<ApiRecord> {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) {
      for (const each of typeof value === "string" ? [value] : value) form.append(name, each);
    }
    return await this.#ask("POST", path, form);
  }

  async upload(path: string, form: FormData): Promise<ApiRecord> {
    return await this.#ask("POST", path, form);
  }

  async delete(path: string): Promise<void> {
    await this.#ask("DELETE", path);
  }

  /** All pages of a list. @param key the name of the list in each page. */
  async list(path: string, key: string): Promise<ApiRecord[]> {
    const rows: ApiRecord[] = [];
    let next: string | undefined = `${path}?PageSize=${pageSize}`;
    while (next !== undefined) {
      const page: ApiRecord = await this.get(next);
      rows.push(...((page[key] ?? []) as ApiRecord[]));
      next = nextPageOf(page);
    }
    return rows;
  }

  async #ask(method: string, path: string, body?: URLSearchParams | FormData): Promise<ApiRecord> {
    const reply = await this.#send(method, path, body);
    return this.#accept(method, path, reply.status, reply.body);
  }

  #accept(method: string, path: string, status: number, body: ApiRecord): ApiRecord {
    if (status < 300) return body;
    const message = textOf(body, "message") || `${this.url} answers ${method} ${path} with the status ${status}.`;
    throw new OffhookError("deployment-failed", message);
  }

  async #send(
    method: string,
    path: string,
    body?: URLSearchParams | FormData,
  ): Promise<{ readonly status: number; readonly body: ApiRecord }> {
    await this.#enter();
    try {
      for (let attempt = 1; ; attempt++) {
        const response = await this.#try(method, path, body, attempt);
        if (response === undefined) continue;
        const isBusy = response.status === 429 || response.status === 503;
        if (isBusy && attempt < maxAttempts) {
          await response.body?.cancel();
          await sleep(waitOf(response.headers.get("retry-after"), attempt));
          continue;
        }
        const text = await response.text();
        return { status: response.status, body: parse(text) };
      }
    } finally {
      this.#leave();
    }
  }

  /** @returns undefined if there was no answer, and the request may be repeated. */
  async #try(
    method: string,
    path: string,
    body: URLSearchParams | FormData | undefined,
    attempt: number,
  ): Promise<Response | undefined> {
    const { url, key, secret } = this.#profile;
    try {
      return await fetch(url + path, {
        method,
        ...(body !== undefined && { body }),
        headers: { authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}` },
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      // The server may have handled a POST, and would do it twice.
      if (method === "GET" && attempt < maxAttempts) {
        await sleep(waitOf(null, attempt));
        return undefined;
      }
      const { cause, message } = error as Error & { cause?: Error };
      throw new OffhookError("deployment-failed", `${url} cannot be reached. ${cause?.message || message}`);
    }
  }

  async #enter(): Promise<void> {
    if (this.#running >= maxAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
  }

  /** The place goes to the request that has waited longest. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}

/** The text in a field of a record. Empty if it has none. */
export function textOf(record: ApiRecord, key: string): string {
  const value = record[key];
  return typeof value === "string" ? value : "";
}

/** In milliseconds. The header has seconds. */
function waitOf(header: string | null, attempt: number): number {
  const asked = header === null ? Number.NaN : Number(header);
  const seconds = asked >= 0 ? asked : 2 ** (attempt - 3);
  return Math.min(seconds, maxWait) * 1000;
}

/** Only the path and the query count, so that the key goes to no other server. */
function nextPageOf(page: ApiRecord): string | undefined {
  const { next_page_url: next } = (page["meta"] ?? {}) as { next_page_url?: string | null };
  const url = typeof next === "string" ? URL.parse(next) : null;
  return url === null ? undefined : url.pathname + url.search;
}

function parse(text: string): ApiRecord {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as ApiRecord) : {};
  } catch {
    // The answer of a proxy, or none.
    return {};
  }
}
