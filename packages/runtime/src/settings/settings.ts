/**
 * Settings from where people write them to one frozen object. A flag beats a variable, a variable beats
 * `offhook.json`, that beats the default. (`.twilioserverlessrc` stands between the last two for the keys
 * it shares with us; `loadProject` reads it.)
 *
 * This is the package's `./settings` entry, hence the re-exports at the end.
 */
import { join } from "node:path";

import { OffhookError } from "../offhook-error.ts";
import { readJsonFile } from "../json-file.ts";
import { invalid } from "./setting-kinds.ts";
import { settingRows } from "./setting-table.ts";
import type { SettingRow } from "./setting-rows/row.ts";
import type { SettingKey, Settings } from "./setting-table.ts";
import { suggest } from "../suggestion.ts";

export interface SettingSources {
  /** By flag without its dashes, as `parseArgs` answers with the options of `flagOptions()`. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Usually `process.env`. Only the table's variables are looked at. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What `offhook.json` says, by key. */
  readonly file?: Readonly<Record<string, unknown>>;
  /** How messages name that file. */
  readonly fileName?: string;
  /** What a command takes where nobody says anything, instead of what the table says. */
  readonly defaults?: Partial<Settings>;
}

/** A value and the words for where it was found. */
interface Found {
  readonly where: string;
  readonly value: unknown;
}

/**
 * All settings, present and frozen.
 * @throws OffhookError `setting-unknown` for a flag or key that is not in the table, `setting-invalid` for
 * a value that its setting cannot have. The detail names flag, variable or file.
 */
export function resolveSettings(sources: SettingSources = {}): Settings {
  const { flags = {}, file = {}, fileName = "offhook.json", defaults = {} } = sources;
  refuseUnknownFlags(flags);
  refuseUnknownKeys(file, fileName);
  const resolved: Partial<Record<SettingKey, unknown>> = {};
  for (const [key, row] of settingRows()) {
    const found = find(key, row, sources, fileName);
    resolved[key] = found === undefined ? (defaults[key] ?? row.default) : read(row, found);
  }
  // The table gives each key its type; the compiler cannot follow that through a loop.
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
): Found | undefined {
  const flag = flags[row.flag.slice(2)];
  if (flag !== undefined) return { where: row.flag, value: flag };
  for (const variable of row.variables) {
    const value = environment[variable];
    // Compose files and unit templates set what they leave out to nothing: that is "not set".
    if (value === undefined || value === "") continue;
    // Kubernetes sets OFFHOOK_PORT=tcp://10.0.0.1:80 in every pod beside a service named "offhook".
    if (variable === "OFFHOOK_PORT" && /^(tcp|udp|sctp):\/\//.test(value)) continue;
    return { where: `the variable ${variable}`, value };
  }
  if (Object.hasOwn(file, key)) return { where: `"${key}" in ${fileName}`, value: file[key] };
  return undefined;
}

function read(row: SettingRow, { where, value }: Found): unknown {
  const result = row.kind.parse(value);
  if (result !== invalid) return result;
  // `parseArgs` gives `true` for a flag at the end of the line without its value.
  const isBare = value === true && where === row.flag;
  const said = isBare ? "has no value" : row.kind.isSecret ? "is invalid" : `is ${JSON.stringify(value)}`;
  throw new OffhookError("setting-invalid", `${where} ${said}; it takes ${row.kind.allowed}`);
}

function refuseUnknownFlags(flags: Readonly<Record<string, unknown>>): void {
  const known = settingRows().map(([, row]) => row.flag);
  for (const name of Object.keys(flags)) {
    const flag = name.length === 1 ? `-${name}` : `--${name}`;
    if (known.some((each) => each === flag)) continue;
    throw new OffhookError("setting-unknown", `${flag}${didYouMean(suggest(flag, known))}`);
  }
}

function refuseUnknownKeys(file: Readonly<Record<string, unknown>>, fileName: string): void {
  const known = settingRows().map(([key]) => key);
  for (const key of Object.keys(file)) {
    // Editors want it for completion.
    if (key === "$schema" || known.some((each) => each === key)) continue;
    const hint = didYouMean(suggest(key, known));
    throw new OffhookError("setting-unknown", `"${key}" in ${fileName}${hint}`);
  }
}

function didYouMean(suggestion: string | undefined): string {
  return suggestion === undefined ? "" : `; did you mean ${suggestion}?`;
}

/**
 * Variables that look like a mistyped setting, as sentences. They are no errors, because a platform may set
 * `OFFHOOK_…` variables of its own, but an ignored typo in a unit file is found by nobody.
 */
export function suspectVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = settingRows().flatMap(([, row]) => row.variables);
  return Object.keys(environment).flatMap((name) => {
    if (!name.startsWith("OFFHOOK_") || known.includes(name)) return [];
    const meant = suggest(
      name.slice("OFFHOOK_".length),
      known.map((each) => each.replace(/^OFFHOOK_/, "")),
    );
    if (meant === undefined) return [];
    return [`The variable ${name} is not a setting and was ignored: did you mean OFFHOOK_${meant}?`];
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

export type { SettingKey, Settings } from "./setting-table.ts";
export { flagLines, settingsHelp, settingsMarkdown, settingsSchema } from "./setting-reference.ts";
export { settingRows } from "./setting-table.ts";
export { host } from "./address-kinds.ts";
export { invalid } from "./setting-kinds.ts";
export { suggest } from "../suggestion.ts";
