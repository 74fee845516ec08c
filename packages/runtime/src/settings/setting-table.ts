/**
 * THE table of settings, with one row for each. Nothing about a setting is defined anywhere else. The `Settings`
 * type, the help, the reference page, the JSON Schema and `resolveSettings` are all derived from it.
 *
 * The key is the name in `offhook.json`. Defaults are the hosted limits (contract §13), so that authors
 * meet them on their own machine. To add a setting, add a row. A test checks that flag and variable match the key.
 */
import type { Invalid } from "./setting-kinds.ts";
import { isolateRows } from "./setting-rows/isolates.ts";
import { limitRows } from "./setting-rows/limits.ts";
import { logRows } from "./setting-rows/log.ts";
import type { SettingRow } from "./setting-rows/row.ts";
import { servingRows } from "./setting-rows/serving.ts";

export const settingTable = { ...servingRows, ...limitRows, ...isolateRows, ...logRows };

export type SettingKey = keyof typeof settingTable;

type ValueOf<R extends SettingRow> =
  | Exclude<ReturnType<R["kind"]["parse"]>, Invalid>
  | (R["default"] extends undefined ? undefined : never);

/** Every setting, resolved: numbers in the row's `unit`, `Infinity` for "no limit". */
export type Settings = { readonly [K in SettingKey]: ValueOf<(typeof settingTable)[K]> };

type KeysOfScope<S extends SettingRow["scope"]> = {
  [K in SettingKey]: (typeof settingTable)[K]["scope"] extends S ? K : never;
}[SettingKey];

/** How the server is reached, what it logs, and what all its services share. */
export type ServerSettings = Pick<Settings, KeysOfScope<"server">>;

/** Settings that each service has for itself. */
export type ServiceSettings = Pick<Settings, KeysOfScope<"service">>;

type RankedKey = { [K in SettingKey]: (typeof settingTable)[K] extends { rank: unknown } ? K : never }[SettingKey];

/** The settings of a service that an operator can limit. */
export type ServiceMaxima = Pick<Settings, RankedKey>;

/** The rows in the table's order, in a type that shows their optional columns. */
export function settingRows(): readonly (readonly [SettingKey, SettingRow])[] {
  return Object.entries(settingTable) as [SettingKey, SettingRow][];
}
