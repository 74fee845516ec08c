/**
 * `offhook types`: tells TypeScript what a project has.
 */
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { exitCodes } from "@offhook/runtime/errors";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { loadProject } from "@offhook/runtime/project";
import { flagOptions, loadSettings, suggest } from "@offhook/runtime/settings";

import { namesOf, typesFileName, typesText } from "./project-types.ts";
import type { ProjectNames } from "./project-types.ts";
import type { Surroundings } from "./surroundings.ts";

/** The settings that say what a project is. The others are no concern of this command. */
const projectFlags = ["env", "functions-folder", "assets-folder"];
const ownFlags = ["check", "json"];

interface Outcome {
  readonly file: string;
  readonly state: "unchanged" | "written" | "outdated";
  readonly names: ProjectNames;
  /** Whether the types that the file refers to are there. */
  readonly isInstalled: boolean;
}

/**
 * @param args behind `types`, without `--help`.
 * @returns the exit code.
 * @throws OffhookError of the settings or the project, `file-unwritable`, and with `--check` `types-outdated`.
 */
export async function types(args: readonly string[], { stdout, environment }: Surroundings): Promise<number> {
  const { folder, flags, isCheck, isJson } = readArgs(args);
  const settings = await loadSettings(folder, { flags, environment });
  const { service } = await loadProject(folder, settings);
  const names = namesOf(service);
  const file = join(service.folder, typesFileName);
  const text = typesText(names);
  // A file that is not touched is not compiled again by whoever watches it.
  const isCurrent = (await textOf(file)) === text;
  if (!isCurrent && !isCheck) await write(file, text);
  const state = isCurrent ? "unchanged" : isCheck ? "outdated" : "written";
  const outcome = { file, state, names, isInstalled: hasTypes(service.folder) } as const;
  stdout.write(isJson ? jsonOf(outcome) : sentencesOf(outcome));
  if (state === "outdated") throw new OffhookError("types-outdated", file);
  return exitCodes.ok;
}

function readArgs(args: readonly string[]): {
  folder: string;
  flags: Record<string, unknown>;
  isCheck: boolean;
  isJson: boolean;
} {
  const settings = Object.entries(flagOptions()).filter(([name]) => projectFlags.includes(name));
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...Object.fromEntries(settings), check: { type: "boolean" }, json: { type: "boolean" } },
    allowPositionals: true,
    // What is wrong with a flag is said in our own words.
    strict: false,
  });
  const known = [...ownFlags, ...projectFlags].map((name) => `--${name}`);
  for (const name of Object.keys(values)) {
    const flag = name.length === 1 ? `-${name}` : `--${name}`;
    if (known.includes(flag)) continue;
    const meant = suggest(flag, known);
    throw new OffhookError("setting-unknown", `${flag}${meant === undefined ? "" : `; did you mean ${meant}?`}`);
  }
  const { check, json, ...flags } = values;
  for (const [name, value] of Object.entries({ check, json })) {
    if (typeof value === "string")
      throw new OffhookError("setting-invalid", `--${name} is "${value}"; it takes no value`);
  }
  const [folder = ".", extra] = positionals;
  if (extra !== undefined) {
    throw new OffhookError("setting-unknown", `"${extra}": types takes one folder, "${folder}"`);
  }
  return { folder, flags, isCheck: check === true, isJson: json === true };
}

/** Undefined where there is none yet. */
async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new OffhookError("file-unreadable", `${file} (${code})`, { cause: error });
  }
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OffhookError("file-unwritable", `${file} (${code})`, { cause: error });
  }
}

/** `npx offhook` works where nothing is installed, and types do not. */
function hasTypes(folder: string): boolean {
  try {
    createRequire(join(folder, typesFileName)).resolve("@offhook/runtime/types");
    return true;
  } catch {
    return false;
  }
}

function jsonOf({ file, state, names, isInstalled }: Outcome): string {
  return `${JSON.stringify({ file, state, ...names, typesInstalled: isInstalled })}\n`;
}

function sentencesOf({ state, names, isInstalled }: Outcome): string {
  const { variables, functions, privateAssets } = names;
  const verb = { unchanged: "is up to date", written: "was written", outdated: "is out of date" }[state];
  const counts = [
    count(variables.length, "variable"),
    count(functions.length, "function"),
    count(privateAssets.length, "private asset"),
  ];
  const hint = `Its types come from @offhook/runtime, which is not installed there: npm install --save-dev @offhook/runtime\n`;
  return `${typesFileName} ${verb}: ${counts.join(", ")}.\n${isInstalled ? "" : hint}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
