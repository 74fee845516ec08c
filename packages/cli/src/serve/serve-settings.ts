/** Resolves the settings of `offhook serve` from its options, and the runtime's from flags and variables. */
import { join, resolve } from "node:path";
import {
  resolveServerSettings,
  resolveServicePolicy,
  type WrittenSettings,
} from "@offhook/runtime/internal/host-settings";
import { readJsonFile } from "@offhook/runtime/internal/json-file";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { host, invalid } from "@offhook/runtime/settings";
import type { ServeOptions, ServeSettings } from "@offhook/serve";

import { readAuthToken } from "../operators/auth-token.ts";

type Texts = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** @throws OffhookError `setting-invalid` and the others of the runtime's settings. */
export async function resolveServeSettings(
  flags: Readonly<Record<string, unknown>>,
  options: Texts,
  environment: Environment,
): Promise<ServeOptions> {
  const read = new OptionReader(options, environment);
  const dataFolder = read.text("data");
  if (dataFolder === undefined) {
    throw new OffhookError("setting-invalid", "--data is missing: the folder in which this server keeps everything.");
  }
  const fileName = join(resolve(dataFolder), "offhook.json");
  const { maxima, ...file } = (await readJsonFile(fileName)) ?? {};
  const operator = { flags, environment, file, fileName };
  const server = resolveServerSettings(operator);
  const settings: ServeSettings = {
    dataFolder: resolve(dataFolder),
    server,
    policy: resolveServicePolicy(operator, readMaxima(maxima, fileName)),
    apiHost: read.host("api-host"),
    apiPort: read.number("api-port", 65_535) ?? 3001,
    adminHost: read.host("admin-host"),
    adminPort: read.number("admin-port", 65_535),
    baseDomain: readBaseDomain(read.text("base-domain") ?? `localhost:${server.port}`),
    publicScheme: readScheme(read.text("public-scheme")),
    apiUrl: readOrigin("api-url", read),
    apiCors: readOrigin("api-cors", read),
    allowsAccountToken: !read.isOn("no-account-token"),
    nodes: readRuntimes(read.list("runtime"), server.node),
    isOffline: read.isOn("offline"),
    allowedScripts: read.list("allow-scripts"),
    logRetentionDays: readRetention(read),
    quotas: {
      services: read.number("max-services") ?? Infinity,
      environmentsPerService: read.number("max-environments") ?? Infinity,
      functionVersionsPerBuild: read.number("max-function-versions") ?? Infinity,
      assetVersionsPerBuild: read.number("max-asset-versions") ?? Infinity,
      buildsPerHour: read.number("max-builds-per-hour") ?? Infinity,
      // Contract row 175.
      variableBytes: read.number("max-variable-bytes") ?? 450,
      requestsPerSecond: read.number("max-requests-per-second") ?? Infinity,
    },
  };
  refuseOverlap(settings);
  return {
    settings,
    account: await readAccount(read),
    masterKeyFile: environment["OFFHOOK_MASTER_KEY_FILE"] || undefined,
  };
}

class OptionReader {
  readonly #options: Texts;
  readonly #environment: Environment;

  constructor(options: Texts, environment: Environment) {
    this.#options = options;
    this.#environment = environment;
  }

  /** From the option, else from its variable: `--api-port`, `OFFHOOK_API_PORT`. */
  text(name: string): string | undefined {
    const option = this.#options[name];
    if (typeof option === "string") return option;
    return this.#environment[`OFFHOOK_${name.replaceAll("-", "_").toUpperCase()}`] || undefined;
  }

  list(name: string): readonly string[] {
    const option = this.#options[name];
    if (Array.isArray(option) && option.length > 0) return option as string[];
    return (this.text(name) ?? "").split(",").filter((each) => each !== "");
  }

  isOn(name: string): boolean {
    if (this.#options[name] === true) return true;
    const text = this.text(name) ?? "false";
    if (!["true", "false", "1", "0"].includes(text)) throw invalidOption(name, text, "true or false");
    return text === "true" || text === "1";
  }

  host(name: string): string {
    const text = this.text(name) ?? "127.0.0.1";
    const value = host().parse(text);
    if (value === invalid) throw invalidOption(name, text, host().allowed);
    return value;
  }

  number(name: string, max = Number.MAX_SAFE_INTEGER): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value <= max) return value;
    throw invalidOption(name, text, max === Number.MAX_SAFE_INTEGER ? "an integer" : `an integer from 0 to ${max}`);
  }
}

function invalidOption(name: string, text: string, expected: string): OffhookError {
  return new OffhookError("setting-invalid", `Invalid value for --${name}: "${text}". Expected ${expected}.`);
}

function readMaxima(maxima: unknown, fileName: string): WrittenSettings | undefined {
  if (maxima === undefined) return undefined;
  if (typeof maxima === "object" && maxima !== null && !Array.isArray(maxima))
    return { values: maxima as Readonly<Record<string, unknown>>, name: `"maxima" in ${fileName}` };
  throw new OffhookError("setting-invalid", `Invalid value for "maxima" in ${fileName}. Expected an object.`);
}

/** The command line has been checked. The variable has not. */
function readScheme(text = "http"): "http" | "https" {
  if (text === "http" || text === "https") return text;
  throw invalidOption("public-scheme", text, "http or https");
}

function readRetention(read: OptionReader): number {
  const days = read.number("log-retention", 36_500) ?? 30;
  if (days > 0) return days;
  throw invalidOption("log-retention", "0", "an integer from 1 to 36500");
}

function readBaseDomain(text: string): string {
  const name = text.toLowerCase().replace(/^\./, "");
  if (/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?::\d{1,5})?$/.test(name)) return name;
  throw new OffhookError(
    "setting-invalid",
    `Invalid value for --base-domain: "${text}". Expected a name such as functions.example.com, or localhost:3000.`,
  );
}

/** The message does not repeat the value, because it may have a password. */
function readOrigin(name: string, read: OptionReader): string | undefined {
  const text = read.text(name);
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  const isWeb = url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
  if (isWeb && url.pathname === "/" && url.search === "" && url.hash === "") return url.origin;
  throw new OffhookError(
    "setting-invalid",
    `Invalid value for --${name}. Expected a URL without user and path, such as https://api.example.com.`,
  );
}

/** The runtimes that Twilio has today. Each is the Node that runs this, unless the operator names another. */
const runtimeNames = ["node24", "node22"] as const;

/** The first entry is the default. If the operator names none, that is the version of the running Node. */
function readRuntimes(entries: readonly string[], node: string): Record<string, string> {
  const named = entries.map((entry) => {
    const [, name, path] = /^(node\d{1,3})=(.+)$/.exec(entry) ?? [];
    if (name !== undefined && path !== undefined) return [name, resolve(path)] as const;
    throw new OffhookError(
      "setting-invalid",
      `Invalid value for --runtime: "${entry}". Expected a name and a path, such as node22=/opt/node22/bin/node.`,
    );
  });
  const [major = ""] = process.versions.node.split(".");
  const names = runtimeNames.toSorted((one) => (one === `node${major}` ? -1 : 0));
  return {
    ...Object.fromEntries(named),
    ...Object.fromEntries(names.map((name) => [name, node])),
    ...Object.fromEntries(named),
  };
}

/** A function's host must never lead to the API, nor set cookies for it. */
function refuseOverlap({ apiUrl, baseDomain, apiPort, server }: ServeSettings): void {
  if (apiPort !== 0 && apiPort === server.port)
    throw new OffhookError("setting-invalid", `--port and --api-port are both ${apiPort}. Choose two different ports.`);
  if (apiUrl === undefined) return;
  const api = URL.parse(apiUrl)?.hostname ?? "";
  const base = baseDomain.replace(/:\d+$/, "");
  // Locally, the API is at localhost, and functions are below it.
  if ((base === "localhost" && api === base) || !(`.${api}`.endsWith(`.${base}`) || `.${base}`.endsWith(`.${api}`)))
    return;
  throw new OffhookError(
    "setting-invalid",
    `--api-url has the host ${api}, and --base-domain is ${base}: one contains the other. Use two names that do not, so that no function can act as the API.`,
  );
}

async function readAccount(read: OptionReader): Promise<ServeOptions["account"]> {
  const sid = read.text("account-sid");
  const file = read.text("auth-token-file");
  if (sid === undefined && file === undefined) return undefined;
  if (sid === undefined || file === undefined) {
    throw new OffhookError("setting-invalid", "--account-sid and --auth-token-file belong together. Pass both.");
  }
  const authToken = await readAuthToken(file);
  if (/^AC[0-9a-f]{32}$/.test(sid)) return { sid, authToken };
  throw invalidOption("account-sid", sid, "AC and 32 lower-case hex digits");
}
