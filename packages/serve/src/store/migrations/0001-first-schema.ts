import { randomUUID } from "node:crypto";
import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Each table with its columns. `references` removes a row together with the row that it belongs to. */
export const firstSchema: Migration = {
  async up(database: Kysely<unknown>) {
    const statements = tables.map((text) => sql.raw(text));
    for (const statement of statements) await statement.execute(database);
    await sql`insert into revision (id, n, identity) values (1, 1, ${randomUUID()})`.execute(database);
  },
};

const tables = [
  `create table account (
    sid text primary key,
    name text not null,
    auth_token text not null,
    token_mac text not null,
    limits text,
    created_at bigint not null,
    updated_at bigint not null
  )`,
  `create table api_key (
    sid text primary key,
    account_sid text not null references account (sid) on delete cascade,
    name text not null,
    secret_sha256 text not null,
    role text not null,
    services text,
    expires_at bigint,
    last_used_at bigint,
    revoked_at bigint,
    created_at bigint not null
  )`,
  `create index api_key_account on api_key (account_sid)`,
  `create table service (
    sid text primary key,
    account_sid text not null references account (sid) on delete cascade,
    unique_name text not null,
    friendly_name text not null,
    include_credentials integer not null,
    ui_editable integer not null,
    domain_base text not null unique,
    settings text,
    created_at bigint not null,
    updated_at bigint not null
  )`,
  `create unique index service_name on service (account_sid, unique_name)`,
  `create table environment (
    sid text primary key,
    account_sid text not null,
    service_sid text not null references service (sid) on delete cascade,
    unique_name text not null,
    domain_suffix text not null,
    build_sid text,
    deployment_sid text,
    revision bigint not null,
    created_at bigint not null,
    updated_at bigint not null
  )`,
  `create unique index environment_name on environment (service_sid, unique_name)`,
  `create unique index environment_suffix on environment (service_sid, domain_suffix)`,
  `create index environment_build on environment (build_sid)`,
  `create table domain (
    name text primary key,
    account_sid text not null,
    environment_sid text references environment (sid) on delete set null,
    kind text not null,
    proof text,
    verified_at bigint,
    released_at bigint,
    created_at bigint not null
  )`,
  `create index domain_environment on domain (environment_sid)`,
  `create table variable (
    sid text primary key,
    environment_sid text not null references environment (sid) on delete cascade,
    key text not null,
    value text not null,
    created_at bigint not null,
    updated_at bigint not null
  )`,
  `create unique index variable_key on variable (environment_sid, key)`,
  `create table resource (
    sid text primary key,
    service_sid text not null references service (sid) on delete cascade,
    kind text not null,
    friendly_name text not null,
    created_at bigint not null,
    updated_at bigint not null
  )`,
  `create index resource_service on resource (service_sid, kind, created_at, sid)`,
  `create table version (
    sid text primary key,
    service_sid text not null references service (sid) on delete cascade,
    resource_sid text not null references resource (sid) on delete cascade,
    kind text not null,
    path text not null,
    visibility text not null,
    content_sha256 text not null,
    bytes bigint not null,
    content_type text not null,
    created_at bigint not null
  )`,
  `create index version_resource on version (resource_sid, created_at, sid)`,
  `create index version_content on version (content_sha256)`,
  `create table build (
    sid text primary key,
    account_sid text not null,
    service_sid text not null references service (sid) on delete cascade,
    status text not null,
    runtime text not null,
    lock_hash text,
    reason text,
    warnings text,
    claimed_until bigint,
    created_at bigint not null,
    updated_at bigint not null
  )`,
  `create index build_service on build (service_sid, created_at, sid)`,
  `create index build_account on build (account_sid, created_at)`,
  `create index build_queue on build (status, created_at)`,
  `create table build_version (
    build_sid text not null references build (sid) on delete cascade,
    version_sid text not null references version (sid),
    primary key (build_sid, version_sid)
  )`,
  `create index build_version_version on build_version (version_sid)`,
  `create table build_dependency (
    build_sid text not null references build (sid) on delete cascade,
    name text not null,
    requested text not null,
    resolved text,
    primary key (build_sid, name)
  )`,
  `create table dependency_set (
    lock_hash text primary key,
    lock_sha256 text not null,
    folder text,
    bytes bigint not null,
    created_at bigint not null,
    last_used_at bigint not null
  )`,
  `create table deployment (
    sid text primary key,
    account_sid text not null,
    service_sid text not null references service (sid) on delete cascade,
    environment_sid text not null references environment (sid) on delete cascade,
    build_sid text,
    created_at bigint not null,
    updated_at bigint not null
  )`,
  `create index deployment_environment on deployment (environment_sid, created_at, sid)`,
  `create table log (
    sid text primary key,
    account_sid text not null,
    service_sid text not null,
    environment_sid text not null,
    build_sid text not null,
    deployment_sid text not null,
    function_sid text,
    request_sid text,
    at bigint not null,
    seq bigint not null,
    level text not null,
    message text not null
  )`,
  `create index log_environment on log (environment_sid, at, seq)`,
  `create index log_at on log (at)`,
  `create table revision (
    id integer primary key,
    n bigint not null,
    identity text not null
  )`,
  `create table audit (
    id integer primary key,
    at bigint not null,
    account_sid text,
    actor text not null,
    address text not null,
    user_agent text not null,
    operation text not null,
    sids text not null,
    status integer not null
  )`,
  `create index audit_at on audit (at)`,
];
