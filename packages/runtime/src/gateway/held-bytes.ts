/**
 * How much of other people's data the gateway holds at once: heads and bodies on their way in, replies on their way out. Each
 * has a limit of its own, but there may be ten thousand of them. Together they are held to one bound; this file decides who
 * gives way where it is reached.
 */
import type { ServerResponse } from "node:http";

import { noteGarbage } from "../garbage.ts";
import { freePages } from "../page-memory.ts";

/** Up to here a body counts as small. What Twilio sends is far smaller. It gets through even when large bodies fill the rest. */
export const smallBytes = 65_536;

/** What is small may use so much more than the bound. */
export const extraShare = 0.1;

/** Heads usually come in one piece: this part of the bound is plenty for those that do not. */
const headShare = 1 / 8;

/** The same for requests that are sent before the replies to earlier ones. Each is a hundred small objects and more. */
const pipelinedShare = 1 / 8;

/** What Node and we need for a connection, which is garbage when it ends. */
const connectionBytes = 8_192;

/** What one connection holds. */
export interface Holder {
  /** Of a request whose head is not complete. */
  headBytes: number;
  /** Of a request whose body is not complete. */
  bodyBytes: number;
  /** Replies that the client has not read, and requests whose turn has not come. */
  unreadBytes: number;
  /** What of that is requests. */
  pipelinedBytes: number;
  /** Set when it was made to give way, or is gone: it holds nothing any more. */
  isForgotten: boolean;
}

export interface Eviction {
  /** The oldest connection first. */
  holders(): Iterable<Holder>;
  /** Ends a connection whose client does not read. */
  cut(holder: Holder): void;
  /** Refuses the request that is not complete. */
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

  /** Whether so much is held that garbage beside it would matter. */
  get isTight(): boolean {
    return this.#bytes > this.#limitBytes / 16;
  }

  /**
   * More of a body has arrived. A small one makes unread replies give way, then the oldest incomplete requests.
   * @param bodyBytes what there is of it now, with the new bytes.
   * @returns false where there is no room for it: nothing is held then.
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

  /** The body is complete: from now on its invocation holds it, until `release`. */
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
   * A reply that is not yet with the kernel: held until it is, or until the connection ends. Unread replies of others give way.
   * @param body its memory is given back then.
   */
  holdReply(holder: Holder, response: ServerResponse, bytes: number, body?: Uint8Array): void {
    // By then the kernel has it, or never will.
    if (body !== undefined) response.once("close", () => freePages(body));
    if (holder.isForgotten) return;
    this.#holdUnread(holder, response, bytes);
    if (this.#bytes > this.#limitBytes) this.#cutUnread(holder);
    if (!this.#makeRoom(0, holder)) this.#eviction.cut(holder);
  }

  /** A request that has come before the reply to an earlier one is out. The connections with most of them give way. */
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

  /** The connection is gone, or is being ended. */
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

  /** @returns whether so many bytes more are within the bound and what is small may use beyond it. */
  #makeRoom(bytes: number, asker: Holder | undefined): boolean {
    const maxBytes = this.#limitBytes * (1 + extraShare) - bytes;
    if (this.#bytes <= maxBytes) return true;
    this.#cutUnread(asker);
    if (this.#bytes > maxBytes) this.#refuseIncomplete(asker);
    return this.#bytes <= maxBytes;
  }

  /** Those of whose replies most is unread. As far as the bound itself, so that the walk over all connections is rare. */
  #cutUnread(asker: Holder | undefined): void {
    const unread = [...this.#eviction.holders()].filter((holder) => holder !== asker && holder.unreadBytes > 0);
    // Stable: of two with the same, the older connection goes first.
    unread.sort((one, other) => other.unreadBytes - one.unreadBytes);
    for (const holder of unread) {
      if (this.#bytes <= this.#limitBytes) return;
      this.#eviction.cut(holder);
    }
  }

  /** To half of what they may have, so that it is rare. */
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
