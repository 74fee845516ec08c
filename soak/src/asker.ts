/** Who asks: makes an ask of a kind, sends it, and hands what comes to the judge. */
import { Connection, LostError } from "./connection.ts";
import type { Judge } from "./judge.ts";
import type { Kind, World } from "./kind.ts";
import type { Random } from "./random.ts";

export interface AskerOptions {
  readonly world: World;
  readonly judge: Judge;
  /** How long nothing may come while an answer is due, before it is lost. */
  readonly patienceMs: number;
}

export class Asker {
  readonly options: AskerOptions;
  /** Nonces of `once` that were answered. */
  readonly answeredOnce: string[] = [];
  #nonces = 0;

  constructor(options: AskerOptions) {
    this.options = options;
  }

  connect(): Connection {
    return new Connection(this.options.world.port, this.options.patienceMs);
  }

  /** Never rejects: the judge knows. */
  async ask(connection: Connection, kind: Kind, random: Random): Promise<void> {
    const { world, judge } = this.options;
    // A number that no other has, and something that cannot be guessed from another's.
    const nonce = `${(this.#nonces += 1).toString(36)}-${random.whole(0, 2 ** 31).toString(36)}`;
    const ask = kind.ask(world, nonce, random);
    const count = judge.onSent(kind);
    const sentAt = performance.now();
    try {
      const reply = await connection.ask(ask.bytes, ask.isHead);
      judge.onReply(kind.name, count, ask, reply, sentAt);
      if (kind.name === "once" && reply.status === 200) this.answeredOnce.push(nonce);
    } catch (error) {
      if (!(error instanceof LostError)) throw error;
      const tookMs = Math.round(performance.now() - sentAt);
      judge.onLost(kind.name, count, ask, `${error.message}, after ${tookMs} ms`);
    }
  }

  /** On a connection of its own. */
  async askOnce(kind: Kind, random: Random): Promise<void> {
    const connection = this.connect();
    await this.ask(connection, kind, random);
    connection.close();
  }
}
