import type { Client } from "./client.ts";
import type { ArrangementName } from "./arrangements.ts";
import type { StartOutcome } from "./targets/target.ts";

/** How well the contract knows what it asks for (its §0.1). */
type Confidence = "documented" | "observed" | "inferred" | "unknown";

interface CheckFacts {
  /** Row of the contract's §16. */
  readonly row: number;
  /** A sentence: what a conforming server does. */
  readonly title: string;
  readonly confidence: Confidence;
  /** The conflict between sources (§15.1) that was decided for this check, such as `C1`. */
  readonly conflict?: string;
  /** What must be seen, in words. */
  readonly expects: string;
}

/** Judged by calling a server that runs the project. */
export interface RequestCheck extends CheckFacts {
  readonly run: (client: Client) => Promise<void>;
  /** The project must be changed, or an instance of its own is needed. Default: as it is. */
  readonly arrangement?: ArrangementName;
  /** Waits for seconds; run beside the others. */
  readonly slow?: true;
}

/** Judged by whether and how a server starts with a project that should trouble it. */
export interface StartCheck extends CheckFacts {
  readonly judgeStart: (outcome: StartOutcome) => void;
  readonly arrangement: ArrangementName;
}

/** In the contract, but out of sight for any client of a project folder. */
interface InvisibleCheck extends CheckFacts {
  readonly notVisible: string;
}

export type Check = RequestCheck | StartCheck | InvisibleCheck;

/** The checks of one part of the contract. */
export interface CheckGroup {
  readonly section: string;
  readonly checks: readonly Check[];
}

/** Thrown by a check that finds out that it cannot see what it should judge. */
export class NotVisible extends Error {}
