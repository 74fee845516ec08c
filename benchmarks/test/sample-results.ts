/** Made-up results, for tests of the reports. */
import type { Cell, Results } from "../src/results.ts";
import type { ScenarioName } from "../src/scenarios.ts";
import type { TargetName } from "../src/targets/target.ts";

/** One window of one second for each number of requests. */
export function cellWith(
  scenario: ScenarioName,
  target: TargetName,
  connections: number,
  requests: readonly number[],
  p50Us = 100,
): Cell {
  const windows = requests.map((count, round) => {
    const times = { p50Us, p99Us: p50Us * 3, maxUs: p50Us * 9 };
    return { round, seconds: 1, requests: count, statusErrors: 0, socketErrors: 0, ...times };
  });
  return { scenario, target, connections, windows };
}

export function resultsWith(parts: Partial<Results>): Results {
  return {
    date: "2026-01-02T03:04:05.000Z",
    command: "npm run bench",
    rounds: 2,
    seconds: 1,
    machine: {
      cores: 2,
      cpu: "a made-up one",
      memoryGb: 8,
      system: "Linux 6.1.0",
      node: "24.0.0",
      loadTool: "wrk",
      versions: { Fastify: "5.0.0" },
      remarks: [],
    },
    cells: [],
    measures: [],
    failures: [],
    ...parts,
  };
}
