/** The output of `serve` when it starts. Only the first start prints a secret: that of its key. */
import { printable } from "@offhook/runtime/internal/printable";
import type { FirstStart, ServeSettings, Serving } from "@offhook/serve";

export interface ServeBannerContent {
  readonly version: string;
  readonly settings: ServeSettings;
  readonly server: Pick<Serving, "address" | "apiAddress">;
  readonly isRoot: boolean;
  readonly startedInMs: number;
}

const ordinaryUser =
  "Everything runs as one user, so functions can read the files of this server. Start it as root to keep services apart.";
const madeUp =
  "This account is made up. Signatures of your Twilio account and ACCOUNT_SID in your .env files do not match it. Add your account with `offhook accounts create`.";

/** Printed once, as soon as the key exists. */
export function firstStartText({ accountSid, key, secret, isMadeUp }: FirstStart): string {
  return [
    `Account  ${accountSid}`,
    `Key      ${key}`,
    `Secret   ${secret}`,
    "Keep the secret. It is not shown again.",
    ...(isMadeUp ? [`Warning: ${madeUp}`] : []),
    "",
    "",
  ].join("\n");
}

export function firstStartJson({ accountSid, key, secret, isMadeUp }: FirstStart): string {
  const warnings = isMadeUp ? [madeUp] : [];
  const line = {
    time: new Date().toISOString(),
    level: "info",
    event: "first-start",
    accountSid,
    key,
    secret,
    warnings,
  };
  return `${JSON.stringify(line)}\n`;
}

export function serveTextBanner(content: ServeBannerContent): string {
  const { version, settings, isRoot, startedInMs } = content;
  return [
    `Offhook ${version}`,
    "",
    `Data       ${printable(settings.dataFolder)}`,
    `Functions  ${functionsUrl(settings)}`,
    `API        ${apiUrl(content)}`,
    "",
    ...(isRoot ? [] : [`Warning: ${ordinaryUser}`, ""]),
    `To deploy from a project: offhook login ${apiUrl(content)}`,
    `Ready in ${Math.round(startedInMs)} ms. Press Ctrl+C to stop.`,
    "",
  ].join("\n");
}

export function serveJsonBanner(content: ServeBannerContent): string {
  const { version, settings, server, isRoot, startedInMs } = content;
  const line = {
    time: new Date().toISOString(),
    level: "info",
    event: "started",
    version,
    dataFolder: settings.dataFolder,
    functions: functionsUrl(settings),
    api: apiUrl(content),
    address: server.address,
    apiAddress: server.apiAddress,
    warnings: isRoot ? [] : [ordinaryUser],
    startedInMs: Math.round(startedInMs),
  };
  return `${JSON.stringify(line)}\n`;
}

/** A pattern: every environment has a name of its own. */
function functionsUrl({ publicScheme, baseDomain }: ServeSettings): string {
  return `${publicScheme}://<service>-<digits>-<suffix>.${baseDomain}`;
}

function apiUrl({ settings, server: { apiAddress } }: ServeBannerContent): string {
  if (settings.apiUrl !== undefined) return settings.apiUrl;
  const isHere = ["127.0.0.1", "0.0.0.0", "::", "::1"].includes(apiAddress.host);
  const host = isHere ? "localhost" : apiAddress.host.includes(":") ? `[${apiAddress.host}]` : apiAddress.host;
  return `http://${host}:${apiAddress.port}`;
}
