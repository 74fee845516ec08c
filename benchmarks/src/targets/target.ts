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
  /** Folder of the Twilio project to serve. */
  readonly project: string;
  /** A folder for the target's own files, such as a configuration. */
  readonly scratch: string;
  /** Offhook's settings for the scenario. Other targets have no limits to lift. */
  readonly flags: readonly string[];
}

/** A server that is measured. */
export interface Target {
  readonly name: TargetName;
  /** The name in the report. */
  readonly title: string;
  /** Whether it requires `benchmarks/node_modules`. */
  readonly isPeer: boolean;
  /** The package whose version the report names. */
  readonly packageName?: string;
  readonly command: (place: StartPlace) => Command;
  /** A note for readers of its figures. */
  readonly remark?: string;
  /** Scenarios that it cannot run, and why. */
  readonly refusals: Partial<Record<ScenarioName, string>>;
  /** Scenarios in which it does less than the others, or something else. */
  readonly notes: Partial<Record<ScenarioName, string>>;
  /** Measuring time of a server that gives only a few replies per second. By default, that of all others. */
  readonly windowPlan?: (scenario: ScenarioName, connections: number) => WindowPlan;
}

/** Length and number of windows: its own, those of the others, or none. */
export type WindowPlan = { readonly seconds: number; readonly rounds: number } | "usual" | "left out";
