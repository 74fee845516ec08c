/** The settings of `offhook serve`, all present. The command resolves them from flags, variables and defaults. */
import type { ServicePolicy } from "@offhook/runtime/internal/host-settings";
import type { ServerSettings } from "@offhook/runtime/settings";

export interface ServeSettings {
  /** Absolute path of the data folder. */
  readonly dataFolder: string;
  /** The settings of the runtime that concern the whole server: the functions' listener, `trustProxy`, the log. */
  readonly server: ServerSettings;
  /** Defaults and maxima for the settings of services. */
  readonly policy: ServicePolicy;
  /** The listener of the API. */
  readonly apiHost: string;
  readonly apiPort: number;
  /** The listener for the TLS proxy's questions, and later for metrics. Undefined: none. */
  readonly adminHost: string;
  readonly adminPort: number | undefined;
  /** Environments are served as `<domain base>[-suffix].<base domain>`. May end with a port: `localhost:3000`. */
  readonly baseDomain: string;
  /** The scheme that callers of functions use, as far as no trusted proxy says otherwise. */
  readonly publicScheme: "http" | "https";
  /** Base of the URLs in the API's replies. Undefined: the host that the client used. */
  readonly apiUrl: string | undefined;
  /** An origin that browsers may call the API from. Undefined: none. */
  readonly apiCors: string | undefined;
  /** Whether `AC…:auth token` authenticates, as at Twilio. */
  readonly allowsAccountToken: boolean;
  /** Node binaries by runtime: `node22` → absolute path. The first is the default. */
  readonly nodes: Readonly<Record<string, string>>;
  /** Whether builds use npm's cache only. */
  readonly isOffline: boolean;
  /** Names of packages whose install scripts run. */
  readonly allowedScripts: readonly string[];
  /** Days after which log lines are removed. */
  readonly logRetentionDays: number;
  readonly quotas: Quotas;
}

/** The limits of an account. By default only `variableBytes` is finite: 450 (contract §10.7, row 175). */
export interface Quotas {
  readonly services: number;
  readonly environmentsPerService: number;
  readonly functionVersionsPerBuild: number;
  readonly assetVersionsPerBuild: number;
  readonly buildsPerHour: number;
  readonly variableBytes: number;
  readonly requestsPerSecond: number;
}
