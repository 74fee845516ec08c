/**
 * Counts the bytes that the gateway holds for others: heads and bodies of requests, and replies in transit. Each of
 * them has its own limit, but there may be ten thousand at once. Together they have one limit. When it is reached, this
 * file decides which connections are cut and which requests are rejected.
 */
import type { ServerResponse } from "node:http";

import { noteGarbage } from "../garbage.ts";
import { freePages } from "../page-memory.ts";

/**
 * A body up to this size is small. Twilio's requests are far smaller. They get through even if large bodies fill the
 * rest.
 */
export const smallBytes = 65_536;

/** Small bodies may exceed the limit by this share. */
export const extraShare = 0.1;

/** Heads usually arrive in one piece. This share of the limit is enough for incomplete ones. */
const headShare = 1 / 8;

/** The same for requests that arrive before the reply to an earlier one. Each is more than a hundred small objects. */
const pipelinedShare = 1 / 8;

/** Memory that Node and Offhook need for a connection. It becomes garbage when the connection ends. */
const connectionBytes = 8_192;

/** The bytes that one connection holds. */
export interface Holder {
  /** Bytes of an incomplete head. */
  headBytes: number;
  /** Bytes of an incomplete body. */
  bodyBytes: number;
  /** Replies that the client has not read, and requests whose turn has not come. */
  unreadBytes: number;
  /** The part of `unreadBytes` that is requests. */
  pipelinedBytes: number;
  /** The connection was cut or is gone, and holds no more bytes. */
  isForgotten: boolean;
}

export interface Eviction {
  /** The oldest connection first. */
  holders(): Iterable<Holder>;
  /** Ends a connection whose client does not read. */
  cut(holder: Holder): void;
  /** Rejects the incomplete request. */
  refuse(holder: Holder): void;
}

export class HeldBytes {
  readonly #limitBytes: number;
  readonly #eviction: Eviction;
  #bytes = 0;
  #headBytes = 0;
  #pipelinedBytes = 0;

  constructor(limitBytes: number, eviction: Eviction) {
    this.#limitBytes = limitBytes;
    this.#eviction = eviction;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether so many bytes are held that additional garbage matters. */
  get isTight(): boolean {
    return this.#bytes > this.#limitBytes / 16;
  }

  /**
   * More of a body has arrived. To make room for a small body, unread replies are cut, then the oldest incomplete
   * requests are rejected.
   * @param bodyBytes the size of the body so far, including the new bytes.
   * @returns false if there is no room. The new bytes are not held then.
   */
  holdBody(holder: Holder, bytes: number, bodyBytes: number): boolean {
    if (holder.isForgotten) return false;
    const isSmall = bodyBytes <= smallBytes;
    if (!isSmall && this.#bytes + bytes > this.#limitBytes) return false;
    if (isSmall && !this.#makeRoom(bytes, holder)) return false;
    this.#bytes += bytes;
    holder.bodyBytes += bytes;
    return true;
  }

  releaseBody(holder: Holder, bytes: number): void {
    if (holder.isForgotten) return;
    holder.bodyBytes -= bytes;
    this.#bytes -= bytes;
  }

  /** The body is complete. From now on the invocation holds it, until `release`. */
  keepBody(holder: Holder, bytes: number): void {
    if (holder.isForgotten) this.#bytes += bytes;
    else holder.bodyBytes -= bytes;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** More of a head has arrived, and it is not complete yet. */
  holdHead(holder: Holder, bytes: number): void {
    if (holder.isForgotten) return;
    this.#bytes += bytes;
    this.#headBytes += bytes;
    holder.headBytes += bytes;
    const limitBytes = this.#limitBytes * headShare;
    if (this.#headBytes > limitBytes) {
      for (const other of this.#eviction.holders()) {
        if (this.#headBytes <= limitBytes / 2) break;
        if (other.headBytes > 0) this.#eviction.refuse(other);
      }
    }
    this.#makeRoom(0, holder);
  }

  releaseHead(holder: Holder): void {
    if (holder.isForgotten) return;
    this.#bytes -= holder.headBytes;
    this.#headBytes -= holder.headBytes;
    holder.headBytes = 0;
  }

  /**
   * Holds a reply until the kernel has it, or until the connection ends. If there is no room, others' unread replies
   * are cut.
   * @param body its memory is freed at that time.
   */
  holdReply(holder: Holder, response: ServerResponse, bytes: number, body?: Uint8Array): void {
    // At `close`, the kernel has the body, or will never get it.
    if (body !== undefined) response.once("close", () => freePages(body));
    if (holder.isForgotten) return;
    this.#holdUnread(holder, response, bytes);
    if (this.#bytes > this.#limitBytes) this.#cutUnread(holder);
    if (!this.#makeRoom(0, holder)) this.#eviction.cut(holder);
  }

  /** Holds a request that arrived before the reply to an earlier one was out. Connections with most of them are cut. */
  holdPipelined(holder: Holder, response: ServerResponse, bytes: number): void {
    if (holder.isForgotten) return;
    this.#holdUnread(holder, response, bytes);
    this.#pipelinedBytes += bytes;
    holder.pipelinedBytes += bytes;
    response.once("close", () => {
      if (holder.isForgotten) return;
      this.#pipelinedBytes -= bytes;
      holder.pipelinedBytes -= bytes;
    });
    if (this.#pipelinedBytes > this.#limitBytes * pipelinedShare) this.#cutPipelined();
    if (!this.#makeRoom(0, undefined)) this.#eviction.cut(holder);
  }

  /** The connection has closed, or is being closed. */
  forget(holder: Holder): void {
    this.releaseHead(holder);
    if (holder.isForgotten) return;
    this.#bytes -= holder.bodyBytes + holder.unreadBytes;
    this.#pipelinedBytes -= holder.pipelinedBytes;
    noteGarbage(holder.unreadBytes + connectionBytes);
    holder.bodyBytes = holder.unreadBytes = holder.pipelinedBytes = 0;
    holder.isForgotten = true;
  }

  #holdUnread(holder: Holder, response: ServerResponse, bytes: number): void {
    this.#bytes += bytes;
    holder.unreadBytes += bytes;
    response.once("close", () => {
      if (holder.isForgotten) return;
      noteGarbage(bytes);
      holder.unreadBytes -= bytes;
      this.#bytes -= bytes;
    });
  }

  /** @returns whether so many more bytes fit into the limit plus the extra share for small bodies. */
  #makeRoom(bytes: number, asker: Holder | undefined): boolean {
    const maxBytes = this.#limitBytes * (1 + extraShare) - bytes;
    if (this.#bytes <= maxBytes) return true;
    this.#cutUnread(asker);
    if (this.#bytes > maxBytes) this.#refuseIncomplete(asker);
    return this.#bytes <= maxBytes;
  }

  /**
   * Cuts connections, those with most unread bytes first. It goes down to the limit itself, so that this walk is rare.
   */
  #cutUnread(asker: Holder | undefined): void {
    const unread = [...this.#eviction.holders()].filter((holder) => holder !== asker && holder.unreadBytes > 0);
    // The sort is stable: with equal bytes, the older connection is cut first.
    unread.sort((one, other) => other.unreadBytes - one.unreadBytes);
    for (const holder of unread) {
      if (this.#bytes <= this.#limitBytes) return;
      this.#eviction.cut(holder);
    }
  }

  /** Cuts connections until half of the limit is free, so that this walk is rare. */
  #cutPipelined(): void {
    const pipelining = [...this.#eviction.holders()].filter(({ pipelinedBytes }) => pipelinedBytes > 0);
    pipelining.sort((one, other) => other.pipelinedBytes - one.pipelinedBytes);
    for (const holder of pipelining) {
      if (this.#pipelinedBytes <= (this.#limitBytes * pipelinedShare) / 2) return;
      this.#eviction.cut(holder);
    }
  }

  #refuseIncomplete(asker: Holder | undefined): void {
    for (const holder of this.#eviction.holders()) {
      if (this.#bytes <= this.#limitBytes) return;
      if (holder !== asker && holder.bodyBytes + holder.headBytes > 0) this.#eviction.refuse(holder);
    }
  }
}
