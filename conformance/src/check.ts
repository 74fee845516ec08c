import type { Client } from "./client.ts";
import type { ArrangementName } from "./arrangements.ts";
import type { StartOutcome } from "./targets/target.ts";

/** How certain the contract is about a requirement (its §0.1). */
type Confidence = "documented" | "observed" | "inferred" | "unknown";

interface CheckFacts {
  /** The row in the contract's §16. */
  readonly row: number;
  /** A sentence about a conforming server. */
  readonly title: string;
  readonly confidence: Confidence;
  /** The conflict between sources (§15.1) that was decided for this check, such as `C1`. */
  readonly conflict?: string;
  /** The expected result, in words. */
  readonly expects: string;
}

/** Judged by calling a server that runs the project. */
export interface RequestCheck extends CheckFacts {
  readonly run: (client: Client) => Promise<void>;
  /** A change of the project, or an instance of its own. By default, the project stays unchanged. */
  readonly arrangement?: ArrangementName;
  /** The check waits for seconds, so it runs beside the others. */
  readonly slow?: true;
}

/** Judged by whether and how a server starts with a faulty project. */
export interface StartCheck extends CheckFacts {
  readonly judgeStart: (outcome: StartOutcome) => void;
  readonly arrangement: ArrangementName;
}

/** In the contract, but invisible to clients of a project folder. */
interface InvisibleCheck extends CheckFacts {
  readonly notVisible: string;
}

export type Check = RequestCheck | StartCheck | InvisibleCheck;

/** The checks of one part of the contract. */
export interface CheckGroup {
  readonly section: string;
  readonly checks: readonly Check[];
}

/** Thrown by a check that cannot see the behaviour that it should judge. */
export class NotVisible extends Error {}
