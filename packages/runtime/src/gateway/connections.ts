/**
 * The clients' connections. This file limits their number, closes idle ones when there are too many, cuts clients that
 * stop reading their replies, and notices clients that disconnect while their invocation runs.
 */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { notices } from "../observe/channels.ts";
import type { Connection, Exchange } from "./exchange.ts";
import { HeldBytes } from "./held-bytes.ts";
import { isLingering } from "./lingering-close.ts";
import { dueReply, refuseRaw } from "./malformed.ts";
import { CountReporter } from "./count-reporter.ts";

export interface ConnectionLimits {
  /** Bytes of requests and replies that all connections together may hold. `Infinity` for no limit. */
  readonly heldBytes: number;
  /** The maximum number of connections. `Infinity` for no limit. */
  readonly count: number;
  /** How long a reply may make no progress. */
  readonly writeMs: number;
  /** How often the server checks whether a client that has closed its sending half is still there. */
  readonly probeMs: number;
}

/**
 * After this many checks without progress, a reply is stalled. Checks are counted, so that a delayed gateway cuts
 * nobody.
 */
const maxStalledChecks = 4;

/**
 * A search for an idle connection visits all of them. After one without a result, the next waits at least this long.
 */
const searchEveryMs = 100;

export class Connections {
  readonly held: HeldBytes;
  readonly #limits: ConnectionLimits;
  /** The oldest first. */
  readonly #all = new Map<Socket, Connection>();
  readonly #turnedAway = new CountReporter((count) => {
    const message = `${connectionsText(count, "connection was", "connections were")} rejected: the limit is ${this.#limits.count}`;
    notices.publish({ level: "warn", code: "too-many-connections", message });
  });
  readonly #cut = new CountReporter((count) => {
    const message = `${connectionsText(count, "connection was", "connections were")} cut: there was no more room for unread replies`;
    notices.publish({ level: "warn", code: "reply-not-read", message });
  });
  #searchedInVainAt = -Infinity;
  #watch: NodeJS.Timeout | undefined;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
    this.held = new HeldBytes(limits.heldBytes, {
      holders: () => this.#all.values(),
      cut: (holder) => this.#cutUnread(holder as Connection),
      refuse: (holder) => this.#refuseIncomplete(holder as Connection),
    });
  }

  get size(): number {
    return this.#all.size;
  }

  get sockets(): IterableIterator<Socket> {
    return this.#all.keys();
  }

  add(socket: Socket): void {
    if (this.#all.size >= this.#limits.count && !this.#makeRoom()) {
      socket.destroy();
      this.#turnedAway.add();
      return;
    }
    const connection: Connection = {
      socket,
      headBytes: 0,
      bodyBytes: 0,
      unreadBytes: 0,
      pipelinedBytes: 0,
      isForgotten: false,
      hasProgress: false,
      progressAtBytes: 0,
      refuseBody: undefined,
      onGone: undefined,
      waiting: [],
      isGivenUp: false,
      sentBytes: 0,
      stalledChecks: 0,
      probe: undefined,
    };
    this.#all.set(socket, connection);
    onEachRead(socket, () => this.#onRead(connection));
    socket.once("end", () => this.#onEnd(connection));
    socket.once("close", () => this.#onClose(connection));
    this.#watch ??= setInterval(() => this.#check(), this.#limits.writeMs / maxStalledChecks).unref();
  }

  /** Call it when no more connections will come. */
  end(): void {
    this.#turnedAway.end();
    this.#cut.end();
  }

  /** The connection of a request. */
  of(socket: Socket): Connection | undefined {
    return this.#all.get(socket);
  }

  /** Closes the oldest connection without a pending reply. The keep-alive timeout would have closed it later. */
  #makeRoom(): boolean {
    const now = performance.now();
    if (now - this.#searchedInVainAt < searchEveryMs) return false;
    for (const socket of this.#all.keys()) {
      if (dueReply(socket) !== undefined) continue;
      socket.destroy();
      return true;
    }
    this.#searchedInVainAt = now;
    return false;
  }

  /** There is no more room for replies that the client does not read. */
  #cutUnread(connection: Connection): void {
    this.held.forget(connection);
    connection.socket.destroy();
    this.#cut.add();
  }

  /** There is no more room for an incomplete request. */
  #refuseIncomplete(connection: Connection): void {
    const { socket, refuseBody } = connection;
    this.held.releaseHead(connection);
    if (refuseBody !== undefined) refuseBody();
    else if (dueReply(socket) === undefined) refuseRaw(socket, "server-overloaded", "its head was not complete");
    else socket.destroy();
  }

  /** Node has read bytes on the connection. Bytes that belong to no request are the beginning of a head. */
  #onRead(connection: Connection): void {
    const { bytesRead } = connection.socket;
    if (connection.hasProgress) {
      connection.hasProgress = false;
      connection.progressAtBytes = bytesRead;
      if (connection.headBytes > 0) this.held.releaseHead(connection);
      return;
    }
    const bytes = bytesRead - connection.progressAtBytes - connection.headBytes;
    if (bytes > 0 && !connection.isGivenUp && !isLingering(connection.socket)) this.held.holdHead(connection, bytes);
  }

  /** The reply to the latest invocation on the connection. */
  lastReply(socket: Socket): ServerResponse | undefined {
    const waiting = this.#all.get(socket)?.waiting ?? [];
    return waiting.toSorted((a, b) => a.startedAt - b.startedAt).at(-1)?.response;
  }

  #onClose(connection: Connection): void {
    const { socket, waiting, probe } = connection;
    clearInterval(probe);
    this.held.forget(connection);
    this.#all.delete(socket);
    for (const exchange of waiting) abandon(exchange);
    for (const end of connection.onGone ?? []) end();
    if (this.#all.size > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  /**
   * The client has closed its sending half. It may still read, or be gone: the server sees no difference until it
   * writes. The first write makes the kernel of a client that is gone report this, and the second write gets the
   * report. The server writes interim replies, because every client must skip them.
   */
  #onEnd(connection: Connection): void {
    if (connection.waiting.length === 0) return;
    connection.probe = setInterval(() => {
      const reply = dueReply(connection.socket);
      const isWaiting = connection.waiting.some(({ response }) => response === reply);
      if (isWaiting && reply?.headersSent === false && reply.req.httpVersionMinor > 0) reply.writeContinue();
    }, this.#limits.probeMs).unref();
  }

  /** Runs periodically for all connections, instead of one timer for each reply. */
  #check(): void {
    let cut = 0;
    for (const connection of this.#all.values()) {
      if (!isStalled(connection)) continue;
      connection.socket.destroy();
      cut++;
    }
    if (cut === 0) return;
    const seconds = this.#limits.writeMs / 1_000;
    const message = `${connectionsText(cut, "connection was", "connections were")} cut: the client read nothing of its reply for ${seconds} s`;
    notices.publish({ level: "warn", code: "reply-not-read", message });
  }
}

/** Call it when an invocation begins: its client may disconnect while it runs. */
export function expectOutcome(exchange: Exchange): void {
  exchange.connection.waiting.push(exchange);
}

/** Call it when the invocation has its outcome. */
export function settleOutcome(exchange: Exchange): void {
  const { waiting } = exchange.connection;
  // It is nearly always the only one.
  if (waiting.length === 1 && waiting[0] === exchange) waiting.pop();
  else waiting.splice(waiting.indexOf(exchange), 1);
}

/**
 * Undocumented: Node calls this method for each piece that it has read or is about to write, even when the HTTP parser
 * reads directly from the handle and there is no event. Without it, the bytes of heads would not be counted.
 */
function onEachRead(socket: Socket, check: () => void): void {
  const key = "_unrefTimer";
  const timed = socket as { [key]?: () => void };
  const inner = timed[key];
  if (inner === undefined) return;
  timed[key] = () => {
    inner.call(socket);
    check();
  };
}

function abandon({ invoker, invocation }: Exchange): void {
  if (invocation !== undefined) invoker?.abandon(invocation);
}

function isStalled(connection: Connection): boolean {
  const { socket } = connection;
  const sentBytes = takenByKernel(socket);
  const isStill = socket.writableLength > 0 && sentBytes === connection.sentBytes;
  connection.sentBytes = sentBytes;
  connection.stalledChecks = isStill ? connection.stalledChecks + 1 : 0;
  return connection.stalledChecks >= maxStalledChecks;
}

/** Undocumented. Node's own timeouts use these numbers: a large write makes progress long before it is done. */
function takenByKernel(socket: Socket): number {
  const key = "_handle";
  const handle = (socket as { [key]?: { bytesWritten: number; writeQueueSize: number } | null })[key];
  return handle ? handle.bytesWritten - handle.writeQueueSize : 0;
}

function connectionsText(count: number, one: string, many: string): string {
  return count === 1 ? `A ${one}` : `${count} ${many}`;
}
