/**
 * The processes that functions run in.
 */
import { program, user } from "../address-kinds.ts";
import { anyNumber, duration, integer, oneOf, onOff } from "../setting-kinds.ts";
import type { SettingRow } from "./row.ts";

export const isolateRows = {
  reuse: {
    group: "Isolates",
    scope: "service",
    rank: ["never", "clean", "always"],
    flag: "--reuse",
    variables: ["OFFHOOK_REUSE"],
    kind: oneOf("clean", "never", "always"),
    default: "clean",
    defaultText: "clean",
    description: "When an isolate is reused: if the last invocation left nothing running, never, or always.",
  },
  isolatePer: {
    group: "Isolates",
    scope: "service",
    flag: "--isolate-per",
    variables: ["OFFHOOK_ISOLATE_PER"],
    kind: oneOf("service", "function"),
    default: undefined,
    defaultText: "service; function if hardened",
    description:
      "Whether all functions of the service share isolates, one after the other, or each function has its own isolates.",
  },
  isolateConcurrency: {
    group: "Isolates",
    scope: "service",
    rank: "number",
    flag: "--isolate-concurrency",
    variables: ["OFFHOOK_ISOLATE_CONCURRENCY"],
    kind: integer({ min: 1, max: anyNumber }),
    default: 1,
    defaultText: "1",
    description: "How many invocations share an isolate at once. More than 1 implies --reuse always.",
  },
  spares: {
    group: "Isolates",
    scope: "service",
    rank: "number",
    flag: "--spares",
    variables: ["OFFHOOK_SPARES"],
    kind: integer({ min: 0, max: 1000 }),
    default: 1,
    defaultText: "1",
    description: "How many idle isolates are kept ready for the next requests.",
  },
  idleTimeout: {
    group: "Isolates",
    scope: "service",
    rank: "number",
    flag: "--idle-timeout",
    variables: ["OFFHOOK_IDLE_TIMEOUT"],
    kind: duration("ms", { min: 0 }),
    default: 60_000,
    defaultText: "60s",
    unit: "ms",
    description: "How long an idle isolate is kept if there are more than the spares.",
  },
  hardened: {
    group: "Isolates",
    scope: "service",
    rank: [true, false],
    flag: "--hardened",
    variables: ["OFFHOOK_HARDENED"],
    kind: onOff(),
    default: false,
    defaultText: "false",
    description:
      "Isolates may read only the project and write only a scratch folder. They cannot start processes or threads.",
  },
  isolateUser: {
    group: "Isolates",
    scope: "server",
    flag: "--isolate-user",
    variables: ["OFFHOOK_ISOLATE_USER"],
    kind: user(),
    default: "auto",
    defaultText: "auto",
    description: "User that isolates run as: auto (a separate user if the server is root), same, or a user.",
  },
  node: {
    group: "Isolates",
    scope: "server",
    flag: "--node",
    variables: ["OFFHOOK_NODE"],
    kind: program(),
    default: process.execPath,
    defaultText: "the one that runs Offhook",
    description: "The Node that runs the isolates.",
  },
} as const satisfies Record<string, SettingRow>;
