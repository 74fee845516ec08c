/**
 * THE table of settings: one row each, and nothing about a setting is said anywhere else. The `Settings`
 * type, the help, the reference page, the JSON Schema and `resolveSettings` are all made from it.
 *
 * The key is the name in `offhook.json`. Defaults are the hosted limits (contract §13), so that an author
 * meets them on the laptop. To add a setting, add a row; a test holds flag and variable to the key.
 */
import { host, networks, origin, ownPath, program, user } from "./address-kinds.ts";
import { duration, integer, oneOf, onOff, path, size } from "./setting-kinds.ts";
import type { Invalid, Kind } from "./setting-kinds.ts";

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

const anyNumber = Number.MAX_SAFE_INTEGER;
const limit = { least: 1, zeroIsNoLimit: true } as const;

export const settingTable = {
  port: {
    group: "Address",
    flag: "--port",
    short: "-p",
    variables: ["OFFHOOK_PORT", "PORT"],
    kind: integer({ least: 0, most: 65_535 }),
    default: 3000,
    defaultText: "3000",
    description: "Port to listen on; 0 takes any free one. Also read from PORT.",
  },
  host: {
    group: "Address",
    flag: "--host",
    variables: ["OFFHOOK_HOST", "HOST"],
    kind: host(),
    default: "127.0.0.1",
    defaultText: "127.0.0.1",
    description: "Address to listen on; 0.0.0.0 or :: for all of the machine's. Also read from HOST.",
  },
  publicUrl: {
    group: "Address",
    flag: "--public-url",
    variables: ["OFFHOOK_PUBLIC_URL"],
    kind: origin(),
    default: undefined,
    defaultText: "none",
    description: "The origin by which Twilio calls this server, behind a tunnel or proxy: signatures cover it.",
  },
  trustProxy: {
    group: "Address",
    flag: "--trust-proxy",
    variables: ["OFFHOOK_TRUST_PROXY"],
    kind: networks(),
    default: [] as readonly string[],
    defaultText: "none",
    description: "Proxies whose X-Forwarded-Proto and X-Forwarded-Host are believed.",
  },

  env: {
    group: "Project",
    flag: "--env",
    variables: ["OFFHOOK_ENV"],
    kind: path("file"),
    default: undefined,
    defaultText: ".env, if there is one",
    description: "File with the service's variables, relative to the project's folder.",
  },
  functionsFolder: {
    group: "Project",
    flag: "--functions-folder",
    variables: ["OFFHOOK_FUNCTIONS_FOLDER"],
    kind: path("folder"),
    default: undefined,
    defaultText: "functions or src/functions",
    description: "Folder of the functions, relative to the project's.",
  },
  assetsFolder: {
    group: "Project",
    flag: "--assets-folder",
    variables: ["OFFHOOK_ASSETS_FOLDER"],
    kind: path("folder"),
    default: undefined,
    defaultText: "assets, src/assets, static or src/static",
    description: "Folder of the assets, relative to the project's.",
  },

  signatureStatus: {
    group: "Access",
    flag: "--signature-status",
    variables: ["OFFHOOK_SIGNATURE_STATUS"],
    kind: oneOf(403, 400),
    default: 403,
    defaultText: "403",
    description: "Status of the reply to a call of a protected path without a valid signature.",
  },
  unsignedBodies: {
    group: "Access",
    flag: "--unsigned-bodies",
    variables: ["OFFHOOK_UNSIGNED_BODIES"],
    kind: onOff(),
    default: false,
    defaultText: "false",
    description: "Accept a signature of the URL alone for JSON and other bodies without bodySHA256.",
  },
  healthPath: {
    group: "Access",
    flag: "--health-path",
    variables: ["OFFHOOK_HEALTH_PATH"],
    kind: ownPath(),
    default: "/_offhook/health",
    defaultText: "/_offhook/health",
    description: "Path that says whether the server takes requests.",
  },

  timeout: {
    group: "Limits",
    flag: "--timeout",
    variables: ["OFFHOOK_TIMEOUT"],
    kind: duration("ms", limit),
    default: 10_000,
    defaultText: "10s",
    unit: "ms",
    description: "How long a function may run before its caller gets a 504.",
  },
  concurrency: {
    group: "Limits",
    flag: "--concurrency",
    variables: ["OFFHOOK_CONCURRENCY"],
    kind: integer({ ...limit, most: anyNumber }),
    default: 30,
    defaultText: "30",
    description: "Invocations that run at once; more get a 429.",
  },
  queueTimeout: {
    group: "Limits",
    flag: "--queue-timeout",
    variables: ["OFFHOOK_QUEUE_TIMEOUT"],
    kind: duration("ms", { least: 0 }),
    default: 100,
    defaultText: "100ms",
    unit: "ms",
    description: "How long a request over the concurrency limit waits for a place before its 429.",
  },
  memory: {
    group: "Limits",
    flag: "--memory",
    variables: ["OFFHOOK_MEMORY"],
    // Below this, Node itself does not start reliably.
    kind: size("mb", { least: 32 }),
    default: 256,
    defaultText: "256mb",
    unit: "MB",
    description: "Memory that an isolate may use.",
  },
  connectionLimit: {
    group: "Limits",
    flag: "--connection-limit",
    variables: ["OFFHOOK_CONNECTION_LIMIT"],
    kind: integer({ ...limit, most: anyNumber }),
    default: 10_000,
    defaultText: "10000",
    description: "Connections at once; idle ones give way, and more are closed unanswered.",
  },
  headTimeout: {
    group: "Limits",
    flag: "--head-timeout",
    variables: ["OFFHOOK_HEAD_TIMEOUT"],
    kind: duration("ms", { least: 1 }),
    default: 10_000,
    defaultText: "10s",
    unit: "ms",
    description: "How long the headers of a request may take to arrive before a 408.",
  },
  requestTimeout: {
    group: "Limits",
    flag: "--request-timeout",
    variables: ["OFFHOOK_REQUEST_TIMEOUT"],
    kind: duration("ms", { least: 1 }),
    default: 60_000,
    defaultText: "60s",
    unit: "ms",
    description: "How long a whole request may take to arrive before a 408.",
  },
  keepAliveTimeout: {
    group: "Limits",
    flag: "--keep-alive-timeout",
    variables: ["OFFHOOK_KEEP_ALIVE_TIMEOUT"],
    kind: duration("ms", { least: 1 }),
    default: 65_000,
    defaultText: "65s",
    unit: "ms",
    description: "How long an idle connection is kept; longer than a load balancer in front keeps it.",
  },
  requestLimit: {
    group: "Limits",
    flag: "--request-limit",
    variables: ["OFFHOOK_REQUEST_LIMIT"],
    kind: size("b", limit),
    default: 1_048_576,
    defaultText: "1mb",
    unit: "bytes",
    description: "Size of a request, headers included.",
  },
  replyLimit: {
    group: "Limits",
    flag: "--reply-limit",
    variables: ["OFFHOOK_REPLY_LIMIT"],
    kind: size("b", limit),
    default: 4_194_304,
    defaultText: "4mb",
    unit: "bytes",
    description: "Size of a function's reply.",
  },
  headerLimit: {
    group: "Limits",
    flag: "--header-limit",
    variables: ["OFFHOOK_HEADER_LIMIT"],
    kind: size("b", { least: 1024 }),
    default: 15_360,
    defaultText: "15kb",
    unit: "bytes",
    description: "Size of the headers and cookies of a request or a reply.",
  },
  headerCountLimit: {
    group: "Limits",
    flag: "--header-count-limit",
    variables: ["OFFHOOK_HEADER_COUNT_LIMIT"],
    kind: integer({ least: 1, most: anyNumber }),
    default: 90,
    defaultText: "90",
    description: "Number of the headers and cookies of a request or a reply.",
  },
  cookieMaxAge: {
    group: "Limits",
    flag: "--cookie-max-age",
    variables: ["OFFHOOK_COOKIE_MAX_AGE"],
    kind: duration("s", limit),
    default: 86_400,
    defaultText: "1d",
    unit: "s",
    description: "Longest Max-Age of a cookie that a function sets.",
  },
  assetLimit: {
    group: "Limits",
    flag: "--asset-limit",
    variables: ["OFFHOOK_ASSET_LIMIT"],
    kind: size("b", limit),
    default: 26_214_400,
    defaultText: "25mb",
    unit: "bytes",
    description: "Size of a public or protected asset, checked at start.",
  },
  privateAssetLimit: {
    group: "Limits",
    flag: "--private-asset-limit",
    variables: ["OFFHOOK_PRIVATE_ASSET_LIMIT"],
    kind: size("b", limit),
    default: 10_485_760,
    defaultText: "10mb",
    unit: "bytes",
    description: "Size of a private asset, checked at start.",
  },

  reuse: {
    group: "Isolates",
    flag: "--reuse",
    variables: ["OFFHOOK_REUSE"],
    kind: oneOf("clean", "never", "always"),
    default: "clean",
    defaultText: "clean",
    description: "When an isolate serves again: if the last invocation left nothing running, never, or always.",
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

export type SettingKey = keyof typeof settingTable;

type ValueOf<R extends SettingRow> =
  | Exclude<ReturnType<R["kind"]["parse"]>, Invalid>
  | (R["default"] extends undefined ? undefined : never);

/** Every setting, resolved: numbers in the row's `unit`, `Infinity` for "no limit". */
export type Settings = { readonly [K in SettingKey]: ValueOf<(typeof settingTable)[K]> };

/** The rows with their optional columns visible, in the table's order. */
export function settingRows(): readonly (readonly [SettingKey, SettingRow])[] {
  return Object.entries(settingTable) as [SettingKey, SettingRow][];
}
