/**
 * The clients' connections: how many there may be, which give way when there are too many, who has stopped reading
 * its replies, and who is gone while an invocation of his runs.
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
  /** Bytes of requests and replies that all of them may hold; `Infinity` for no limit. */
  readonly heldBytes: number;
  /** The most at once; `Infinity` for no limit. */
  readonly count: number;
  /** How long a reply may make no progress. */
  readonly writeMs: number;
  /** How often a client that has closed its sending half is asked whether it is still there. */
  readonly probeMs: number;
}

/** So many looks without progress, and a reply stands still. Counted, so that a gateway that was held up cuts nobody. */
const maxStalledChecks = 4;

/** Looking for room costs a walk over all connections: where there was none, there is none for so long. */
const searchEveryMs = 100;

export class Connections {
  readonly held: HeldBytes;
  readonly #limits: ConnectionLimits;
  /** In the order they came. */
  readonly #all = new Map<Socket, Connection>();
  readonly #turnedAway = new CountReporter((count) => {
    const message = `${connectionsText(count, "connection was", "connections were")} turned away: ${this.#limits.count} are open`;
    notices.publish({ level: "warn", code: "too-many-connections", message });
  });
  readonly #cut = new CountReporter((count) => {
    const message = `${connectionsText(count, "connection was", "connections were")} cut: there was no more room for replies that nobody reads`;
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

  /** No more will come. */
  end(): void {
    this.#turnedAway.end();
    this.#cut.end();
  }

  /** The one that a request came in on. */
  of(socket: Socket): Connection | undefined {
    return this.#all.get(socket);
  }

  /** The oldest connection on which nothing is owed gives way, as it would have when its time was up. */
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

  /** There is no more room for what its client does not read. */
  #cutUnread(connection: Connection): void {
    this.held.forget(connection);
    connection.socket.destroy();
    this.#cut.add();
  }

  /** There is no more room for the request that its client has not sent to its end. */
  #refuseIncomplete(connection: Connection): void {
    const { socket, refuseBody } = connection;
    this.held.releaseHead(connection);
    if (refuseBody !== undefined) refuseBody();
    else if (dueReply(socket) === undefined) refuseRaw(socket, "server-overloaded", "its head was not complete");
    else socket.destroy();
  }

  /** Node has read something on the connection. What belongs to no request is the beginning of a head. */
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

  /** The reply to the latest of the invocations on it. */
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
   * The client sends nothing more. Whether it still reads or has gone altogether looks the same from here until something
   * is written: the first write makes the kernel of one that is gone say so, and the second one hears it. An
   * interim reply is what every client has to skip.
   */
  #onEnd(connection: Connection): void {
    if (connection.waiting.length === 0) return;
    connection.probe = setInterval(() => {
      const reply = dueReply(connection.socket);
      const isWaiting = connection.waiting.some(({ response }) => response === reply);
      if (isWaiting && reply?.headersSent === false && reply.req.httpVersionMinor > 0) reply.writeContinue();
    }, this.#limits.probeMs).unref();
  }

  /** Once every while, and not a timer for each reply. */
  #check(): void {
    let cut = 0;
    for (const connection of this.#all.values()) {
      if (!isStalled(connection)) continue;
      connection.socket.destroy();
      cut++;
    }
    if (cut === 0) return;
    const seconds = this.#limits.writeMs / 1_000;
    const message = `${connectionsText(cut, "connection was", "connections were")} cut: nothing of a reply was read for ${seconds} s`;
    notices.publish({ level: "warn", code: "reply-not-read", message });
  }
}

/** An invocation begins: whoever waits for it may go away meanwhile. */
export function expectOutcome(exchange: Exchange): void {
  exchange.connection.waiting.push(exchange);
}

/** Its outcome is there. */
export function settleOutcome(exchange: Exchange): void {
  const { waiting } = exchange.connection;
  // Nearly always the only one.
  if (waiting.length === 1 && waiting[0] === exchange) waiting.pop();
  else waiting.splice(waiting.indexOf(exchange), 1);
}

/**
 * Undocumented: Node calls this method with each piece that it has read, or is about to write, also where the HTTP parser
 * reads from the handle itself and there is no event. Without it, heads would not be counted.
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

/** Undocumented. Node's own timeouts look at these: a large write makes progress long before it is done. */
function takenByKernel(socket: Socket): number {
  const key = "_handle";
  const handle = (socket as { [key]?: { bytesWritten: number; writeQueueSize: number } | null })[key];
  return handle ? handle.bytesWritten - handle.writeQueueSize : 0;
}

function connectionsText(count: number, one: string, many: string): string {
  return count === 1 ? `A ${one}` : `${count} ${many}`;
}
