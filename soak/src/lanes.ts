/** The even load: each lane has one request under way at a time, of a kind that its generator picks. */
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

/** Of all requests, those that have a connection of their own. */
const freshShare = 0.05;

/** Resolves when every lane has its last answer. */
export async function runLanes(options: LanesOptions): Promise<void> {
  // Each kind once before chance decides, so that a short run has them all.
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
