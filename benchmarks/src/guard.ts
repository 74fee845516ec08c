/** The guard's comparison of current figures with recorded ones. */
import { median } from "./statistics.ts";

export const guardNames = [
  "hello at 50 connections",
  "p50 added to hello at 1 connection",
  "twiml against hello",
  "5 ms of computing at 10 connections",
  "start to first reply",
  "first reply from a spare isolate",
] as const;
export type GuardName = (typeof guardNames)[number];

interface GuardKind {
  readonly better: "higher" | "lower";
  /** The two measures of the ratio. */
  readonly of: string;
}

export const guardKinds: Readonly<Record<GuardName, GuardKind>> = {
  "hello at 50 connections": { better: "higher", of: "replies/s to node:http's" },
  "p50 added to hello at 1 connection": { better: "lower", of: "added p50 to node:http's p50" },
  "twiml against hello": { better: "higher", of: "replies/s to those of hello, 50 connections" },
  "5 ms of computing at 10 connections": { better: "higher", of: "replies/s to node:http's" },
  "start to first reply": { better: "lower", of: "time to node:http's" },
  "first reply from a spare isolate": {
    better: "lower",
    of: "time to node:http's start, which is steadier than its first reply",
  },
};

/** One run's figure of each measure. */
export type GuardRatios = Readonly<Record<GuardName, number>>;

/** The median of several runs, with the lowest and the highest. */
export interface GuardEntry {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** `guard.json` */
export interface GuardRecord {
  readonly date: string;
  readonly runs: number;
  readonly machine: string;
  readonly ratios: Readonly<Partial<Record<GuardName, GuardEntry>>>;
}

export type GuardVerdict = "worse by more than the noise" | "within the noise" | "better" | "not recorded";

/** Combines the ratios of several runs into one record. */
export function recordOf(runs: readonly GuardRatios[]): Record<GuardName, GuardEntry> {
  const entries = guardNames.map((name) => {
    const values = runs.map((run) => run[name]);
    const entry = { ratio: median(values), low: Math.min(...values), high: Math.max(...values) };
    return [name, { ratio: rounded(entry.ratio), low: rounded(entry.low), high: rounded(entry.high) }] as const;
  });
  return Object.fromEntries(entries) as Record<GuardName, GuardEntry>;
}

/**
 * The tolerance of a figure: one and a half times the largest deviation of a recorded run, and at least a tenth,
 * because a few runs show only a part of a machine's variation.
 */
export function noiseOf({ ratio, low, high }: GuardEntry): number {
  return Math.max(1.5 * (high - ratio), 1.5 * (ratio - low), 0.1 * ratio);
}

export function verdictOf(name: GuardName, now: number, recorded: GuardEntry | undefined): GuardVerdict {
  if (recorded === undefined) return "not recorded";
  const gain = guardKinds[name].better === "higher" ? now - recorded.ratio : recorded.ratio - now;
  const noise = noiseOf(recorded);
  if (gain < -noise) return "worse by more than the noise";
  return gain > noise ? "better" : "within the noise";
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
