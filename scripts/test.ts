/**
 * `npm test` runs every check and test: format, lint, unused code, types, wording, then the tests.
 * The last line counts the tests. `--only-checks` leaves them out.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";

const checks: readonly (readonly [string, ...string[]])[] = [
  ["oxfmt", "--check", "."],
  ["oxlint", "--type-aware", "--deny-warnings"],
  // Finds files, exports and dependencies that nothing uses.
  ["knip", "--no-progress"],
  ["tsc", "-p", "tsconfig.json"],
  // The code that runs in a browser.
  ["tsc", "-p", "packages/dashboard/src/page"],
  // Avoided words and grammar, in pages, comments and messages.
  [process.execPath, "scripts/wording/main.ts"],
];

for (const [command, ...args] of checks) {
  console.log(`> ${[basename(command), ...args].join(" ")}`);
  if ((await exitCodeOf(command, args)) !== 0) {
    console.error(`${[basename(command), ...args].join(" ")} failed; no test was run.`);
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
  // A test that hangs fails, and its name is printed.
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
// A skipped test proves nothing, so it counts as a failure.
process.exitCode = counts.passed > 0 && counts.failed === 0 && counts.skipped === 0 ? 0 : 1;

function exitCodeOf(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    spawn(command, args, { stdio: "inherit" }).on("close", (code) => resolve(code ?? 1));
  });
}
