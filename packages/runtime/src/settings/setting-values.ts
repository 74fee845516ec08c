/**
 * One value of a setting: where it was found, and its meaning.
 */
import { OffhookError } from "../offhook-error.ts";
import { suggest } from "../suggestion.ts";
import { invalid } from "./setting-kinds.ts";
import type { SettingRow } from "./setting-rows/row.ts";
import { settingRows } from "./setting-table.ts";
import type { SettingKey } from "./setting-table.ts";

export interface FoundValue {
  /** How messages name its place: the flag, the variable, or the key with its file. */
  readonly where: string;
  readonly value: unknown;
}

export function fromFile(
  key: SettingKey,
  file: Readonly<Record<string, unknown>>,
  fileName: string,
): FoundValue | undefined {
  return Object.hasOwn(file, key) ? { where: `"${key}" in ${fileName}`, value: file[key] } : undefined;
}

/** @throws OffhookError `setting-invalid` for an invalid value. */
export function readValue(row: SettingRow, { where, value }: FoundValue): unknown {
  const result = row.kind.parse(value);
  if (result !== invalid) return result;
  // `parseArgs` gives `true` for a flag at the end of the line without its value.
  const isBare = value === true && where === row.flag;
  const shown = row.kind.isSecret ? "" : `: ${JSON.stringify(value)}`;
  const problem = isBare ? `Missing value for ${where}` : `Invalid value for ${where}${shown}`;
  throw new OffhookError("setting-invalid", `${problem}. Expected ${row.kind.allowed}.`);
}

/** @throws OffhookError `setting-unknown` for a key that is not in the table. */
export function refuseUnknownKeys(file: Readonly<Record<string, unknown>>, fileName: string): void {
  const knownKeys = settingRows().map(([key]) => key);
  for (const key of Object.keys(file)) {
    // Editors use it for completion.
    if (key === "$schema" || knownKeys.some((each) => each === key)) continue;
    const hint = didYouMean(suggest(key, knownKeys));
    throw new OffhookError("setting-unknown", `"${key}" in ${fileName}${hint}`);
  }
}

export function didYouMean(suggestion: string | undefined): string {
  return suggestion === undefined ? "" : `; did you mean ${suggestion}?`;
}
