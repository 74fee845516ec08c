/** Clients that break the rules, or only just keep them. */
import type { LoadClient } from "./load-client.ts";
import { Connection, LostError } from "./connection.ts";
import { hostileClients, type HostileClient } from "./hostile-clients.ts";
import { pause } from "./pause.ts";
import { Random } from "./random.ts";

export interface HostileOptions {
  readonly loadClient: LoadClient;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** How many clients run at a time. */
  readonly count: number;
  /** Average time between two clients. */
  readonly everyMs: number;
}

export async function runHostile(options: HostileOptions): Promise<void> {
  const first = new Random(options.seed, 10_004).shuffled(hostileClients);
  await Promise.all(Array.from({ length: options.count }, (_, index) => runOne(options, index, first)));
}

async function runOne(options: HostileOptions, index: number, first: HostileClient[]): Promise<void> {
  const { loadClient, seed, signal, everyMs } = options;
  const random = new Random(seed, 20_000 + index);
  while ((await pause(random.whole(everyMs / 2, everyMs * 1.5), signal)) || first.length > 0) {
    const client = first.pop() ?? random.weighted(hostileClients);
    const { context, timeoutMs, judge } = loadClient.options;
    const connection = new Connection(context.port, timeoutMs);
    if (client.allowed === undefined) await client.run({ loadClient, connection, random, signal });
    else {
      const count = judge.onSent({ name: client.name, group: "hostile" });
      const got = await client.run({ loadClient, connection, random, signal }).catch((error: unknown) => {
        if (!(error instanceof LostError)) throw error;
        // These clients may get a closed connection, but not silence.
        return error.message.startsWith("nothing came") ? "silence" : "closed";
      });
      judge.onProvoked(client.name, count, got, client.allowed);
    }
    connection.close();
  }
}
