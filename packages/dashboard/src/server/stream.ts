/**
 * Sends events to the open pages as server-sent events.
 */
import type { ServerResponse } from "node:http";

import type { StreamEvent } from "../api.ts";

/** A page with more unread bytes is disconnected. It reconnects and loads what it missed. */
const maxUnreadBytes = 1_048_576;
const maxPages = 20;
/** The longest silence. Without it, a laptop that wakes from sleep would not notice that the connection is dead. */
const heartbeatMs = 15_000;

export class Stream {
  readonly #pages = new Set<ServerResponse>();
  #heartbeat: NodeJS.Timeout | undefined;

  get hasReaders(): boolean {
    return this.#pages.size > 0;
  }

  open(response: ServerResponse): void {
    response.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-accel-buffering": "no",
    });
    response.write("retry: 500\n\n");
    const [oldest] = this.#pages;
    if (this.#pages.size >= maxPages && oldest !== undefined) this.#close(oldest);
    this.#pages.add(response);
    response.on("close", () => this.#close(response));
    response.on("error", () => this.#close(response));
    this.#heartbeat ??= setInterval(() => this.#write(":\n\n"), heartbeatMs).unref();
  }

  send(event: StreamEvent): void {
    if (this.#pages.size === 0) return;
    this.#write(`event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  /** Disconnects all pages. Open pages then try to reconnect. */
  stop(): void {
    for (const page of this.#pages) this.#close(page);
  }

  #write(text: string): void {
    for (const page of this.#pages) {
      if (page.writableLength > maxUnreadBytes) this.#close(page);
      else page.write(text);
    }
  }

  #close(page: ServerResponse): void {
    if (!this.#pages.delete(page)) return;
    page.end();
    page.socket?.destroySoon();
    if (this.#pages.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }
}
