/** `npm run soak`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "../../benchmarks/src/result-files.ts";
import { help, parseOptions, UsageError } from "./options.ts";
import { usualPlan } from "./plans.ts";
import { reportOf } from "./report.ts";
import { soak } from "./soak.ts";
import type { Summary } from "./summary.ts";

const results = fileURLToPath(new URL("../results", import.meta.url));

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.isHelp) {
    process.stdout.write(help);
    return 0;
  }
  const { durationMs, requests, connections, seed, kinds } = options;
  log(`seed ${seed}`);
  const summary = await soak({
    ...usualPlan(connections),
    durationMs,
    requests,
    seed,
    kinds,
    keepsLog: true,
    onProgress: log,
  });
  process.stdout.write(`${options.isJson ? JSON.stringify(summary, undefined, 2) : reportOf(summary)}\n`);
  if (summary.failures.length > 0) log(`The server's log: ${summary.logFile}`);
  if (options.isRecorded) record(summary, args);
  return summary.failures.length === 0 ? 0 : 1;
}

function record(summary: Summary, args: readonly string[]): void {
  const date = new Date().toISOString().slice(0, 10);
  const file = join(results, `${date}.md`);
  const command = ["npm run soak", "--", ...args].join(" ");
  const machine = `${availableParallelism()} processors, shared by server and clients, Node ${process.versions.node}`;
  mkdirSync(results, { recursive: true });
  writeFileSync(file, `# Soak of ${date}\n\n\`${command}\` on ${machine}.\n\n${reportOf(summary)}\n`);
  format([file]);
  log(`Written: ${relative(process.cwd(), file)}`);
}

function log(text: string): void {
  process.stderr.write(`${text}\n`);
}

// With handlers, `exit` events run and end the server. The handlers stay, so that a second signal does not interrupt
// it.
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
  process.stderr.write(isUsage ? `${error.message}\n${help}` : `${(error as Error).stack ?? String(error)}\n`);
  process.exitCode = isUsage ? 2 : 3;
}
