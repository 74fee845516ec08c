/** State that all measurements of a run share. */
import type { Burn } from "./burn-calibration.ts";
import type { Load } from "./load.ts";
import type { Failure } from "./results.ts";
import type { RunFolder } from "./run-folder.ts";
import type { RunningTarget } from "./running-target.ts";
import type { RequestConditions } from "./scenarios.ts";
import type { Target } from "./targets/target.ts";

export interface Session {
  readonly folder: RunFolder;
  readonly load: Load;
  readonly burn: Burn;
  readonly targets: readonly Target[];
  readonly rounds: number;
  readonly seconds: number;
  /** Time under load before the first round, in which every server still compiles code. */
  readonly warmUpSeconds: number;
  readonly isQuick: boolean;
  /** Grows during the run. */
  readonly failures: Failure[];
}

export function conditionsOf({ folder, burn }: Session, { port }: RunningTarget): RequestConditions {
  return { port, burn, authToken: folder.authToken, terms: folder.terms };
}

/** Prints to standard error, so that the result can be piped. */
export function log(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A wrong reply. It must not count as a fast one. */
export class WrongReply extends Error {}

export function failureOf(target: Target, where: Failure["where"], error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  log(`  ${target.title}, ${where}: ${message}`);
  return { target: target.name, where, isWrongReply: error instanceof WrongReply, message };
}
