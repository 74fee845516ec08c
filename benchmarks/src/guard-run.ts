/** The guard: a few ratios of Offhook to node:http, in half a minute. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { calibrateBurn } from "./burn-calibration.ts";
import { cellOf, ratesOf, sampleRatio } from "./figures.ts";
import {
  guardKinds,
  guardNames,
  recordOf,
  verdictOf,
  type GuardName,
  type GuardRatios,
  type GuardRecord,
} from "./guard.ts";
import { findLoadTool, loadBy, type LoadTool } from "./load.ts";
import { markdownTable } from "./markdown-table.ts";
import { measureFirstReplies } from "./measures/first-replies.ts";
import { measureStarts } from "./measures/starts.ts";
import { measureTwimlCost } from "./measures/twiml-cost.ts";
import { numberText } from "./number-text.ts";
import type { Options } from "./options.ts";
import { format, resultsFolder } from "./result-files.ts";
import type { Cell, Failure, Results } from "./results.ts";
import { createRunFolder } from "./run-folder.ts";
import { runScenario } from "./scenario-run.ts";
import { scenarioOf, type ScenarioName } from "./scenarios.ts";
import { log, type Session } from "./session.ts";
import { median, ratios } from "./statistics.ts";
import { nodeHttp } from "./targets/node-http.ts";
import { offhook } from "./targets/offhook.ts";
import type { Target } from "./targets/target.ts";

const file = join(resultsFolder, "guard.json");
const runsToRecord = 5;
const both = [nodeHttp, offhook];

/** @returns the exit code, which is 0 for all figures. @throws if something could not be measured. */
export async function runGuard(options: Pick<Options, "record">): Promise<number> {
  const tool = findLoadTool();
  if (tool === undefined) {
    log("No guard: wrk is not on PATH, and Autocannon is not installed (npm ci --prefix benchmarks).");
    return 0;
  }
  if (options.record) {
    const runs: GuardRatios[] = [];
    for (let run = 0; run < runsToRecord; run += 1) {
      log(`run ${run + 1} of ${runsToRecord}`);
      runs.push(await measureOnce(tool));
    }
    const date = new Date().toISOString();
    const machine = `${cpus().length} cores, ${cpus()[0]?.model.trim() ?? "unknown"}, Node ${process.versions.node}, ${tool}`;
    const record: GuardRecord = { date, runs: runs.length, machine, ratios: recordOf(runs) };
    mkdirSync(resultsFolder, { recursive: true });
    writeFileSync(file, `${JSON.stringify(record, undefined, 2)}\n`);
    format([file]);
    process.stdout.write(readFileSync(file, "utf8"));
    return 0;
  }
  const recorded = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as GuardRecord) : undefined;
  process.stdout.write(`${comparison(await measureOnce(tool), recorded)}\n`);
  return 0;
}

export function comparison(now: GuardRatios, recorded: GuardRecord | undefined): string {
  const rows = guardNames.map((name) => {
    const entry = recorded?.ratios[name];
    const was =
      entry === undefined ? "" : `${numberText(entry.ratio)} (${numberText(entry.low)}–${numberText(entry.high)})`;
    const title = `${name}, ${guardKinds[name].of}`;
    return [title, numberText(now[name]), was, verdictOf(name, now[name], entry)];
  });
  return markdownTable(["ratio", "now", "recorded", ""], rows);
}

async function measureOnce(tool: LoadTool): Promise<GuardRatios> {
  // Uses the `twilio` that comes with Offhook, so that other installed packages do not change the figures.
  const folder = createRunFolder(false);
  process.once("exit", folder.remove);
  try {
    const burn = await calibrateBurn(5);
    const failures: Failure[] = [];
    const session: Session = {
      folder,
      load: loadBy(tool),
      burn,
      targets: both,
      rounds: 4,
      seconds: 0.4,
      warmUpSeconds: 2,
      isQuick: true,
      failures,
    };
    const cells: Cell[] = [];
    const run = async (name: ScenarioName, connections: readonly number[], targets: readonly Target[]) => {
      const scenario = { ...scenarioOf(name), quickConnections: connections };
      cells.push(...(await runScenario({ ...session, targets }, scenario)));
    };
    await run("hello", [50, 1], both);
    await run("cpu", [10], both);
    const measures = [
      await measureTwimlCost(session, 5),
      await measureStarts(session, 5, ["start offhook", "start node-http"]),
      await measureFirstReplies(session, 5, ["first offhook"]),
    ];
    if (failures.length > 0) throw new Error("The guard could not measure everything.");
    return ratiosOf({ cells, measures });
  } finally {
    folder.remove();
  }
}

export function ratiosOf(results: Pick<Results, "cells" | "measures">): GuardRatios {
  const rates = (name: ScenarioName, target: Target, connections: number): Map<number, number> =>
    ratesOf(cellOf(results, name, target.name, connections));
  const against = (ours: Map<number, number>, theirs: Map<number, number>): number => median(ratios(ours, theirs));
  const p50 = (target: Target): Map<number, number> =>
    new Map(cellOf(results, "hello", target.name, 1)?.windows.map(({ round, p50Us }) => [round, p50Us]));
  const sample = (ours: string, theirs: string): number => sampleRatio(results, ours, theirs)?.median ?? Number.NaN;
  return {
    "hello at 50 connections": against(rates("hello", offhook, 50), rates("hello", nodeHttp, 50)),
    "p50 added to hello at 1 connection": against(p50(offhook), p50(nodeHttp)) - 1,
    "twiml against hello": sample("alternating twiml", "alternating hello"),
    "5 ms of computing at 10 connections": against(rates("cpu", offhook, 10), rates("cpu", nodeHttp, 10)),
    "start to first reply": sample("start offhook", "start node-http"),
    "first reply from a spare isolate": sample("first offhook", "start node-http"),
  } satisfies Record<GuardName, number>;
}
