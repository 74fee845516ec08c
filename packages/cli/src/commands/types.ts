/**
 * `offhook types`: writes a project's names for TypeScript.
 */
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

import { namesOf, typesFileName, typesText } from "@offhook/check/project-types";
import type { ProjectNames } from "@offhook/check/project-types";
import { exitCodes } from "@offhook/runtime/errors";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { pluralize } from "@offhook/runtime/internal/printable";
import { loadProject } from "@offhook/runtime/project";
import { loadSettings } from "@offhook/runtime/settings";

import { command } from "../command.ts";
import type { Input, Switch } from "../command.ts";
import type { CommandContext } from "../command-context.ts";

interface Outcome {
  readonly file: string;
  readonly state: "unchanged" | "written" | "outdated";
  readonly names: ProjectNames;
  /** Whether the package that the file refers to is installed. */
  readonly isInstalled: boolean;
}

export default command({
  usage: "[folder] [options]",
  positionals: ["folder"],
  about: `Writes offhook-env.d.ts into a project folder: the names of its variables, functions and private assets.
TypeScript and editors can then complete the names and report typos. The file never contains the value of
a variable.

Run it again when you add or remove variables, functions or private assets, and commit the file. A file that
is up to date is not touched. Where there is no .env, in CI for example, name a file that has the same
variables: --env .env.example, there and everywhere else.`,
  examples: ["offhook types", "offhook types --check --env .env.example"],
  options: {
    check: {
      kind: "switch",
      description: `Write nothing. Exit with ${exitCodes.outdated} if the file is missing or out of date.`,
    },
    json: { kind: "switch", description: "Print the result as one line of JSON." },
  },
  settings: ["env", "functionsFolder", "assetsFolder"],
  notes: "The types come from @offhook/runtime, which the project needs. offhook init --typescript adds it.",
  exitCodes: ["ok", "internal", "usage", "project", "node", "outdated"],
  run: types,
});

async function types(
  {
    positionals: [folder = "."],
    flags,
    options: { check: isCheck, json: isJson },
  }: Input<{ check: Switch; json: Switch }>,
  { stdout, environment }: CommandContext,
): Promise<number> {
  const settings = await loadSettings(folder, { flags, environment });
  const { service } = await loadProject(folder, settings);
  const names = namesOf(service);
  const file = join(service.folder, typesFileName);
  const text = typesText(names);
  // Writing an unchanged file would make a watching compiler run again.
  const isCurrent = (await textOf(file)) === text;
  if (!isCurrent && !isCheck) await write(file, text);
  const state = isCurrent ? "unchanged" : isCheck ? "outdated" : "written";
  const outcome = { file, state, names, isInstalled: hasTypes(service.folder) } as const;
  stdout.write(isJson ? jsonOf(outcome) : sentencesOf(outcome));
  if (state === "outdated") throw new OffhookError("types-outdated", file);
  return exitCodes.ok;
}

/** Undefined if the file does not exist yet. */
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

/** With `npx offhook`, the command runs although nothing is installed in the project. The types need the package. */
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
  const start = {
    unchanged: `${typesFileName} is up to date`,
    written: `Wrote ${typesFileName}`,
    outdated: `${typesFileName} is out of date`,
  }[state];
  const counts = [
    pluralize(variables.length, "variable"),
    pluralize(functions.length, "function"),
    pluralize(privateAssets.length, "private asset"),
  ];
  const hint = `It needs @offhook/runtime, which is not installed here: https://github.com/offhook/offhook#install\n`;
  return `${start}: ${counts.join(", ")}.\n${isInstalled ? "" : hint}`;
}
