/** The files of a run in `benchmarks/results`. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Options } from "./options.ts";
import { benchmarksFolder, repositoryFolder } from "./peer-packages.ts";
import { chartOf } from "./chart.ts";
import { reportOf } from "./report.ts";
import type { Results } from "./results.ts";

export const resultsFolder = join(benchmarksFolder, "results");

/** @returns paths, relative to the repository. Quick and partial runs do not overwrite the day's full run. */
export function writeResults(results: Results, { mode, isPartial }: Pick<Options, "mode" | "isPartial">): string[] {
  mkdirSync(resultsFolder, { recursive: true });
  const kind = `${mode === "quick" ? "-quick" : ""}${isPartial ? "-partial" : ""}`;
  const name = `${results.date.slice(0, 10)}${kind}`;
  const picture = chartOf(results);
  const files: [name: string, text: string][] = [
    [`${name}.json`, `${JSON.stringify(results, undefined, 2)}\n`],
    [`${name}.md`, reportOf(results, picture && `${name}.svg`)],
    ...(picture === undefined ? [] : [[`${name}.svg`, picture] as [string, string]]),
  ];
  for (const [file, text] of files) writeFileSync(join(resultsFolder, file), text);
  const paths = files.map(([file]) => join(resultsFolder, file));
  format(paths);
  return paths.map((path) => relative(repositoryFolder, path));
}

/** Formats the files like all others of the repository, if the formatter is installed. */
export function format(paths: readonly string[]): void {
  const formatter = join(repositoryFolder, "node_modules/.bin/oxfmt");
  if (!existsSync(formatter)) return;
  const formattable = paths.filter((path) => !path.endsWith(".svg"));
  spawnSync(process.execPath, [formatter, ...formattable], { cwd: repositoryFolder, stdio: "ignore" });
}
