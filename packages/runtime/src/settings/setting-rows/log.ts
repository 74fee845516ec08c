/**
 * The log, the dashboard and what `dev` reports.
 */
import { integer, oneOf, onOff } from "../setting-kinds.ts";
import type { SettingRow } from "./row.ts";

export const logRows = {
  log: {
    group: "Log",
    scope: "server",
    flag: "--log",
    variables: ["OFFHOOK_LOG"],
    kind: oneOf("text", "json"),
    default: "text",
    defaultText: "text",
    description: "Format of the log: lines for people, or one JSON object per line.",
  },
  logLevel: {
    group: "Log",
    scope: "server",
    flag: "--log-level",
    variables: ["OFFHOOK_LOG_LEVEL"],
    kind: oneOf("debug", "info", "warn", "error"),
    default: "info",
    defaultText: "info",
    description: "Lowest level that is logged.",
  },
  dashboard: {
    group: "Log",
    scope: "development",
    flag: "--dashboard",
    variables: ["OFFHOOK_DASHBOARD"],
    kind: onOff(),
    default: true,
    defaultText: "true",
    description: "For `dev`: show requests in a browser, on a separate port, and keep the last ones in .offhook/.",
  },
  dashboardPort: {
    group: "Log",
    scope: "development",
    flag: "--dashboard-port",
    variables: ["OFFHOOK_DASHBOARD_PORT"],
    kind: integer({ min: 0, max: 65_535 }),
    default: undefined,
    defaultText: "the next free one after port",
    description: "For `dev`: port of the dashboard, on the loopback address. 0 means any free port.",
  },
  typeCheck: {
    group: "Log",
    scope: "development",
    flag: "--type-check",
    variables: ["OFFHOOK_TYPE_CHECK"],
    kind: onOff(),
    default: true,
    defaultText: "true",
    description:
      "For `dev`: count the type errors of a TypeScript project in the background, with the compiler that is installed in the project.",
  },
  accessLog: {
    group: "Log",
    scope: "server",
    flag: "--access-log",
    variables: ["OFFHOOK_ACCESS_LOG"],
    kind: onOff(),
    default: false,
    defaultText: "false",
    description: "Log every request, not only failed ones.",
  },
} as const satisfies Record<string, SettingRow>;
