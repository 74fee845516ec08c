/** The target figures of Offhook, one row each. */
import { rateOf } from "./load.ts";
import type { Cell, Results } from "./results.ts";
import type { ScenarioName } from "./scenarios.ts";
import { median, ratios, spreadOf, type Spread } from "./statistics.ts";
import type { TargetName } from "./targets/target.ts";

export interface Figure {
  readonly title: string;
  readonly unit: "×" | "µs" | "ms" | "MB";
  /** Undefined if the figure is only reported. */
  readonly min?: number;
  readonly max?: number;
  readonly measured: (results: Results) => Spread | undefined;
}

export const figures: readonly Figure[] = [
  rate("`hello`, 50 connections, against node:http", "hello", 50, "node-http", 0.6),
  rate("… against functions-framework", "hello", 50, "functions-framework", 1),
  rate("… against twilio-run", "hello", 50, "twilio-run", 2000),
  rate("… against twilio-run --no-fork-process", "hello", 50, "twilio-run-no-fork", 8),
  {
    title: "`hello`, 1 connection: p50 added to node:http",
    unit: "µs",
    max: 120,
    measured: (results) => spreadOf(addedP50Us(results)),
  },
  {
    title: "`twiml` against `hello`, both Offhook, 50 connections",
    unit: "×",
    min: 0.7,
    measured: (results) => sampleRatio(results, "alternating twiml", "alternating hello"),
  },
  sample("start to first reply", "ms", 300, "start offhook"),
  sample("… by `twilio`", "ms", 700, "start offhook twilio"),
  sample("first reply from a spare isolate", "ms", 5, "first offhook"),
  sample("… by `twilio`", "ms", 15, "first offhook twilio"),
  {
    title: "function that leaves a timer: replies against process starts",
    unit: "×",
    measured: (results) => sampleRatio(results, "leaky rate", "process starts"),
  },
  sample("memory, idle: gateway and one spare isolate", "MB", 120, "memory idle offhook"),
  sample("… each further isolate", "MB", 12, "memory isolate"),
  sample("… each further isolate with `twilio`", "MB", 40, "memory isolate twilio"),
  rate("1,000 invocations waiting at once, against node:http", "wait", 1000, "node-http", 0.8),
  sample("5,000 functions: start to first reply", "ms", 1500, "many start 5000"),
  {
    title: "5,000 functions: `hello` against a project of 1",
    unit: "×",
    // As fast as with 1, apart from the noise of a median.
    min: 0.95,
    measured: (results) => sampleRatio(results, "many rate 5000", "many rate 1"),
  },
];

/** Undefined if the figure was not measured, or is only reported. */
export function isReached({ min: least, max: most }: Figure, { median: value }: Spread): boolean | undefined {
  if (least !== undefined) return value >= least;
  return most === undefined ? undefined : value <= most;
}

export function cellOf(
  { cells }: Pick<Results, "cells">,
  scenario: ScenarioName,
  target: TargetName,
  connections: number,
): Cell | undefined {
  return cells.find((cell) => cell.scenario === scenario && cell.target === target && cell.connections === connections);
}

/** Indexed by round. */
export function ratesOf(cell: Cell | undefined): Map<number, number> {
  return new Map(cell?.windows.map((window) => [window.round, rateOf(window)]));
}

/** The samples of two rows of measures, pair by pair. */
export function sampleRatio(results: Pick<Results, "measures">, ours: string, theirs: string): Spread | undefined {
  const asMap = (samples: readonly number[]): Map<number, number> => new Map(samples.entries());
  return spreadOf(ratios(asMap(samplesOf(results, ours)), asMap(samplesOf(results, theirs))));
}

function samplesOf({ measures }: Pick<Results, "measures">, key: string): readonly number[] {
  return measures.flatMap(({ rows }) => rows).find((row) => row.key === key)?.samples ?? [];
}

function rate(title: string, scenario: ScenarioName, connections: number, against: TargetName, min: number): Figure {
  return {
    title,
    unit: "×",
    min: min,
    measured: (results) => {
      const ours = ratesOf(cellOf(results, scenario, "offhook", connections));
      return spreadOf(ratios(ours, ratesOf(cellOf(results, scenario, against, connections))));
    },
  };
}

function sample(title: string, unit: "ms" | "MB", max: number, key: string): Figure {
  return { title, unit, max: max, measured: (results) => spreadOf(samplesOf(results, key)) };
}

/** A difference, not a ratio: the added latency of a request. */
function addedP50Us(results: Results): number[] {
  const bare = cellOf(results, "hello", "node-http", 1)?.windows ?? [];
  const ours = cellOf(results, "hello", "offhook", 1)?.windows ?? [];
  return ours.flatMap(({ round, p50Us }) => {
    const same = bare.find((window) => window.round === round);
    return same === undefined ? [] : [p50Us - same.p50Us];
  });
}

/** The combined result of a cell's windows. */
export function summaryOf(cell: Cell): {
  readonly rate: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly errors: number;
} {
  const { windows } = cell;
  return {
    rate: median(windows.map(rateOf)),
    p50Us: median(windows.map(({ p50Us }) => p50Us)),
    p99Us: median(windows.map(({ p99Us }) => p99Us)),
    errors: windows.reduce((sum, { statusErrors, socketErrors }) => sum + statusErrors + socketErrors, 0),
  };
}
