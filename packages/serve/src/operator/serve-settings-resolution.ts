/** Resolves the settings of `offhook serve` from options, variables and the `offhook.json` in the data folder. */
import { join, resolve } from "node:path";
import { readJsonFile } from "@offhook/runtime/internal/json-file";
import { resolveServerSettings, resolveServicePolicy } from "@offhook/runtime/internal/host-settings";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { host, invalid } from "@offhook/runtime/settings";
import type { Quotas, ServeSettings } from "../control/serve-settings.ts";
import { serveOptions, variableOf, type ServeOptionName, type WrittenServeOptions } from "./serve-options.ts";

export interface ServeSources {
  readonly options: WrittenServeOptions;
  /** The settings of the runtime among the flags. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The file may hold settings of the runtime, which are the defaults of services, and `maxima` with the highest values
 * that deployments get.
 * @throws OffhookError `setting-unknown`, `setting-invalid`, `file-malformed`, `file-unreadable`.
 */
export async function resolveServeSettings({ options, flags, environment }: ServeSources): Promise<ServeSettings> {
  const read = new OptionReader(options, environment);
  const dataFolder = resolve(read.text("data") ?? missing("data", "a folder: --data /var/lib/offhook"));
  const fileName = join(dataFolder, "offhook.json");
  const { maxima, ...file } = (await readJsonFile(fileName)) ?? {};
  if (maxima !== undefined && (typeof maxima !== "object" || maxima === null || Array.isArray(maxima)))
    throw new OffhookError("setting-invalid", `Invalid value for "maxima" in ${fileName}. Expected an object.`);
  const operator = { flags, environment, file, fileName };
  const server = resolveServerSettings(operator);
  const policy = resolveServicePolicy(
    operator,
    maxima && { values: maxima as Readonly<Record<string, unknown>>, name: `"maxima" in ${fileName}` },
  );
  const settings: ServeSettings = {
    dataFolder,
    server,
    policy,
    apiHost: read.host("api-host"),
    apiPort: read.integer("api-port", 0, 65_535) ?? 3001,
    adminHost: read.host("admin-host"),
    adminPort: read.integer("admin-port", 0, 65_535),
    baseDomain: baseDomainOf(read, server.port),
    publicScheme: read.text("public-scheme") === "https" ? "https" : "http",
    apiUrl: read.url("api-url")?.href.replace(/\/+$/, ""),
    apiCors: read.url("api-cors")?.origin,
    allowsAccountToken: !read.isOn("no-account-token"),
    nodes: nodesOf(read.list("node")),
    isOffline: read.isOn("offline"),
    allowedScripts: read.list("allow-scripts"),
    logRetentionDays: read.integer("log-retention", 1, 3650) ?? 30,
    quotas: quotasOf(read),
  };
  refuseOverlap(settings);
  return Object.freeze(settings);
}

/** Where the account of the first start comes from. */
export function readAccountOptions({ options, environment }: Pick<ServeSources, "options" | "environment">): {
  readonly accountSid: string | undefined;
  readonly authTokenFile: string | undefined;
} {
  const read = new OptionReader(options, environment);
  return { accountSid: read.text("account-sid"), authTokenFile: read.text("auth-token-file") };
}

function missing(name: ServeOptionName, expected: string): never {
  throw new OffhookError("setting-invalid", `Missing value for --${name}. Expected ${expected}.`);
}

class OptionReader {
  readonly #options: WrittenServeOptions;
  readonly #environment: ServeSources["environment"];

  constructor(options: WrittenServeOptions, environment: ServeSources["environment"]) {
    this.#options = options;
    this.#environment = environment;
  }

  /** Without a value, a variable counts as "not set". */
  text(name: ServeOptionName): string | undefined {
    const written = this.#options[name];
    const value = typeof written === "string" ? written : this.#variable(name);
    const option = serveOptions[name];
    if (value !== undefined && "choices" in option && !option.choices.some((choice) => choice === value))
      this.refuse(name, value, option.choices.join(" or "));
    return value;
  }

  isOn(name: ServeOptionName): boolean {
    if (this.#options[name] === true) return true;
    const value = this.#variable(name) ?? "false";
    if (!["true", "false", "1", "0"].includes(value)) this.refuse(name, value, "true or false");
    return value === "true" || value === "1";
  }

  list(name: ServeOptionName): readonly string[] {
    const written = this.#options[name];
    if (Array.isArray(written) && written.length > 0) return written as readonly string[];
    return (this.#variable(name) ?? "").split(",").filter((each) => each !== "");
  }

  integer(name: ServeOptionName, min: number, max: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    // Kubernetes sets variables such as OFFHOOK_API_PORT=tcp://… for a service named "offhook-api".
    if (!(value >= min && value <= max)) this.refuse(name, text, `an integer from ${min} to ${max}`);
    return value;
  }

  /** 0 removes the limit, as in the runtime's settings. */
  limit(name: ServeOptionName, standard: number): number {
    const value = this.integer(name, 0, 1_000_000_000);
    return value === 0 ? Infinity : (value ?? standard);
  }

  host(name: ServeOptionName): string {
    const text = this.text(name) ?? "127.0.0.1";
    const value = host().parse(text);
    return value === invalid ? this.refuse(name, text, host().allowed) : value;
  }

  url(name: ServeOptionName): URL | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isPlain = url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
    if (url === undefined || !/^https?:$/.test(url.protocol) || !isPlain)
      // A password may be in the text.
      throw new OffhookError(
        "setting-invalid",
        `Invalid value for --${name}. Expected an http or https URL without user, query and fragment.`,
      );
    return url;
  }

  refuse(name: ServeOptionName, value: string, expected: string): never {
    throw new OffhookError("setting-invalid", `Invalid value for --${name}: "${value}". Expected ${expected}.`);
  }

  #variable(name: ServeOptionName): string | undefined {
    return this.#environment[variableOf(name)] || undefined;
  }
}

function quotasOf(read: OptionReader): Quotas {
  return {
    services: read.limit("max-services", Infinity),
    environmentsPerService: read.limit("max-environments", Infinity),
    functionVersionsPerBuild: read.limit("max-build-functions", Infinity),
    assetVersionsPerBuild: read.limit("max-build-assets", Infinity),
    buildsPerHour: read.limit("max-builds-per-hour", Infinity),
    variableBytes: read.limit("max-variable-bytes", 450),
    requestsPerSecond: read.limit("max-api-rate", Infinity),
  };
}

/** By default, builds run on the Node that runs the server. */
function nodesOf(written: readonly string[]): Readonly<Record<string, string>> {
  if (written.length === 0) return { [`node${process.versions.node.split(".")[0]}`]: process.execPath };
  return Object.fromEntries(
    written.map((text) => {
      const [, name, path] = /^(node\d{2})=(\/.+)$/.exec(text) ?? [];
      if (name === undefined || path === undefined)
        throw new OffhookError(
          "setting-invalid",
          `Invalid value for --node: "${text}". Expected the name of a runtime and an absolute path: node24=/usr/bin/node.`,
        );
      return [name, path];
    }),
  );
}

function baseDomainOf(read: OptionReader, port: number): string {
  const text = read.text("base-domain");
  if (text === undefined) return `localhost:${port}`;
  const [, name = "", portText] = /^([^:]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isName = name.split(".").every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label));
  if (!isName || name.length > 190 || Number(portText ?? 1) > 65_535 || /^[\d.]+$/.test(name))
    read.refuse("base-domain", text, "a host name, which may end with a port: functions.example.com");
  return text.toLowerCase();
}

/** A function on the API's host name could take the credentials of the API's clients. */
function refuseOverlap({ apiUrl, baseDomain, server, apiPort, apiHost }: ServeSettings): void {
  if (server.port === apiPort && apiPort !== 0 && (server.host === apiHost || isEveryAddress(server.host)))
    throw new OffhookError("setting-invalid", `--port and --api-port are both ${apiPort}. Choose two different ports.`);
  if (apiUrl === undefined) return;
  const api = new URL(apiUrl).hostname;
  const base = baseDomain.replace(/:\d+$/, "");
  const isLocal = base === "localhost";
  if (isLocal ? !api.endsWith(".localhost") : api !== base && !api.endsWith(`.${base}`) && !base.endsWith(`.${api}`))
    return;
  throw new OffhookError(
    "setting-invalid",
    `The host name of --api-url, ${api}, overlaps with --base-domain ${base}. Choose names of which neither contains the other.`,
  );
}

function isEveryAddress(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}
