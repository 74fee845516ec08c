/**
 * What is told.
 */
import { oneOf, onOff } from "../setting-kinds.ts";
import type { SettingRow } from "./row.ts";

export const logRows = {
  log: {
    group: "Log",
    flag: "--log",
    variables: ["OFFHOOK_LOG"],
    kind: oneOf("text", "json"),
    default: "text",
    defaultText: "text",
    description: "Form of what is printed: lines for people, or one JSON object a line.",
  },
  logLevel: {
    group: "Log",
    flag: "--log-level",
    variables: ["OFFHOOK_LOG_LEVEL"],
    kind: oneOf("debug", "info", "warn", "error"),
    default: "info",
    defaultText: "info",
    description: "Least severe level that is logged.",
  },
  dashboard: {
    group: "Log",
    flag: "--dashboard",
    variables: ["OFFHOOK_DASHBOARD"],
    kind: onOff(),
    default: true,
    defaultText: "true",
    description:
      "For `dev`: show requests at /_offhook/, to browsers of this machine, and keep the last ones in .offhook/.",
  },
  accessLog: {
    group: "Log",
    flag: "--access-log",
    variables: ["OFFHOOK_ACCESS_LOG"],
    kind: onOff(),
    default: false,
    defaultText: "false",
    description: "Log every request, not only those that fail.",
  },
} as const satisfies Record<string, SettingRow>;
