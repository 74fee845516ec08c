/**
 * Resolves settings from all their sources into one frozen object. A flag beats a variable, a variable beats
 * `offhook.json`, and `offhook.json` beats the default. (For the keys that `.twilioserverlessrc` shares with us, it
 * ranks between the last two. `loadProject` reads it.)
 *
 * This file is the package's entry `./settings`. That is why it re-exports others at the end.
 */
import { join } from "node:path";

import { readJsonFile } from "../json-file.ts";
import { OffhookError } from "../offhook-error.ts";
import { suggest } from "../suggestion.ts";
import type { SettingRow } from "./setting-rows/row.ts";
import { settingRows } from "./setting-table.ts";
import type { SettingKey, Settings } from "./setting-table.ts";
import { didYouMean, fromFile, readValue, refuseUnknownKeys } from "./setting-values.ts";
import type { FoundValue } from "./setting-values.ts";

export interface SettingSources {
  /** By flag without its dashes, as `parseArgs` returns them with the options of `flagOptions()`. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Usually `process.env`. Only the table's variables are read. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The values in `offhook.json`, by key. */
  readonly file?: Readonly<Record<string, unknown>>;
  /** How messages name that file. */
  readonly fileName?: string;
  /** Defaults of a command, which replace those of the table. */
  readonly defaults?: Partial<Settings>;
}

/**
 * All settings, present and frozen.
 * @throws OffhookError `setting-unknown` for a flag or key that is not in the table, `setting-invalid` for
 * an invalid value. The detail names the flag, variable or file.
 */
export function resolveSettings(sources: SettingSources = {}): Settings {
  const { flags = {}, file = {}, fileName = "offhook.json", defaults = {} } = sources;
  refuseUnknownFlags(flags);
  refuseUnknownKeys(file, fileName);
  const resolved: Partial<Record<SettingKey, unknown>> = {};
  for (const [key, row] of settingRows()) {
    const found = find(key, row, sources, fileName);
    resolved[key] = found === undefined ? (defaults[key] ?? row.default) : readValue(row, found);
  }
  // The table gives each key its type. The compiler cannot follow that through a loop.
  return Object.freeze(resolved) as unknown as Settings;
}

/**
 * Reads `offhook.json` in `folder`, if there is one, and resolves.
 * @throws OffhookError as `resolveSettings`, and `file-malformed`, `file-unreadable`.
 */
export async function loadSettings(
  folder: string,
  sources: Pick<SettingSources, "flags" | "environment" | "defaults"> = {},
): Promise<Settings> {
  const fileName = join(folder, "offhook.json");
  const file = (await readJsonFile(fileName)) ?? {};
  return resolveSettings({ ...sources, file, fileName });
}

function find(
  key: SettingKey,
  row: SettingRow,
  { flags = {}, environment = {}, file = {} }: SettingSources,
  fileName: string,
): FoundValue | undefined {
  const flag = flags[row.flag.slice(2)];
  if (flag !== undefined) return { where: row.flag, value: flag };
  for (const variable of row.variables) {
    const value = environment[variable];
    // Compose files and unit templates set a variable without a value to the empty text: that counts as "not set".
    if (value === undefined || value === "") continue;
    // Kubernetes sets OFFHOOK_PORT=tcp://10.0.0.1:80 in every pod beside a service named "offhook".
    if (variable === "OFFHOOK_PORT" && /^(tcp|udp|sctp):\/\//.test(value)) continue;
    return { where: `the variable ${variable}`, value };
  }
  return fromFile(key, file, fileName);
}

function refuseUnknownFlags(flags: Readonly<Record<string, unknown>>): void {
  const knownFlags = settingRows().map(([, row]) => row.flag);
  for (const name of Object.keys(flags)) {
    const flag = name.length === 1 ? `-${name}` : `--${name}`;
    if (knownFlags.some((each) => each === flag)) continue;
    throw new OffhookError("setting-unknown", `${flag}${didYouMean(suggest(flag, knownFlags))}`);
  }
}

/**
 * Warnings about variables that look like a mistyped setting. They are not errors, because a platform may set
 * `OFFHOOK_…` variables of its own. Without a warning, nobody would find a typo in a unit file.
 */
export function suspectVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const knownVariables = settingRows().flatMap(([, row]) => row.variables);
  return Object.keys(environment).flatMap((name) => {
    if (!name.startsWith("OFFHOOK_") || knownVariables.includes(name)) return [];
    const meant = suggest(
      name.slice("OFFHOOK_".length),
      knownVariables.map((each) => each.replace(/^OFFHOOK_/, "")),
    );
    if (meant === undefined) return [];
    return [`The variable ${name} is not a setting and was ignored. Did you mean OFFHOOK_${meant}?`];
  });
}

/** The table as the `options` of `parseArgs`. */
export function flagOptions(): Record<string, { type: "string" | "boolean"; short?: string }> {
  return Object.fromEntries(
    settingRows().map(([, row]) => {
      const type = row.kind.placeholder === undefined ? "boolean" : "string";
      return [row.flag.slice(2), { type, ...(row.short && { short: row.short.slice(1) }) }] as const;
    }),
  );
}

export type { ServerSettings, ServiceSettings, SettingKey, Settings } from "./setting-table.ts";
export { flagLines, settingsHelp, settingsMarkdown, settingsSchema } from "./setting-reference.ts";
export { settingRows } from "./setting-table.ts";
export { host } from "./address-kinds.ts";
export { invalid } from "./setting-kinds.ts";
