/** The even load. Each lane has one request in flight at a time. Its random generator picks the kind. */
import type { LoadClient } from "./load-client.ts";
import type { RequestKind } from "./kind.ts";
import { Random } from "./random.ts";

export interface LanesOptions {
  readonly loadClient: LoadClient;
  readonly kinds: readonly RequestKind[];
  readonly connections: number;
  readonly seed: number;
  readonly isOver: () => boolean;
}

/** Share of requests with a connection of their own. */
const freshShare = 0.05;

/** Resolves when every lane has received its last answer. */
export async function runLanes(options: LanesOptions): Promise<void> {
  // Each kind once before the choice is random, so that a short run has them all.
  const first = new Random(options.seed).shuffled(options.kinds);
  await Promise.all(Array.from({ length: options.connections }, (_, lane) => runLane(options, lane, first)));
}

async function runLane(
  { loadClient, kinds, seed, isOver }: LanesOptions,
  lane: number,
  first: RequestKind[],
): Promise<void> {
  const random = new Random(seed, lane);
  let connection = loadClient.connect();
  while (first.length > 0 || !isOver()) {
    if (connection.isSpent || random.next() < freshShare) {
      connection.close();
      connection = loadClient.connect();
    }
    await loadClient.send(connection, first.pop() ?? random.weighted(kinds), random);
  }
  connection.close();
}
