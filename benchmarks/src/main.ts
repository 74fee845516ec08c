import { calibrateBurn } from "./burn-calibration.ts";
import { runGuard } from "./guard-run.ts";
import { findLoadTool, loadBy } from "./load.ts";
import { describeMachine } from "./machine.ts";
import { measureFirstReplies } from "./measures/first-replies.ts";
import { measureLeaky } from "./measures/leaky.ts";
import { measureManyFunctions } from "./measures/many-functions.ts";
import { measureMemory } from "./measures/memory-use.ts";
import { measureStarts } from "./measures/starts.ts";
import { measureTwimlCost } from "./measures/twiml-cost.ts";
import { measureWatched } from "./measures/watched.ts";
import { help, parseOptions, UsageError, type Options } from "./options.ts";
import { arePeersInstalled, installPeers } from "./peer-packages.ts";
import { reportOf } from "./report.ts";
import { writeResults } from "./result-files.ts";
import type { Cell, Measure, MeasureName, Results } from "./results.ts";
import { createRunFolder } from "./run-folder.ts";
import { runScenario } from "./scenario-run.ts";
import { scenarioOf } from "./scenarios.ts";
import { log, type Session } from "./session.ts";
import { targetOf } from "./targets/all-targets.ts";

const measurements: Readonly<Record<MeasureName, (session: Session, count: number) => Promise<Measure>>> = {
  "twiml-cost": measureTwimlCost,
  watched: measureWatched,
  start: measureStarts,
  "first-reply": measureFirstReplies,
  memory: measureMemory,
  leaky: measureLeaky,
  "many-functions": measureManyFunctions,
};

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.mode === "help") {
    process.stdout.write(help);
    return 0;
  }
  if (options.mode === "guard") return runGuard(options);
  const results = await measureAll(options, args);
  const files = writeResults(results, options);
  process.stdout.write(reportOf(results));
  log(`\nWritten: ${files.join(", ")}`);
  return results.failures.some(({ isWrongReply }) => isWrongReply) ? 1 : 0;
}

async function measureAll(options: Options, args: readonly string[]): Promise<Results> {
  const { rounds, seconds } = options;
  const targets = options.targets.map(targetOf);
  if (targets.some(({ isPeer }) => isPeer) || findLoadTool() === undefined) installPeers();
  const tool = findLoadTool();
  if (tool === undefined) throw new Error("Neither wrk nor Autocannon is installed.");

  const folder = createRunFolder(arePeersInstalled());
  process.on("exit", folder.remove);
  const burn = await calibrateBurn(5);
  const isQuick = options.mode === "quick";
  const session: Session = {
    folder,
    load: loadBy(tool),
    burn,
    targets,
    rounds,
    seconds,
    warmUpSeconds: isQuick ? 1 : 2,
    isQuick,
    failures: [],
  };
  const date = new Date().toISOString();

  const cells: Cell[] = [];
  for (const name of options.scenarios) cells.push(...(await runScenario(session, scenarioOf(name))));
  const measures: Measure[] = [];
  for (const name of options.measures) {
    try {
      measures.push(await measurements[name](session, rounds));
    } catch (error) {
      // Only failures of Offhook itself are not caught earlier.
      const message = (error as Error).message;
      log(`  ${name}: ${message}`);
      session.failures.push({ target: "offhook", where: name, isWrongReply: false, message });
    }
  }
  const command = ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" ");
  const machine = describeMachine(tool, targets);
  return { date, command, rounds, seconds, machine, cells, measures, failures: session.failures };
}

// With handlers, `exit` events run and end the started servers. The handlers stay, so that a second signal does not
// interrupt it.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.on(signal, () => process.exit(code));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError;
  process.stderr.write(`${isUsage ? error.message : (error as Error).stack}\n`);
  process.exitCode = isUsage ? 2 : 3;
}
