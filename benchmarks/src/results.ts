/** The results of a run, as in the JSON file. The report is made from them. */
import type { Window } from "./load.ts";
import type { ScenarioName } from "./scenarios.ts";
import type { TargetName } from "./targets/target.ts";

/** Results of one target in one scenario with one number of connections. */
export interface Cell {
  readonly scenario: ScenarioName;
  readonly target: TargetName;
  readonly connections: number;
  readonly windows: readonly (Window & { readonly round: number })[];
}

type Unit = "ms" | "MB" | "/s" | "×" | "";

/** One line of a measure. */
export interface MeasureRow {
  /** Unique among all rows of the run. */
  readonly key: string;
  readonly label: string;
  readonly unit: Unit;
  /** In the order of the rounds. */
  readonly samples: readonly number[];
}

/** A measurement other than requests per second. */
export interface Measure {
  readonly name: MeasureName;
  readonly title: string;
  readonly rows: readonly MeasureRow[];
  readonly notes: readonly string[];
}

export const measureNames = [
  "twiml-cost",
  "watched",
  "start",
  "first-reply",
  "memory",
  "leaky",
  "many-functions",
] as const;
export type MeasureName = (typeof measureNames)[number];

export interface Failure {
  readonly target: TargetName;
  readonly where: ScenarioName | MeasureName;
  /** Whether it gave a wrong reply, not none. */
  readonly isWrongReply: boolean;
  readonly message: string;
}

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly loadTool: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Notes about single targets. */
  readonly remarks: readonly string[];
}

export interface Results {
  /** ISO, with the time. */
  readonly date: string;
  readonly command: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly machine: Machine;
  readonly cells: readonly Cell[];
  readonly measures: readonly Measure[];
  readonly failures: readonly Failure[];
}
