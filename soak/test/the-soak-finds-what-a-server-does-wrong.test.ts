import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { evenKinds } from "../src/kinds/all-kinds.ts";
import type { RequestKind } from "../src/kind.ts";
import { usualPlan } from "../src/plans.ts";
import { soak, type Plan } from "../src/soak.ts";
import type { Fault } from "./fake-server.ts";

const file = fileURLToPath(new URL("fake-server.ts", import.meta.url));
const named = (name: string): RequestKind => evenKinds.find((kind) => kind.name === name) as RequestKind;

function planFor(faults: readonly Fault[]): Plan {
  return {
    ...usualPlan(4),
    program: (port) => [file, String(port), ...faults],
    kinds: [named("plain"), named("once")],
    lastKind: named("plain"),
    // No warm-up: the faults have to show in the main part.
    warmUpMs: 0,
    requests: 800,
    durationMs: 60_000,
    chaosEveryMs: Infinity,
    burnEveryMs: Infinity,
    overloadEveryMs: Infinity,
    hostileEveryMs: Infinity,
    timeoutMs: 3_000,
    stoppedAfterMs: 1_000,
    restMs: 8_000,
    restProcesses: 1,
    drainMs: 8_000,
    sampleEveryMs: 200,
  };
}

/** The soak's finding for each fault. Faults of one run have different findings. */
const runs: readonly Partial<Readonly<Record<Fault, string>>>[] = [
  {},
  {
    "mixes-up-answers": "not its own answer",
    "drops-connections": "lost without an answer",
    "tells-errors": "more errors than damage",
    refuses: "wrong status",
    "leaks-memory": "heapBytes grew",
  },
  {
    "forgets-variables": "not its own answer",
    "leaks-descriptors": "handles grew",
    "is-not-well": "the health check failed",
    "leaves-a-child": "a process is left",
    "ends-badly": "the server did not exit with 0",
  },
  {
    "stops-answering": "the server stopped answering",
    "runs-twice": "an invocation ran twice",
    "leaves-a-file": "a file is left",
    "prints-something": "the log has a line that is not a JSON object",
    "does-not-end": "the server did not exit",
  },
  { "keeps-silent": "lost without an answer" },
  { dies: "the server exited" },
];

describe("the soak finds what a server does wrong", { concurrency: 2 }, () => {
  for (const findings of runs) {
    const faults = Object.keys(findings) as Fault[];
    test(faults.join(", ") || "nothing", async () => {
      const summary = await soak(planFor(faults));
      const found = summary.failures.map(({ what }) => what);
      if (faults.length === 0) assert.deepEqual(summary.failures, []);
      for (const what of Object.values(findings))
        assert.ok(found.includes(what), `no "${what}" among ${found.join("; ")}`);
      assert.ok(summary.sent > 100, `${summary.sent} requests`);
    });
  }
});
