/**
 * `npm test`: everything that must hold, in one command: format, lint, unused code, types, then every test.
 * Ends with one line that counts the tests. `--only-checks` leaves the tests out.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { run } from "node:test";
import { spec } from "node:test/reporters";

const checks: readonly (readonly [string, ...string[]])[] = [
  ["oxfmt", "--check", "."],
  ["oxlint", "--type-aware", "--deny-warnings"],
  // Files, exports and dependencies that nothing uses.
  ["knip", "--no-progress"],
  ["tsc", "-p", "tsconfig.json"],
  // What runs in a browser.
  ["tsc", "-p", "packages/dashboard/src/page"],
];

for (const [command, ...args] of checks) {
  console.log(`> ${command} ${args.join(" ")}`);
  if ((await exitCodeOf(command, args)) !== 0) {
    console.error(`${command} failed; no test was run.`);
    process.exit(1);
  }
}
if (process.argv.includes("--only-checks")) process.exit(0);

const patterns = [
  "packages/*/test/**/*.test.ts",
  "conformance/test/**/*.test.ts",
  "benchmarks/test/**/*.test.ts",
  "soak/test/**/*.test.ts",
  "test/**/*.test.ts",
];
const counts = { passed: 0, failed: 0, skipped: 0 };
const tests = run({
  files: globSync(patterns, { exclude: ["**/node_modules/**"] }),
  concurrency: availableParallelism(),
  // What hangs fails, and says which test it was.
  timeout: 180_000,
  execArgv: ["--conditions=offhook-source"],
});
tests.on("test:summary", (summary) => {
  // One summary for each file, and one without a file for the whole run.
  if (summary.file !== undefined) return;
  const { tests: all, passed, skipped, todo } = summary.counts;
  counts.passed = passed;
  counts.skipped = skipped + todo;
  counts.failed = all - passed - counts.skipped;
});
tests.compose(spec).pipe(process.stdout);
await new Promise((resolve) => tests.once("end", resolve));
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
// Nothing is skipped here: a test that does not run tells nothing.
process.exitCode = counts.passed > 0 && counts.failed === 0 && counts.skipped === 0 ? 0 : 1;

function exitCodeOf(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    spawn(command, args, { stdio: "inherit" }).on("close", (code) => resolve(code ?? 1));
  });
}
