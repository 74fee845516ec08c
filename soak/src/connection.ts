/** A client's connection. Replies arrive in the order of the requests. */
import { connect, type Socket } from "node:net";
import { headerOf, ReplyReader, type Reply } from "./reply.ts";

/** Neither an answer nor an error arrived. A server must not do this to a client that keeps the rules. */
export class LostError extends Error {}

interface Pending {
  readonly isHead: boolean;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: LostError) => void;
}

export class Connection {
  readonly #socket: Socket;
  readonly #reader = new ReplyReader();
  #pending: Pending[] = [];
  #closeReason = "the connection was closed";
  /** The server has announced the end of the connection, or has closed it. */
  isSpent = false;

  /** @param timeoutMs how long the connection may stay silent while an answer is pending. */
  constructor(port: number, timeoutMs: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.setTimeout(timeoutMs, () => {
      if (this.#pending.length > 0) this.#end(`nothing came for ${timeoutMs} ms`);
    });
    this.#socket.on("data", (chunk) => this.#onData(chunk));
    this.#socket.on("error", (error) => (this.#closeReason = error.message));
    this.#socket.on("close", () => this.#end(this.#closeReason));
  }

  /** @throws LostError */
  request(request: string | Buffer, isHead = false): Promise<Reply> {
    const reply = this.expect(isHead);
    this.write(request);
    return reply;
  }

  write(bytes: string | Buffer): void {
    if (typeof bytes === "string") this.#socket.write(bytes, "latin1");
    else this.#socket.write(bytes);
  }

  /** The next reply that no earlier call waits for. @throws LostError */
  expect(isHead = false): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.isSpent && this.#socket.destroyed) reject(new LostError(this.#closeReason));
      else this.#pending.push({ isHead, resolve, reject });
    });
  }

  /** Closes the sending half only. */
  finish(): void {
    this.#socket.end();
  }

  /** Stops reading, and starts again. */
  pause(isPaused: boolean): void {
    if (isPaused) this.#socket.pause();
    else this.#socket.resume();
  }

  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  close(): void {
    this.#end("closed by the client");
  }

  /** Closes the connection with a reset. */
  reset(): void {
    this.isSpent = true;
    this.#socket.resetAndDestroy();
  }

  #onData(chunk: Buffer): void {
    try {
      this.#reader.push(
        chunk,
        () => this.#pending[0]?.isHead === true,
        (reply) => this.#onReply(reply),
      );
    } catch (error) {
      this.#end((error as Error).message);
    }
  }

  #onReply(reply: Reply): void {
    // `100 Continue` is not the answer.
    if (reply.status < 200) return;
    if (headerOf(reply, "connection")?.toLowerCase() === "close") this.isSpent = true;
    this.#pending.shift()?.resolve(reply);
  }

  #end(why: string): void {
    this.isSpent = true;
    const text = this.#reader.isWithin ? `${why}, within an answer` : why;
    this.#socket.destroy();
    for (const { reject } of this.#pending.splice(0)) reject(new LostError(text));
  }
}
