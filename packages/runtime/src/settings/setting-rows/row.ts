/**
 * What is said of a setting.
 */
import type { Kind } from "../setting-kinds.ts";

export const settingGroups = ["Address", "Project", "Access", "Limits", "Isolates", "Log"] as const;

export interface SettingRow {
  readonly group: (typeof settingGroups)[number];
  readonly flag: `--${string}`;
  readonly short?: `-${string}`;
  /** The first that is set counts. */
  readonly variables: readonly [string, ...string[]];
  readonly kind: Kind<unknown>;
  /** As resolved: in `unit`, and `Infinity` where there is no limit. */
  readonly default: unknown;
  /** As people write it. */
  readonly defaultText: string;
  /** Of the resolved value and of a bare number. */
  readonly unit?: "ms" | "s" | "bytes" | "MB";
  readonly description: string;
}
