/** Makes a request of a kind, sends it, and hands the reply to the judge. */
import { Connection, LostError } from "./connection.ts";
import type { Judge } from "./judge.ts";
import type { RequestKind, RequestContext } from "./kind.ts";
import type { Random } from "./random.ts";

export interface LoadClientOptions {
  readonly context: RequestContext;
  readonly judge: Judge;
  /** How long the connection may stay silent before a pending answer counts as lost. */
  readonly timeoutMs: number;
}

export class LoadClient {
  readonly options: LoadClientOptions;
  /** Nonces of `once` that were answered. */
  readonly answeredOnce: string[] = [];
  #nonces = 0;

  constructor(options: LoadClientOptions) {
    this.options = options;
  }

  connect(): Connection {
    return new Connection(this.options.context.port, this.options.timeoutMs);
  }

  /** Never rejects: the judge counts errors. */
  async send(connection: Connection, kind: RequestKind, random: Random): Promise<void> {
    const { context, judge } = this.options;
    // A unique number, and a part that cannot be guessed from other nonces.
    const nonce = `${(this.#nonces += 1).toString(36)}-${random.whole(0, 2 ** 31).toString(36)}`;
    const request = kind.makeRequest(context, nonce, random);
    const count = judge.onSent(kind);
    const sentAt = performance.now();
    try {
      const reply = await connection.request(request.bytes, request.isHead);
      judge.onReply(kind.name, count, request, reply, sentAt);
      if (kind.name === "once" && reply.status === 200) this.answeredOnce.push(nonce);
    } catch (error) {
      if (!(error instanceof LostError)) throw error;
      const tookMs = Math.round(performance.now() - sentAt);
      judge.onLost(kind.name, count, request, `${error.message}, after ${tookMs} ms`);
    }
  }

  /** On a connection of its own. */
  async sendOnce(kind: RequestKind, random: Random): Promise<void> {
    const connection = this.connect();
    await this.send(connection, kind, random);
    connection.close();
  }
}
