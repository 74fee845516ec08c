/**
 * A row of the table: everything that is defined about one setting.
 */
import type { Kind } from "../setting-kinds.ts";

export const settingGroups = ["Address", "Project", "Access", "Limits", "Isolates", "Log"] as const;

export interface SettingRow {
  readonly group: (typeof settingGroups)[number];
  /**
   * The person who sets it on a server of many services: the server's operator, or a service's author. Rows of
   * `development` have no effect there. With `start` and `dev`, the same person sets all of them.
   */
  readonly scope: "server" | "service" | "development";
  /**
   * How values compare, for a setting of a service that an operator can limit. Numbers compare as numbers. Other values
   * are listed here, the strictest first.
   */
  readonly rank?: "number" | readonly unknown[];
  readonly flag: `--${string}`;
  readonly short?: `-${string}`;
  /** The first one that is set counts. */
  readonly variables: readonly [string, ...string[]];
  readonly kind: Kind<unknown>;
  /** The resolved value: in `unit`, and `Infinity` for no limit. */
  readonly default: unknown;
  /** As people write it. */
  readonly defaultText: string;
  /** The unit of the resolved value and of a bare number. */
  readonly unit?: "ms" | "s" | "bytes" | "MB";
  readonly description: string;
}
