/** Resolves the settings of `offhook serve` from its options, and the runtime's from flags and variables. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { resolveServerSettings, resolveServicePolicy } from "@offhook/runtime/internal/host-settings";
import { OffhookError } from "@offhook/runtime/offhook-error";
import type { ServeOptions, ServeSettings } from "@offhook/serve";

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
  const server = resolveServerSettings({ flags, environment });
  const settings: ServeSettings = {
    dataFolder: resolve(dataFolder),
    server,
    policy: resolveServicePolicy({ flags, environment }),
    apiHost: read.text("api-host") ?? "127.0.0.1",
    apiPort: read.number("api-port", 65_535) ?? 3001,
    adminHost: read.text("admin-host") ?? "127.0.0.1",
    adminPort: read.number("admin-port", 65_535),
    baseDomain: readBaseDomain(read.text("base-domain") ?? `localhost:${server.port}`),
    publicScheme: read.text("public-scheme") === "https" ? "https" : "http",
    apiUrl: readUrl(read.text("api-url")),
    apiCors: read.text("api-cors"),
    allowsAccountToken: options["no-account-token"] !== true,
    nodes: readRuntimes(read.list("runtime"), server.node),
    isOffline: options["offline"] === true,
    allowedScripts: read.list("allow-scripts"),
    logRetentionDays: read.number("log-retention", 36_500) ?? 30,
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
    return Array.isArray(option) ? (option as string[]) : [];
  }

  number(name: string, max = Number.MAX_SAFE_INTEGER): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value <= max) return value;
    throw new OffhookError("setting-invalid", `Invalid value for --${name}: "${text}". Expected a whole number.`);
  }
}

function readBaseDomain(text: string): string {
  const name = text.toLowerCase().replace(/^\./, "");
  if (/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?::\d{1,5})?$/.test(name)) return name;
  throw new OffhookError(
    "setting-invalid",
    `Invalid value for --base-domain: "${text}". Expected a name such as functions.example.com, or localhost:3000.`,
  );
}

function readUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === "/" && url.search === "") return url.origin;
  throw new OffhookError(
    "setting-invalid",
    `Invalid value for --api-url: "${text}". Expected a URL without a path, such as https://api.example.com.`,
  );
}

/** Without the option, the Node that runs this. */
function readRuntimes(entries: readonly string[], node: string): Record<string, string> {
  if (entries.length === 0) {
    const [major = "22"] = process.versions.node.split(".");
    return { [`node${major}`]: node };
  }
  return Object.fromEntries(
    entries.map((entry) => {
      const [, name, path] = /^(node\d{1,3})=(.+)$/.exec(entry) ?? [];
      if (name !== undefined && path !== undefined) return [name, resolve(path)];
      throw new OffhookError(
        "setting-invalid",
        `Invalid value for --runtime: "${entry}". Expected a name and a path, such as node22=/opt/node22/bin/node.`,
      );
    }),
  );
}

/** A function's host must never lead to the API, nor set cookies for it. */
function refuseOverlap({ apiUrl, baseDomain }: ServeSettings): void {
  if (apiUrl === undefined) return;
  const api = URL.parse(apiUrl)?.hostname ?? "";
  const base = baseDomain.replace(/:\d+$/, "");
  if (base === "localhost" || !(`.${api}`.endsWith(`.${base}`) || `.${base}`.endsWith(`.${api}`))) return;
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
  const authToken = await readFile(file, "utf8").then(
    (text) => text.trim(),
    (error: unknown) => {
      throw new OffhookError("file-unreadable", `${file}: ${(error as Error).message}`);
    },
  );
  if (authToken === "") throw new OffhookError("setting-invalid", `The file ${file} of --auth-token-file is empty.`);
  return { sid, authToken };
}
