/**
 * What the table says about each setting.
 */
import type { Kind } from "../setting-kinds.ts";

export const settingGroups = ["Address", "Project", "Access", "Limits", "Isolates", "Log"] as const;

export interface SettingRow {
  readonly group: (typeof settingGroups)[number];
  /**
   * Who sets it where one server has many services: the server's operator, or a service's author. Rows of `development`
   * mean nothing there. With `start` and `dev`, the same person sets all of them.
   */
  readonly scope: "server" | "service" | "development";
  /**
   * For a setting of a service that an operator can limit: how values compare. Numbers compare as numbers. Others are
   * listed, the strictest first.
   */
  readonly rank?: "number" | readonly unknown[];
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
