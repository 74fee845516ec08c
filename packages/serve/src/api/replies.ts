/** Makes the API's form of each row. All fields of Twilio's schema are present, and null where they are empty. */
import type { Row } from "../store/schema.ts";
import { domainNameOf } from "../store/domain-names.ts";
import type { Links } from "./links.ts";

export function serviceReply(row: Row<"service">, links: Links): object {
  const url = links.service(row.sid);
  return {
    sid: row.sid,
    account_sid: row.account_sid,
    friendly_name: row.friendly_name,
    unique_name: row.unique_name,
    include_credentials: row.include_credentials === 1,
    ui_editable: row.ui_editable === 1,
    domain_base: row.domain_base,
    ...datesOf(row),
    url,
    links: {
      environments: `${url}/Environments`,
      functions: `${url}/Functions`,
      assets: `${url}/Assets`,
      builds: `${url}/Builds`,
    },
  };
}

export function environmentReply(
  row: Row<"environment">,
  service: Row<"service">,
  baseDomain: string,
  links: Links,
): object {
  const url = links.environment(row.service_sid, row.sid);
  return {
    sid: row.sid,
    account_sid: row.account_sid,
    service_sid: row.service_sid,
    build_sid: row.build_sid,
    unique_name: row.unique_name,
    domain_suffix: row.domain_suffix === "" ? null : row.domain_suffix,
    domain_name: domainNameOf(service.domain_base, row.domain_suffix, baseDomain),
    ...datesOf(row),
    url,
    links: { variables: `${url}/Variables`, deployments: `${url}/Deployments`, logs: `${url}/Logs` },
  };
}

/** @param value null for keys that may not read it. */
export function variableReply(
  row: Row<"variable">,
  value: string | null,
  environment: Row<"environment">,
  links: Links,
): object {
  return {
    sid: row.sid,
    account_sid: environment.account_sid,
    service_sid: environment.service_sid,
    environment_sid: environment.sid,
    key: row.key,
    value,
    ...datesOf(row),
    url: `${links.environment(environment.service_sid, environment.sid)}/Variables/${row.sid}`,
  };
}

export function deploymentReply(row: Row<"deployment">, links: Links): object {
  return {
    sid: row.sid,
    account_sid: row.account_sid,
    service_sid: row.service_sid,
    environment_sid: row.environment_sid,
    build_sid: row.build_sid,
    ...datesOf(row),
    url: `${links.environment(row.service_sid, row.environment_sid)}/Deployments/${row.sid}`,
  };
}

export function logReply(row: Row<"log">, links: Links): object {
  return {
    sid: row.sid,
    account_sid: row.account_sid,
    service_sid: row.service_sid,
    environment_sid: row.environment_sid,
    build_sid: row.build_sid,
    deployment_sid: row.deployment_sid,
    function_sid: row.function_sid,
    request_sid: row.request_sid,
    level: row.level,
    message: row.message,
    // With milliseconds, because clients sort by it.
    date_created: new Date(row.at).toISOString(),
    url: `${links.environment(row.service_sid, row.environment_sid)}/Logs/${row.sid}`,
  };
}

export function resourceReply(row: Row<"resource">, accountSid: string, links: Links): object {
  const url = links.resource(row.service_sid, row.kind, row.sid);
  return {
    sid: row.sid,
    account_sid: accountSid,
    service_sid: row.service_sid,
    friendly_name: row.friendly_name,
    ...datesOf(row),
    url,
    links: { [row.kind === "function" ? "function_versions" : "asset_versions"]: `${url}/Versions` },
  };
}

export function versionReply(row: Row<"version">, accountSid: string, links: Links): object {
  const isFunction = row.kind === "function";
  const url = `${links.resource(row.service_sid, row.kind, row.resource_sid)}/Versions/${row.sid}`;
  return {
    sid: row.sid,
    account_sid: accountSid,
    service_sid: row.service_sid,
    [isFunction ? "function_sid" : "asset_sid"]: row.resource_sid,
    path: row.path,
    visibility: row.visibility,
    date_created: dateOf(row.created_at),
    url,
    ...(isFunction && { links: { function_version_content: `${url}/Content` } }),
  };
}

export function buildReply(
  row: Row<"build">,
  content: {
    readonly versions: readonly Row<"version">[];
    readonly dependencies: readonly Row<"build_dependency">[];
  },
  links: Links,
): object {
  const url = links.build(row.service_sid, row.sid);
  const versionsOf = (kind: "function" | "asset"): object[] =>
    content.versions.filter((each) => each.kind === kind).map((each) => versionReply(each, row.account_sid, links));
  return {
    sid: row.sid,
    account_sid: row.account_sid,
    service_sid: row.service_sid,
    status: row.status,
    asset_versions: versionsOf("asset"),
    function_versions: versionsOf("function"),
    // As clients asked for them, since they send them again (contract §10.4).
    dependencies: content.dependencies.map(({ name, requested }) => ({ name, version: requested })),
    runtime: row.runtime,
    ...datesOf(row),
    url,
    links: { build_status: `${url}/Status` },
  };
}

export function buildStatusReply(row: Row<"build">, links: Links): object {
  return {
    sid: row.sid,
    account_sid: row.account_sid,
    service_sid: row.service_sid,
    status: row.status,
    url: `${links.build(row.service_sid, row.sid)}/Status`,
  };
}

function datesOf(row: { readonly created_at: number; readonly updated_at: number }): object {
  return { date_created: dateOf(row.created_at), date_updated: dateOf(row.updated_at) };
}

/** In seconds, as Twilio writes times. */
function dateOf(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, "Z");
}
