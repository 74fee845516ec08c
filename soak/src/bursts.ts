/** Bursts: loops that occupy every processor, and more invocations at once than are allowed. */
import { availableParallelism } from "node:os";
import type { LoadClient } from "./load-client.ts";
import { burner, overloading } from "./kinds/ill-behaved.ts";
import { pause } from "./pause.ts";
import { Random } from "./random.ts";

export interface BurstsOptions {
  readonly loadClient: LoadClient;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Average time between two bursts. */
  readonly burnEveryMs: number;
  readonly overloadEveryMs: number;
  /** The server's `concurrency` setting. */
  readonly concurrency: number;
}

export async function runBursts(options: BurstsOptions): Promise<void> {
  await Promise.all([burn(options), overload(options)]);
}

async function burn({ loadClient, seed, signal, burnEveryMs }: BurstsOptions): Promise<void> {
  const random = new Random(seed, 10_001);
  while (await pause(random.whole(burnEveryMs / 2, burnEveryMs * 1.5), signal)) {
    // Twice as many loops as processors, so that the gateway competes with them for its share.
    const burners = Array.from({ length: availableParallelism() * 2 }, () => loadClient.sendOnce(burner, random));
    await Promise.all(burners);
  }
}

async function overload({ loadClient, seed, signal, overloadEveryMs, concurrency }: BurstsOptions): Promise<void> {
  const random = new Random(seed, 10_002);
  while (await pause(random.whole(overloadEveryMs / 2, overloadEveryMs * 1.5), signal)) {
    // Enough to exceed the concurrency without other requests.
    const count = concurrency + 32;
    await loadClient.options.judge.duringBurst(() =>
      Promise.all(Array.from({ length: count }, () => loadClient.sendOnce(overloading, random))),
    );
  }
}
