/**
 * The options of `offhook serve`, beside the settings of the runtime. Each option is also an environment variable:
 * `--api-port` is `OFFHOOK_API_PORT`. Lists are separated by commas there, and a switch is `true` or `false`.
 */

interface ServeOption {
  readonly kind: "switch" | "text" | "list";
  readonly placeholder?: string;
  readonly choices?: readonly string[];
  readonly description: string;
}

export const serveOptions = {
  data: { kind: "text", placeholder: "folder", description: "Data folder. Required. It is made if it does not exist." },
  "api-port": { kind: "text", placeholder: "port", description: "Port of the API. [3001]" },
  "api-host": { kind: "text", placeholder: "host", description: "Address that the API listens on. [127.0.0.1]" },
  "admin-port": {
    kind: "text",
    placeholder: "port",
    description: "Port for the TLS proxy's question whether a host name is served. [off]",
  },
  "admin-host": { kind: "text", placeholder: "host", description: "Address of the admin port. [127.0.0.1]" },
  "base-domain": {
    kind: "text",
    placeholder: "name",
    description: "Environments are served below this name. It may end with a port. [localhost:<port>]",
  },
  "public-scheme": { kind: "text", choices: ["http", "https"], description: "Scheme of the functions' URLs. [http]" },
  "api-url": {
    kind: "text",
    placeholder: "url",
    description: "Base of the URLs in the API's replies. By default, the host that the client used.",
  },
  "api-cors": { kind: "text", placeholder: "origin", description: "A web origin that may call the API. [none]" },
  "no-account-token": { kind: "switch", description: "Only API keys authenticate, not an account's auth token." },
  node: {
    kind: "list",
    placeholder: "name=path",
    description: "The Node binary of a runtime: node24=/usr/bin/node. The first is the default. May be repeated.",
  },
  offline: { kind: "switch", description: "Builds only use npm's cache." },
  "allow-scripts": {
    kind: "list",
    placeholder: "package",
    description: "A package whose install scripts may run in builds. May be repeated.",
  },
  "log-retention": { kind: "text", placeholder: "days", description: "Days that the logs of functions are kept. [30]" },
  "max-services": { kind: "text", placeholder: "number", description: "Services of an account. [no limit]" },
  "max-environments": { kind: "text", placeholder: "number", description: "Environments of a service. [no limit]" },
  "max-build-functions": { kind: "text", placeholder: "number", description: "Functions of a build. [no limit]" },
  "max-build-assets": { kind: "text", placeholder: "number", description: "Assets of a build. [no limit]" },
  "max-builds-per-hour": { kind: "text", placeholder: "number", description: "Builds of an account. [no limit]" },
  "max-variable-bytes": { kind: "text", placeholder: "bytes", description: "Size of a variable's value. [450]" },
  "max-api-rate": {
    kind: "text",
    placeholder: "number",
    description: "API requests of an account in a second. [no limit]",
  },
  "account-sid": {
    kind: "text",
    placeholder: "sid",
    description: "First start only: the Twilio account of the services. [made up]",
  },
  "auth-token-file": {
    kind: "text",
    placeholder: "file",
    description: "First start only: a file with the auth token of that account.",
  },
} as const satisfies Readonly<Record<string, ServeOption>>;

export type ServeOptionName = keyof typeof serveOptions;

/** The options as written, by name without dashes. */
export type WrittenServeOptions = Readonly<
  Partial<Record<ServeOptionName, string | boolean | readonly string[] | undefined>>
>;

export function variableOf(name: ServeOptionName): string {
  return `OFFHOOK_${name.replaceAll("-", "_").toUpperCase()}`;
}
