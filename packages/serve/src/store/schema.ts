/**
 * The types of the tables. `migrations/` makes the tables. Times are milliseconds since 1970. SIDs are
 * primary keys. No value exceeds 1 MB: contents of files are artefacts, and rows name an artefact by the hash of its content.
 */
import type { Generated, Insertable, Selectable } from "kysely";

export interface Schema {
  readonly account: AccountTable;
  readonly api_key: ApiKeyTable;
  readonly service: ServiceTable;
  readonly environment: EnvironmentTable;
  readonly domain: DomainTable;
  readonly variable: VariableTable;
  readonly resource: ResourceTable;
  readonly version: VersionTable;
  readonly build: BuildTable;
  readonly build_version: BuildVersionTable;
  readonly build_dependency: BuildDependencyTable;
  readonly dependency_set: DependencySetTable;
  readonly deployment: DeploymentTable;
  readonly log: LogTable;
  readonly revision: RevisionTable;
  readonly audit: AuditTable;
}

/** The Twilio account that services stand for. */
interface AccountTable {
  /** `AC` and 32 hex digits. */
  sid: string;
  name: string;
  /** Sealed. Signatures are checked with it, and functions get it if their service includes credentials. */
  auth_token: string;
  /** SHA-256 of the auth token under a derived key, so that clients can authenticate with it. */
  token_mac: string;
  /** JSON: the account's plan limits. Null: those of the server. */
  limits: string | null;
  created_at: number;
  updated_at: number;
}

export type Role = "admin" | "deployer" | "reader";

/** Credentials of clients. */
interface ApiKeyTable {
  /** `SK` and 32 hex digits. */
  sid: string;
  account_sid: string;
  name: string;
  /** SHA-256 of the secret in hex. The secret has 32 random bytes, so it needs no slow hash. */
  secret_sha256: string;
  role: Role;
  /** JSON: unique names or SIDs of the services that it may use. Null: all. */
  services: string | null;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
  created_at: number;
}

interface ServiceTable {
  /** `ZS` and 32 hex digits. */
  sid: string;
  account_sid: string;
  unique_name: string;
  friendly_name: string;
  /** 0 or 1. */
  include_credentials: number;
  ui_editable: number;
  /** The first part of its host names: `<unique name>-<digits>`. */
  domain_base: string;
  /** JSON: settings that the operator set for this service. Null: none. */
  settings: string | null;
  created_at: number;
  updated_at: number;
}

interface EnvironmentTable {
  /** `ZE` and 32 hex digits. */
  sid: string;
  account_sid: string;
  service_sid: string;
  unique_name: string;
  /** Empty for production, because two nulls are distinct to a unique index. */
  domain_suffix: string;
  /** The build that it serves. Null: it serves nothing. */
  build_sid: string | null;
  deployment_sid: string | null;
  /** The value of the revision counter when its routing last changed. */
  revision: number;
  created_at: number;
  updated_at: number;
}

/** A host name. Unique across all accounts. */
interface DomainTable {
  /** Lower case, without port. */
  name: string;
  account_sid: string;
  /** Null once it is released. A released name stays reserved for its account for some time. */
  environment_sid: string | null;
  kind: "own" | "custom";
  /** The owner of a custom domain publishes this text as proof. */
  proof: string | null;
  verified_at: number | null;
  released_at: number | null;
  created_at: number;
}

interface VariableTable {
  /** `ZV` and 32 hex digits. */
  sid: string;
  environment_sid: string;
  key: string;
  /** Sealed, and bound to the environment and this row. */
  value: string;
  created_at: number;
  updated_at: number;
}

export type ResourceKind = "function" | "asset";

/** A function or an asset: a name with versions. */
interface ResourceTable {
  /** `ZH` and 32 hex digits. */
  sid: string;
  service_sid: string;
  kind: ResourceKind;
  friendly_name: string;
  created_at: number;
  updated_at: number;
}

/** Immutable content, with its path and visibility. */
interface VersionTable {
  /** `ZN` and 32 hex digits. */
  sid: string;
  service_sid: string;
  resource_sid: string;
  kind: ResourceKind;
  /** URL path with its leading slash, as it is served. */
  path: string;
  visibility: "public" | "protected" | "private";
  content_sha256: string;
  bytes: number;
  content_type: string;
  created_at: number;
}

/** A row is also the entry in the queue of builds. */
interface BuildTable {
  /** `ZB` and 32 hex digits. */
  sid: string;
  account_sid: string;
  service_sid: string;
  status: "building" | "completed" | "failed";
  /** `node22` or `node24`. */
  runtime: string;
  /** Null without dependencies, or until they are resolved. */
  lock_hash: string | null;
  /** Why it failed. */
  reason: string | null;
  /** JSON: sentences about what the health check found. */
  warnings: string | null;
  /** Another builder may claim the build after this time. Null: nobody has claimed it. */
  claimed_until: number | null;
  created_at: number;
  updated_at: number;
}

interface BuildVersionTable {
  build_sid: string;
  version_sid: string;
}

interface BuildDependencyTable {
  build_sid: string;
  name: string;
  /** As the client wrote it: a version, a range or a tag. */
  requested: string;
  /** The installed version. Null until it is resolved. */
  resolved: string | null;
}

/** Installed packages, shared by builds with the same lock. */
interface DependencySetTable {
  /** SHA-256 of lock, Node's major version, platform and libc, and the account where it must not be shared. */
  lock_hash: string;
  /** Artefact: the `package-lock.json`. */
  lock_sha256: string;
  /** Name of its folder in `dependencies/`. Strangers cannot guess it. Null until it is installed. */
  folder: string | null;
  bytes: number;
  created_at: number;
  last_used_at: number;
}

interface DeploymentTable {
  /** `ZD` and 32 hex digits. */
  sid: string;
  account_sid: string;
  service_sid: string;
  environment_sid: string;
  /** Null: the environment serves nothing from then on. */
  build_sid: string | null;
  created_at: number;
  updated_at: number;
}

/** One call of the console. */
interface LogTable {
  /** `NO` and 32 hex digits. */
  sid: string;
  account_sid: string;
  service_sid: string;
  environment_sid: string;
  build_sid: string;
  deployment_sid: string;
  /** Null for output that belongs to no function. */
  function_sid: string | null;
  /** `RQ` and 32 hex digits. Null for output that belongs to no request. */
  request_sid: string | null;
  at: number;
  /** Orders the lines of one millisecond. */
  seq: number;
  level: "info" | "warn" | "error";
  message: string;
}

/** One row. Each write that routing depends on raises `n` in its transaction. */
interface RevisionTable {
  id: number;
  n: number;
  /** Made with the database, so that a restored one is recognised. */
  identity: string;
}

/** Append-only. Holds no values. */
interface AuditTable {
  id: Generated<number>;
  at: number;
  account_sid: string | null;
  /** An API key, an account whose token was used, or `command`. */
  actor: string;
  address: string;
  user_agent: string;
  operation: string;
  /** JSON: the SIDs that the operation names. */
  sids: string;
  /** HTTP status. */
  status: number;
}

export type Row<Table extends keyof Schema> = Selectable<Schema[Table]>;
export type NewRow<Table extends keyof Schema> = Insertable<Schema[Table]>;
