/**
 * The processes that functions run in.
 */
import { program, user } from "../address-kinds.ts";
import { anyNumber, duration, integer, oneOf, onOff } from "../setting-kinds.ts";
import type { SettingRow } from "./row.ts";

export const isolateRows = {
  reuse: {
    group: "Isolates",
    flag: "--reuse",
    variables: ["OFFHOOK_REUSE"],
    kind: oneOf("clean", "never", "always"),
    default: "clean",
    defaultText: "clean",
    description: "When an isolate serves again: if the last invocation left nothing running, never, or always.",
  },
  isolatePer: {
    group: "Isolates",
    flag: "--isolate-per",
    variables: ["OFFHOOK_ISOLATE_PER"],
    kind: oneOf("service", "function"),
    default: undefined,
    defaultText: "service; function if hardened",
    description:
      "Which handlers run in one isolate, one after the other: all of the service, or those of one function.",
  },
  isolateConcurrency: {
    group: "Isolates",
    flag: "--isolate-concurrency",
    variables: ["OFFHOOK_ISOLATE_CONCURRENCY"],
    kind: integer({ least: 1, most: anyNumber }),
    default: 1,
    defaultText: "1",
    description: "Invocations that share an isolate; more than 1 implies --reuse always.",
  },
  spares: {
    group: "Isolates",
    flag: "--spares",
    variables: ["OFFHOOK_SPARES"],
    kind: integer({ least: 0, most: 1000 }),
    default: 1,
    defaultText: "1",
    description: "Isolates kept ready ahead of need.",
  },
  idleTimeout: {
    group: "Isolates",
    flag: "--idle-timeout",
    variables: ["OFFHOOK_IDLE_TIMEOUT"],
    kind: duration("ms", { least: 0 }),
    default: 60_000,
    defaultText: "60s",
    unit: "ms",
    description: "How long an idle isolate beyond the spares is kept.",
  },
  hardened: {
    group: "Isolates",
    flag: "--hardened",
    variables: ["OFFHOOK_HARDENED"],
    kind: onOff(),
    default: false,
    defaultText: "false",
    description: "Isolates may read the project only, write a scratch folder only, and start no processes or threads.",
  },
  isolateUser: {
    group: "Isolates",
    flag: "--isolate-user",
    variables: ["OFFHOOK_ISOLATE_USER"],
    kind: user(),
    default: "auto",
    defaultText: "auto",
    description: "User that isolates run as: auto (one of their own if the server is root), same, or a user.",
  },
  node: {
    group: "Isolates",
    flag: "--node",
    variables: ["OFFHOOK_NODE"],
    kind: program(),
    default: process.execPath,
    defaultText: "the one that runs Offhook",
    description: "The Node that isolates run on.",
  },
} as const satisfies Record<string, SettingRow>;
