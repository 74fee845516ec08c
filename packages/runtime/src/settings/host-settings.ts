/**
 * Settings on a host of many services. The server's own settings come from its operator alone. A service's settings
 * come with its deployment or from the operator. From the weakest to the strongest: the table, the operator's defaults,
 * the deployment, the operator's maxima, the operator's settings for this service.
 */
import { OffhookError } from "../offhook-error.ts";
import { suggest } from "../suggestion.ts";
import type { SettingRow } from "./setting-rows/row.ts";
import { settingRows } from "./setting-table.ts";
import type { ServerSettings, ServiceMaxima, ServiceSettings, SettingKey } from "./setting-table.ts";
import { didYouMean, fromFile, readValue, refuseUnknownKeys } from "./setting-values.ts";
import { resolveSettings } from "./settings.ts";
import type { SettingSources } from "./settings.ts";

/** Settings by key, as people wrote them. */
export interface WrittenSettings {
  readonly values: Readonly<Record<string, unknown>>;
  /** How messages name the file, or another place where the settings were written. */
  readonly name: string;
}

/** The operator's defaults and maxima for every service. */
export interface ServicePolicy {
  /** For services that do not set a value. Never above `maxima`. */
  readonly defaults: ServiceSettings;
  /** The highest values that a deployment gets. */
  readonly maxima: ServiceMaxima;
}

export interface ServiceSources {
  /** The `offhook.json` that came with the deployment. */
  readonly deployment?: WrittenSettings | undefined;
  /** The operator's settings for this service. */
  readonly operator?: WrittenSettings | undefined;
}

/**
 * @param operator the operator's own flags, variables and file. Service settings among them become the services'
 * defaults.
 * @throws OffhookError as `resolveSettings`.
 */
export function resolveServerSettings(operator: SettingSources = {}): ServerSettings {
  const settings = resolveSettings(operator);
  return freezeSettings(rowsOf("server").map(([key]) => [key, settings[key]])) as ServerSettings;
}

/**
 * If the operator writes no maximum, the default is the maximum. A deployment can always ask for less. It can ask for
 * more only if the operator allows it.
 * @param operator as for `resolveServerSettings`.
 * @throws OffhookError as `resolveSettings`, also for a maximum of an unknown setting and for an invalid maximum.
 */
export function resolveServicePolicy(operator: SettingSources = {}, maxima?: WrittenSettings): ServicePolicy {
  const defaults = resolveSettings(operator);
  if (maxima !== undefined) refuseOthers(maxima, ([, row]) => row.rank !== undefined, "this setting has no maximum");
  const service = rowsOf("service").map(([key, row]): ServiceRow => {
    const found = maxima && fromFile(key, maxima.values, maxima.name);
    const maximum = found === undefined ? defaults[key] : readValue(row, found);
    return { key, row, maximum, value: exceeds(row, defaults[key], maximum) ? maximum : defaults[key] };
  });
  const ranked = service.filter(({ row }) => row.rank !== undefined);
  return Object.freeze({
    defaults: freezeSettings(service.map(({ key, value }) => [key, value])) as ServiceSettings,
    maxima: freezeSettings(ranked.map(({ key, maximum }) => [key, maximum])) as ServiceMaxima,
  });
}

interface ServiceRow {
  readonly key: SettingKey;
  readonly row: SettingRow;
  readonly maximum: unknown;
  readonly value: unknown;
}

/**
 * Returns the settings of one service, and warnings about settings of its deployment that do not apply. Settings for
 * development have no effect here. They cause no warning.
 * @throws OffhookError `setting-unknown` and `setting-invalid`, also for a path of a deployment that leads out of its
 * folder.
 */
export function resolveServiceSettings(
  policy: ServicePolicy,
  { deployment, operator }: ServiceSources,
): { readonly settings: ServiceSettings; readonly warnings: readonly string[] } {
  if (operator !== undefined)
    refuseOthers(operator, ([, row]) => row.scope === "service", "a service cannot have this setting");
  const warnings = deployment === undefined ? [] : warningsAboutServer(deployment);
  const settings = rowsOf("service").map(([key, row]): [SettingKey, unknown] => {
    const asked = deployment && readDeployed(key, row, deployment);
    const decided = operator && fromFile(key, operator.values, operator.name);
    if (decided !== undefined) return [key, readValue(row, decided)];
    if (asked === undefined) return [key, policy.defaults[key as keyof ServiceSettings]];
    const maximum = policy.maxima[key as keyof ServiceMaxima];
    if (!exceeds(row, asked.value, maximum)) return [key, asked.value];
    const text = formatValue(row, maximum);
    warnings.push(`${asked.where} is ${asked.text}. The maximum on this server is ${text}, so ${text} applies.`);
    return [key, maximum];
  });
  return { settings: freezeSettings(settings) as ServiceSettings, warnings };
}

interface RequestedValue {
  readonly where: string;
  /** As written. */
  readonly text: string;
  readonly value: unknown;
}

function readDeployed(key: SettingKey, row: SettingRow, { values, name }: WrittenSettings): RequestedValue | undefined {
  const found = fromFile(key, values, name);
  if (found === undefined) return undefined;
  const value = readValue(row, found);
  const text = JSON.stringify(found.value);
  if (row.kind.leadsOut?.(value)) {
    throw new OffhookError(
      "setting-invalid",
      `Invalid value for ${found.where}: ${text}. The path must not lead out of the service's folder.`,
    );
  }
  return { where: found.where, text, value };
}

function warningsAboutServer({ values, name }: WrittenSettings): string[] {
  refuseUnknownKeys(values, name);
  return rowsOf("server")
    .filter(([key]) => Object.hasOwn(values, key))
    .map(([key]) => `"${key}" in ${name} is ignored: only the operator of the server can set it.`);
}

/** @throws OffhookError `setting-unknown` for the operator's settings that have no effect here. */
function refuseOthers(
  { values, name }: WrittenSettings,
  isAllowed: (row: readonly [SettingKey, SettingRow]) => boolean,
  reason: string,
): void {
  const knownKeys = settingRows()
    .filter(isAllowed)
    .map(([key]) => key as string);
  for (const key of Object.keys(values)) {
    if (key === "$schema" || knownKeys.includes(key)) continue;
    const isSetting = settingRows().some(([each]) => each === key);
    throw new OffhookError(
      "setting-unknown",
      `"${key}" in ${name}${isSetting ? `: ${reason}` : didYouMean(suggest(key, knownKeys))}`,
    );
  }
}

/** False for a setting without a rank. */
function exceeds({ rank }: SettingRow, value: unknown, maximum: unknown): boolean {
  if (rank === undefined) return false;
  if (rank === "number") return (value as number) > (maximum as number);
  return rank.indexOf(value) > rank.indexOf(maximum);
}

function formatValue({ unit }: SettingRow, value: unknown): string {
  return typeof value === "number" && unit !== undefined ? `${value} ${unit}` : String(value);
}

function rowsOf(scope: SettingRow["scope"]): ReturnType<typeof settingRows> {
  return settingRows().filter(([, row]) => row.scope === scope);
}

/** The table gives each key its type. The compiler cannot follow that through a loop, so callers assert the type. */
function freezeSettings(entries: readonly (readonly [SettingKey, unknown])[]): unknown {
  return Object.freeze(Object.fromEntries(entries));
}
