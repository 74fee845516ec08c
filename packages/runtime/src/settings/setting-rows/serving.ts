/**
 * Where a server is reached, what it serves, and to whom.
 */
import { host, networks, origin, ownPath } from "../address-kinds.ts";
import { commandWords } from "../command-words.ts";
import { integer, oneOf, onOff, path, secret } from "../setting-kinds.ts";
import type { SettingRow } from "./row.ts";

export const servingRows = {
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
  tunnel: {
    group: "Address",
    flag: "--tunnel",
    variables: ["OFFHOOK_TUNNEL"],
    kind: commandWords(),
    default: undefined,
    defaultText: "none",
    description:
      "For `dev`: a program that gives this server a public URL, which is found in what it prints; {url}, {host} and {port} stand for this server.",
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
  sharedKeySecret: {
    group: "Access",
    flag: "--shared-key-secret",
    variables: ["OFFHOOK_SHARED_KEY_SECRET"],
    kind: secret(),
    default: undefined,
    defaultText: "none",
    description:
      "Secret of the shared key that Twilio signs webhooks with instead of AUTH_TOKEN. Prefer the variable: other users of the machine can read flags.",
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
} as const satisfies Record<string, SettingRow>;
