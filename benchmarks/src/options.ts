/** The command line. */
import { parseArgs } from "node:util";
import { measureNames, type MeasureName } from "./results.ts";
import { scenarioNames, type ScenarioName } from "./scenarios.ts";
import { targetNames, type TargetName } from "./targets/target.ts";

export const help = `Measures Offhook and other servers side by side.

npm run bench -- [options]

  --quick            a first impression in less than a minute
  --guard            a few ratios, compared with benchmarks/results/guard.json; needs no other packages
  --record           with --guard: measure several times and write that file
  --only NAME,…      of these: ${[...scenarioNames, ...measureNames].join(", ")}
  --targets NAME,…   of these: ${targetNames.join(", ")}
  --rounds N         how often each is measured (5; 3 with --quick)
  --seconds N        how long each time (2; 0.5 with --quick)
  --help             this text

The report is printed, and written to benchmarks/results. The exit code is 0 if all replies were right, 1 if one
was wrong, 2 if the command line is wrong, and 3 if the run failed.
`;

export interface Options {
  readonly mode: "full" | "quick" | "guard" | "help";
  readonly record: boolean;
  readonly scenarios: readonly ScenarioName[];
  readonly measures: readonly MeasureName[];
  readonly targets: readonly TargetName[];
  readonly rounds: number;
  readonly seconds: number;
  /** Whether the report does not cover everything. */
  readonly isPartial: boolean;
}

/** The command line is wrong. Printed without a stack trace. */
export class UsageError extends Error {}

/** @throws UsageError */
export function parseOptions(args: readonly string[]): Options {
  const values = valuesOf(args);
  const mode = values.help ? "help" : values.guard ? "guard" : values.quick ? "quick" : "full";
  if (values.guard && values.quick) throw new UsageError("--guard and --quick cannot be combined.");
  if (values.record && !values.guard) throw new UsageError("--record requires --guard.");
  const isQuick = mode === "quick";
  const only = namesOf("--only", values.only, [...scenarioNames, ...measureNames]);
  const targets = namesOf("--targets", values.targets, targetNames);
  const knownNames =
    only ?? (isQuick ? ["hello", "twiml", "twiml-cost", "start", "first-reply"] : [...scenarioNames, ...measureNames]);
  return {
    mode,
    record: values.record,
    scenarios: scenarioNames.filter((name) => knownNames.includes(name)),
    measures: measureNames.filter((name) => knownNames.includes(name)),
    targets: targetNames.filter((name) =>
      (targets ?? (isQuick ? ["node-http", "offhook", "fastify", "functions-framework"] : targetNames)).includes(name),
    ),
    rounds: positive("--rounds", values.rounds, isQuick ? 3 : 5, true),
    seconds: positive("--seconds", values.seconds, isQuick ? 0.5 : 2, false),
    isPartial: only !== undefined || targets !== undefined,
  };
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: "boolean", default: false },
        guard: { type: "boolean", default: false },
        record: { type: "boolean", default: false },
        only: { type: "string" },
        targets: { type: "string" },
        rounds: { type: "string" },
        seconds: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function namesOf(flag: string, text: string | undefined, knownNames: readonly string[]): string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(",").map((name) => name.trim());
  const unknownNames = names.filter((name) => !knownNames.includes(name));
  if (unknownNames.length > 0)
    throw new UsageError(
      `Invalid value for ${flag}: "${unknownNames.join(",")}". Expected some of ${knownNames.join(", ")}.`,
    );
  return names;
}

function positive(flag: string, text: string | undefined, fallback: number, isWhole: boolean): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value) || (isWhole && !Number.isInteger(value))) {
    throw new UsageError(`Invalid value for ${flag}: "${text}". Expected a ${isWhole ? "whole " : ""}number above 0.`);
  }
  return value;
}
