/**
 * The URLs under which a caller may have called the service. Headers of the request suggest them, and anyone can write
 * these headers. So they are only good for a diagnosis, never for a check.
 */
import type { IncomingHttpHeaders } from "node:http";
import { authority, defaultPort, hostPattern, type Base } from "../gateway/origin.ts";

export interface CalledUrl {
  readonly base: Base;
  /** Path and query. */
  readonly target: string;
  /** For people: where the URL comes from, such as `from X-Forwarded-Host`. */
  readonly reason: string;
  /** Whether headers of the request name this URL. If not, it is a guess. */
  readonly isNamed: boolean;
}

type Scheme = Base["scheme"];

/** The number of hosts, and of origins, in all variants. Each costs a few HMACs. */
const maxHosts = 4;
const maxUrls = 14;
/** The number of origins for which other paths are tried. */
const maxOriginsOfPaths = 3;

const hostHeaders = ["x-forwarded-host", "x-original-host", "x-forwarded-server", "host"] as const;
const schemeHeaders = ["x-forwarded-proto", "x-forwarded-scheme", "x-url-scheme"] as const;
const pathHeaders = ["x-original-uri", "x-forwarded-uri", "x-original-url", "x-rewrite-url"] as const;

/** Most likely first, without the checked URL itself. @param checked the base that the signature check uses. */
export function originsCalled(headers: IncomingHttpHeaders, target: string, checked: Base | undefined): CalledUrl[] {
  const urls: CalledUrl[] = [];
  const seen = new Set(checked === undefined ? [] : [originOf(checked)]);
  const prefix = checked?.prefix ?? "";
  const scheme = schemeOf(headers);
  for (const { host, port, header } of hostsOf(headers)) {
    for (const [index, candidate] of schemesFrom(scheme).entries()) {
      for (const each of portsFor(candidate, port, headers)) {
        const base = { scheme: candidate, host, port: each, prefix };
        if (seen.has(originOf(base))) continue;
        seen.add(originOf(base));
        const isStated = scheme !== undefined && index === 0;
        const how = isStated ? `${header} and ${scheme.header}` : `${header}, with ${candidate}`;
        urls.push({ base, target, reason: `from ${how}`, isNamed: isStated });
      }
    }
  }
  return urls.slice(0, maxUrls);
}

/** Other paths under the first of the origins: proxies remove prefixes, and slashes are easily lost. */
export function pathsCalled(headers: IncomingHttpHeaders, origins: readonly CalledUrl[]): CalledUrl[] {
  return origins.slice(0, maxOriginsOfPaths).flatMap(({ base, target }) => {
    const at = target.indexOf("?");
    const path = at === -1 ? target : target.slice(0, at);
    const query = at === -1 ? "" : target.slice(at);
    const slashed = path.endsWith("/") ? path.slice(0, -1) : `${path}/`;
    const reason = path.endsWith("/") ? "without the slash at the end of the path" : "with a slash after the path";
    const variants: CalledUrl[] = [{ base, target: slashed + query, reason, isNamed: false }];
    if (query !== "") variants.push({ base, target: path, reason: "without the query", isNamed: false });
    const prefix = pathIn(headers["x-forwarded-prefix"])?.replace(/\/$/, "");
    if (prefix) {
      variants.push({ base: { ...base, prefix }, target, reason: "with X-Forwarded-Prefix", isNamed: true });
    }
    for (const name of pathHeaders) {
      const original = pathIn(headers[name]);
      if (original === undefined || original === target) continue;
      const named = { base: { ...base, prefix: "" }, target: original, reason: `with ${titled(name)}`, isNamed: true };
      variants.push(named);
    }
    return variants;
  });
}

/** `https://example.org:8443/prefix`. */
export function originOf({ scheme, host, port, prefix }: Base): string {
  return `${scheme}://${authority(host, port)}${prefix}`;
}

interface NamedHost {
  readonly host: string;
  readonly port: string;
  /** The header that names it, as people write it. */
  readonly header: string;
}

function hostsOf(headers: IncomingHttpHeaders): NamedHost[] {
  const named = valuesOf(headers.forwarded).flatMap((element) => {
    const host = /(?:^|;)\s*host="?([^";]+)/i.exec(element)?.[1];
    return host === undefined ? [] : [{ text: host, header: "Forwarded" }];
  });
  for (const name of hostHeaders) {
    named.push(...valuesOf(headers[name]).map((text) => ({ text, header: titled(name) })));
  }
  const hosts = new Map<string, NamedHost>();
  for (const { text, header } of named) {
    const [, host, port = ""] = hostPattern.exec(text) ?? [];
    if (host !== undefined && !hosts.has(text)) hosts.set(text, { host, port, header });
  }
  return [...hosts.values()].slice(0, maxHosts);
}

/** The scheme that a proxy reports, and the header that names it. */
function schemeOf(headers: IncomingHttpHeaders): { scheme: Scheme; header: string } | undefined {
  const stated = [
    { header: "Forwarded", text: /(?:^|[;,])\s*proto="?(https?)/i.exec(String(headers.forwarded ?? ""))?.[1] },
    ...schemeHeaders.map((name) => ({ header: titled(name), text: valuesOf(headers[name])[0] })),
    { header: "Cf-Visitor", text: /"scheme":\s*"(https?)"/.exec(String(headers["cf-visitor"] ?? ""))?.[1] },
    { header: "X-Forwarded-Ssl", text: headers["x-forwarded-ssl"] === "on" ? "https" : undefined },
    { header: "Front-End-Https", text: headers["front-end-https"] === "on" ? "https" : undefined },
  ];
  for (const { header, text } of stated) {
    const scheme = text?.toLowerCase();
    if (scheme === "https" || scheme === "http") return { scheme, header };
  }
  return undefined;
}

/** Twilio calls nearly always by https. */
function schemesFrom(stated: { scheme: Scheme } | undefined): readonly Scheme[] {
  return stated?.scheme === "http" ? ["http", "https"] : ["https", "http"];
}

/**
 * The proxy's port first, then the one that the host names, then none. With https, a named port is nearly always that
 * of this server, which only the proxy uses.
 */
function portsFor(scheme: Scheme, named: string, headers: IncomingHttpHeaders): string[] {
  const forwarded = valuesOf(headers["x-forwarded-port"])[0] ?? "";
  const ports = scheme === "https" ? ["", named] : [named, ""];
  if (/^\d{1,5}$/.test(forwarded) && forwarded !== defaultPort(scheme)) ports.unshift(forwarded);
  return [...new Set(ports.map((port) => (port === defaultPort(scheme) ? "" : port)))];
}

/** The first and the last entry of a list: the outermost proxy's, and the nearest proxy's. */
function valuesOf(value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  const entries = String(value)
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  return [...new Set([...entries.slice(0, 1), ...entries.slice(-1)])];
}

/** The path and query of a header that contains a path or a whole URL. */
function pathIn(value: string | string[] | undefined): string | undefined {
  const text = valuesOf(value)[0]?.replace(/^https?:\/\/[^/]+/, "") ?? "";
  return /^\/[\w./~%?&=+:@,;!*'()-]{0,2000}$/.test(text) ? text : undefined;
}

/** `x-forwarded-host` → `X-Forwarded-Host`. */
function titled(header: string): string {
  return header.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
