/** The command line. */
import { parseArgs } from "node:util";
import { evenKinds } from "./kinds/all-kinds.ts";
import type { RequestKind } from "./kind.ts";

export const help = `Runs the real server under everything that can go wrong, and judges every answer.

npm run soak -- [options]

  --minutes N          how long (5; without a limit if --requests is given)
  --requests N         how many requests; the run ends at the first limit
  --connections N      requests of the even load in flight at a time (32)
  --seed N             decides the mix of requests and the kills (by default, a new one that is printed)
  --weights NAME=N,…   how often a kind or a group is requested, relative to the others; 0 for never
  --json               the summary as JSON
  --record             write the summary to soak/results/<date>.md
  --help               this text

The exit code is 0 if every answer was right and nothing was left or grew, 1 if not, 2 if the command line is wrong, and
3 if the run failed.
`;

export interface Options {
  readonly isHelp: boolean;
  readonly durationMs: number;
  readonly requests: number;
  readonly connections: number;
  readonly seed: number;
  readonly kinds: readonly RequestKind[];
  readonly isJson: boolean;
  readonly isRecorded: boolean;
}

/** The command line is wrong. Printed without a stack trace. */
export class UsageError extends Error {}

/** @throws UsageError */
export function parseOptions(args: readonly string[]): Options {
  const values = valuesOf(args);
  const requests = numberOf("--requests", values.requests, Infinity);
  const minutes = numberOf("--minutes", values.minutes, requests === Infinity ? 5 : Infinity, false);
  return {
    isHelp: values.help,
    durationMs: minutes * 60_000,
    requests,
    connections: numberOf("--connections", values.connections, 32),
    seed: numberOf("--seed", values.seed, Math.floor(Math.random() * 2 ** 31) + 1),
    kinds: weighted(values.weights),
    isJson: values.json,
    isRecorded: values.record,
  };
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: "string" },
        requests: { type: "string" },
        connections: { type: "string" },
        seed: { type: "string" },
        weights: { type: "string", default: "" },
        json: { type: "boolean", default: false },
        record: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function numberOf(flag: string, text: string | undefined, fallback: number, isWhole = true): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value) || (isWhole && !Number.isInteger(value))) {
    throw new UsageError(`Invalid value for ${flag}: "${text}". Expected a ${isWhole ? "whole " : ""}number above 0.`);
  }
  return value;
}

/** The weight of a group is the weight of each of its kinds. */
function weighted(text: string): readonly RequestKind[] {
  const weights = new Map<string, number>();
  for (const pair of text.split(",").filter((each) => each !== "")) {
    const [name = "", weight = ""] = pair.split("=");
    if (!evenKinds.some((kind) => kind.name === name || kind.group === name)) {
      throw new UsageError(`Invalid value for --weights: "${name}" is not a kind or a group.`);
    }
    if (weight === "" || !(Number(weight) >= 0))
      throw new UsageError(`Invalid value for --weights: "${pair}". Expected name=number.`);
    weights.set(name, Number(weight));
  }
  const kinds = evenKinds.map((kind) => ({
    ...kind,
    weight: weights.get(kind.name) ?? weights.get(kind.group) ?? kind.weight,
  }));
  const asked = kinds.filter(({ weight }) => weight > 0);
  if (asked.length === 0) throw new UsageError("Invalid value for --weights: all kinds have the weight 0.");
  return asked;
}
