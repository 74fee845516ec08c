/**
 * The pages that only the author's browser gets, and the requests of their script. Loaded with the first page.
 *
 *     page ── GET /_offhook/changes ─▶ one event with the version now, one with each new version
 *          ── POST /_offhook/open ───▶ opens the dashboard or the editor
 */
import type { ServerResponse } from "node:http";
import type { Content, Refusal } from "../../gateway/development-hooks.ts";
import type { Exchange } from "../../gateway/exchange.ts";
import { announcedBodyBytes } from "../../gateway/limits.ts";
import type { FailedOutcome } from "../../pool/invocation.ts";
import type { Service } from "../../service.ts";
import type { AuthorTools } from "../author-tools.ts";
import { isFromOwnPage, isFromThisMachine, wantsPage } from "./author-browser.ts";
import { failurePage, type FailureFacts } from "./failure-page.ts";
import { PageSite } from "./page-site.ts";
import { refusalPage } from "./refusal-page.ts";

export interface AuthorPagesOptions {
  readonly service: () => Service;
  readonly publicUrl: () => string | undefined;
  /** Identifies the current version of the project. It is never the same in two processes. */
  readonly version: () => string;
  readonly tools: AuthorTools | undefined;
}

/** Each tab that is visible has one stream. */
const maxStreams = 50;
const retryMs = 500;

export class AuthorPages {
  readonly #options: AuthorPagesOptions;
  /** The oldest first. */
  readonly #streams = new Set<ServerResponse>();
  /** Whether a program is being started. Only one at a time is. */
  #isOpening = false;

  constructor(options: AuthorPagesOptions) {
    this.#options = options;
  }

  isFromAuthor({ request }: Exchange): boolean {
    return isFromThisMachine(request);
  }

  /** Whether the reply is a page in a tab, not data for a script. */
  fillsTab({ request }: Exchange): boolean {
    return wantsPage(request);
  }

  failure(exchange: Exchange, outcome: FailedOutcome, facts: FailureFacts): Content {
    return failurePage(exchange, outcome, facts, this.#site);
  }

  refusal(exchange: Exchange, refusal: Refusal): Content {
    return refusalPage(exchange, refusal, this.#site);
  }

  /** @returns false if the request is an ordinary one. */
  answer(exchange: Exchange): boolean {
    const { request, response, path } = exchange;
    if (!isFromThisMachine(request) || announcedBodyBytes(request) !== 0) return false;
    if (path === "/favicon.ico") return this.#answerIcon(exchange);
    if (!isFromOwnPage(request)) return false;
    if (path === "/_offhook/changes" && request.method === "GET") {
      this.#follow(response);
      return true;
    }
    // Only scripts of the same origin can send this header unasked.
    if (path !== "/_offhook/open" || request.method !== "POST" || request.headers["x-offhook-page"] === undefined) {
      return false;
    }
    void this.#open(new URLSearchParams(exchange.query)).then(
      () => reply(response, 204, ""),
      (error: unknown) => reply(response, 409, error instanceof Error ? error.message : String(error)),
    );
    return true;
  }

  /** Pages of the project that name no icon would fill the log with this request. */
  #answerIcon({ request, response }: Exchange): boolean {
    if (request.method !== "GET" || request.headers["sec-fetch-dest"] !== "image") return false;
    reply(response, 204, "");
    return true;
  }

  #follow(response: ServerResponse): void {
    const [oldest] = this.#streams;
    if (this.#streams.size >= maxStreams) oldest?.end();
    this.#streams.add(response);
    response.on("close", () => this.#streams.delete(response));
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(`retry: ${retryMs}\ndata: ${this.#options.version()}\n\n`);
  }

  /** There is a new version of the project. */
  announceChange(): void {
    for (const response of this.#streams) response.write(`data: ${this.#options.version()}\n\n`);
  }

  /** Ends all streams. The pages connect again, to the next version of the service. */
  close(): void {
    for (const response of this.#streams) response.end();
    this.#streams.clear();
  }

  async #open(asked: URLSearchParams): Promise<void> {
    const { tools } = this.#options;
    if (tools === undefined) throw new Error("There is no dashboard.");
    if (this.#isOpening) throw new Error("A program is being opened already. Try again in a moment.");
    this.#isOpening = true;
    try {
      const file = asked.get("file");
      if (file !== null) return await tools.openFile(file, Number(asked.get("line") ?? 1) || 1);
      await tools.openDashboard(safeHash(asked.get("hash") ?? ""));
    } finally {
      this.#isOpening = false;
    }
  }

  get #site(): PageSite {
    const { service, version, publicUrl, tools } = this.#options;
    return new PageSite(service(), version(), publicUrl(), tools);
  }
}

/** A shell may read the address that a browser is started with, so it has no other characters than these. */
function safeHash(hash: string): string {
  return /^#\/[\w/?=.~:-]{1,500}$/.test(hash) ? hash : "#/requests";
}

function reply(response: ServerResponse, status: number, text: string): void {
  if (response.destroyed) return;
  const length = text === "" ? {} : { "content-length": Buffer.byteLength(text) };
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", ...length });
  response.end(text);
}
