import type { ScenarioName } from "../scenarios.ts";

export const targetNames = [
  "node-http",
  "offhook",
  "fastify",
  "functions-framework",
  "workerd",
  "twilio-run-no-fork",
  "twilio-run",
] as const;
export type TargetName = (typeof targetNames)[number];

/** How it is started. */
interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

interface StartPlace {
  readonly port: number;
  /** Folder of the Twilio project; what is served is what is in it. */
  readonly project: string;
  /** A folder for the target's own files, such as a configuration. */
  readonly scratch: string;
  /** Settings that the scenario asks of Offhook; the others have no limits to lift. */
  readonly flags: readonly string[];
}

/** A server that is measured. */
export interface Target {
  readonly name: TargetName;
  /** As the report calls it. */
  readonly title: string;
  /** Whether `benchmarks/node_modules` has to be there. */
  readonly isPeer: boolean;
  /** The package whose version the report names. */
  readonly packageName?: string;
  readonly command: (place: StartPlace) => Command;
  /** What is to be known before its figures are read. */
  readonly remark?: string;
  /** Scenarios that it cannot do, and why. */
  readonly refusals: Partial<Record<ScenarioName, string>>;
  /** Where it does less, or something else, than the others. */
  readonly notes: Partial<Record<ScenarioName, string>>;
  /** Of a server of a few replies a second: how much time it is given. Without it, as much as all others. */
  readonly windowPlan?: (scenario: ScenarioName, connections: number) => WindowPlan;
}

/** How long a window must be, and how many are enough; or as long and as many as others have; or none at all. */
export type WindowPlan = { readonly seconds: number; readonly rounds: number } | "usual" | "left out";
