/** The results of a run. */
import type { ChaosAction } from "./chaos.ts";
import type { Count, Failure, ToleratedCode } from "./judge.ts";
import type { Sample } from "./meter.ts";
import type { Health } from "./prober.ts";

export interface Summary {
  readonly seed: number;
  /** Duration of the main part, without warm-up and rests. */
  readonly seconds: number;
  /** Total number of requests. */
  readonly sent: number;
  /** In the main part. */
  readonly perSecond: number;
  readonly counts: Readonly<Record<string, Count>>;
  readonly toleratedErrors: Readonly<Record<ToleratedCode, number>>;
  readonly retryAfters: number;
  readonly chaos: Readonly<Record<ChaosAction, number>>;
  /** Codes of the ledger in the server's log. */
  readonly logged: Readonly<Record<string, number>>;
  readonly health: Health;
  readonly first: Sample | undefined;
  readonly last: Sample | undefined;
  /** The maximum of each figure under load. */
  readonly peaks: Sample | undefined;
  readonly samples: number;
  /** Time from SIGTERM to the exit. */
  readonly drainedMs: number | undefined;
  /** Where the server's log is, if it was kept. */
  readonly logFile: string;
  readonly failures: readonly Failure[];
}
