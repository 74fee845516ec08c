/**
 * Reads npm's own configuration of the user who starts the server: registries, tokens, proxies and certificates.
 * Other settings of npm have no effect on builds.
 */
import { access, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "ini";

type Environment = Readonly<Record<string, string | undefined>>;

const knownKeys: Readonly<Record<string, string>> = {
  registry: "registry",
  proxy: "proxy",
  "https-proxy": "httpsProxy",
  noproxy: "noProxy",
  "strict-ssl": "strictSSL",
  ca: "ca",
};

/** @returns options of npm's library. They hold tokens, so they must not be logged. */
export async function readNpmSettings(environment: Environment = process.env): Promise<Record<string, unknown>> {
  const global = environment["NPM_CONFIG_GLOBALCONFIG"] ?? (await findGlobalRc(environment));
  const user = environment["NPM_CONFIG_USERCONFIG"] ?? join(environment["HOME"] ?? homedir(), ".npmrc");
  const lines: Record<string, unknown> = {
    ...(await readRc(global, environment)),
    ...(await readRc(user, environment)),
    ...fromEnvironment(environment),
  };
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(lines)) {
    const known = knownKeys[key];
    if (known !== undefined) options[known] = value;
    else if (/^@[^/]+:registry$/.test(key) || key.startsWith("//")) options[key] = value;
    else if (key === "cafile") options["ca"] = await readFile(String(value), "utf8").catch(() => undefined);
  }
  return options;
}

/** Whether the options have credentials. Packages that they give access to must not be shared between accounts. */
export function hasCredentials(options: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(options).some((key) => key.startsWith("//"));
}

/** npm keeps it beside its own Node, which may be another one than ours. */
async function findGlobalRc(environment: Environment): Promise<string> {
  const folders = [process.execPath, ...(environment["PATH"] ?? "").split(":").map((folder) => join(folder, "npm"))];
  for (const program of folders) {
    const file = join(dirname(dirname(program)), "etc", "npmrc");
    if (
      await access(program).then(
        () =>
          access(file).then(
            () => true,
            () => false,
          ),
        () => false,
      )
    )
      return file;
  }
  return "";
}

/** A missing file is an empty one. */
async function readRc(file: string, environment: Environment): Promise<Record<string, unknown>> {
  const text = await readFile(file, "utf8").catch(() => "");
  return parse(text.replace(/\$\{(\w+)\}/g, (whole, name: string) => environment[name] ?? whole));
}

function fromEnvironment(environment: Environment): Record<string, unknown> {
  const entries = Object.entries(environment).flatMap(([name, value]) => {
    const [, key] = /^npm_config_(.+)$/i.exec(name) ?? [];
    return key === undefined || value === undefined || value === ""
      ? []
      : [[key.toLowerCase().replaceAll("_", "-"), value]];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}
