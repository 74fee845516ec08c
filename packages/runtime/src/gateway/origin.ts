/**
 * The address under which the caller reached the service, for signatures and `context.DOMAIN_NAME`.
 *
 * There are three sources, in this order: the `publicUrl` setting, the headers of a proxy in `trustProxy`, and the
 * request itself. The request counts only if it names a host that leads to this service alone.
 */
import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv4, type Socket } from "node:net";
import { OffhookError } from "../offhook-error.ts";
import { hostNameOf, isHost } from "./target.ts";

/** Scheme, host and port as the caller used them. */
export interface Base {
  readonly scheme: "http" | "https";
  /** In the caller's spelling, without the port. An IPv6 address has brackets. */
  readonly host: string;
  /** Digits. Empty if the address has no port. */
  readonly port: string;
  /** Path before the service's own paths, without a slash at its end. Nearly always empty. */
  readonly prefix: string;
}

export interface OriginOptions {
  /** Absolute URL, e.g. `https://example.org`. Undefined if it is not set. */
  readonly publicUrl: string | undefined;
  /** Addresses and networks (`10.0.0.0/8`) of trusted proxies. `loopback` stands for 127.0.0.0/8 and ::1. */
  readonly trustProxy: readonly string[];
  /**
   * Host names that lead to this service and to no other. Functions get the first one. Empty if every host name leads
   * to the service.
   */
  readonly hosts?: readonly string[];
  /** The scheme under which callers reach these names, if no trusted proxy says otherwise. Default: http. */
  readonly publicScheme?: "http" | "https" | undefined;
}

export interface Origin {
  /** The address that the caller used, for signatures. Undefined if the request names no address that can be ours. */
  baseOf(request: IncomingMessage, host: string): Base | undefined;
  /** Host and port for `context.DOMAIN_NAME`. `fallback` if no trusted source names them. */
  domainOf(request: IncomingMessage, fallback: string): string;
}

/** @throws OffhookError `setting-invalid` */
export function createOrigin(options: OriginOptions): Origin {
  const publicBase = options.publicUrl === undefined ? undefined : baseFromUrl(options.publicUrl);
  const publicDomain = publicBase && authority(publicBase.host, publicBase.port);
  const proxies = proxyList(options.trustProxy);
  const [ownDomain] = options.hosts ?? [];
  const ownNames = new Set(options.hosts?.map(hostNameOf));
  const isTrusted = proxies === undefined ? () => false : createTrust(proxies);

  return {
    baseOf(request, host) {
      if (publicBase !== undefined) return publicBase;
      if (isTrusted(request.socket)) return forwardedBase(request, host);
      if (ownNames.has(hostNameOf(host))) return baseFrom(options.publicScheme ?? "http", host);
      return isOurs(host, request.socket) ? baseFrom("http", host) : undefined;
    },
    domainOf(request, fallback) {
      if (publicDomain !== undefined) return publicDomain;
      // Not the Host header: anyone can set it, and functions put this domain into links. An attacker could ask for a
      // password reset with their own host, and the mail would link to their machine.
      if (proxies === undefined || !isTrusted(request.socket)) return ownDomain ?? fallback;
      const forwarded = lastOf(request.headers["x-forwarded-host"]);
      return forwarded !== undefined && hostPattern.test(forwarded) ? forwarded : (ownDomain ?? fallback);
    },
  };
}

/** A name, an IPv4 address or a bracketed IPv6 address, and an optional port: all that a link may contain. */
export const hostPattern = /^([A-Za-z0-9_.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::(\d{1,5}))?$/;

function baseFrom(scheme: Base["scheme"], named: string): Base | undefined {
  if (!isHost(named)) return undefined;
  const [, host = "", port = ""] = /^(.*?)(?::(\d*))?$/.exec(named) ?? [];
  return { scheme, host, port, prefix: "" };
}

function baseFromUrl(text: string): Base {
  const url = URL.parse(text);
  const base = url && hostPattern.test(url.host) && baseFrom(url.protocol === "https:" ? "https" : "http", url.host);
  if (url === null || !base || !url.protocol.startsWith("http") || url.search !== "") {
    const shown = JSON.stringify(text);
    throw new OffhookError("setting-invalid", `Invalid value for publicUrl: ${shown}. Expected an http or https URL.`);
  }
  return { ...base, prefix: url.pathname.endsWith("/") ? url.pathname.slice(0, -1) : url.pathname };
}

/**
 * Without a setting, only the Host header says where the call was meant to go, and callers can write any name there. A
 * caller could reuse a request that Twilio signed for another server. So only names count that cannot lead to another
 * server outside: this machine, a private network, or the address on which the connection arrived.
 */
function isOurs(host: string, socket: Socket): boolean {
  // The one spelling that a resolver sees: lower case, an address without leading zeros, no dot at the end.
  const name = URL.parse(`http://${host}`)?.hostname.replace(/\.$/, "") ?? "";
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  const address = name.replace(/^\[(.*)\]$/, "$1");
  if (isIP(address) === 0) return false;
  return holds(privateNetworks, address) || address === socket.localAddress?.replace(/^::ffff:/, "");
}

const privateNetworks = new BlockList();
for (const [network, bits] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["169.254.0.0", 16],
] as const) {
  privateNetworks.addSubnet(network, bits, "ipv4");
}
privateNetworks.addAddress("::1", "ipv6");
privateNetworks.addSubnet("fc00::", 7, "ipv6");
privateNetworks.addSubnet("fe80::", 10, "ipv6");

/** Reads the proxy's headers. Without them, the proxy has passed on the caller's host. */
function forwardedBase(request: IncomingMessage, host: string): Base | undefined {
  const { headers } = request;
  const scheme = lastOf(headers["x-forwarded-proto"])?.toLowerCase() === "https" ? "https" : "http";
  const base = baseFrom(scheme, lastOf(headers["x-forwarded-host"]) ?? host);
  const port = lastOf(headers["x-forwarded-port"]);
  if (base === undefined || base.port !== "" || port === undefined || !/^\d{1,5}$/.test(port)) return base;
  return port === defaultPort(scheme) ? base : { ...base, port };
}

/** The last entry of a list, which the nearest proxy has appended. Earlier entries come from outside. */
function lastOf(value: string | string[] | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === "string" ? value : value.join(",");
  const last = text.slice(text.lastIndexOf(",") + 1).trim();
  return last === "" ? undefined : last;
}

export function defaultPort(scheme: Base["scheme"]): string {
  return scheme === "https" ? "443" : "80";
}

export function authority(host: string, port: string): string {
  return port === "" ? host : `${host}:${port}`;
}

function proxyList(entries: readonly string[]): BlockList | undefined {
  if (entries.length === 0) return undefined;
  const list = new BlockList();
  for (const entry of entries) {
    if (entry === "loopback") {
      list.addSubnet("127.0.0.0", 8, "ipv4");
      list.addAddress("::1", "ipv6");
      continue;
    }
    const [address = "", prefix] = entry.split("/");
    const family = isIPv4(address) ? "ipv4" : "ipv6";
    const bits = prefix === undefined ? (family === "ipv4" ? 32 : 128) : Number(prefix);
    if (isIP(address) === 0 || !(bits >= 0 && bits <= (family === "ipv4" ? 32 : 128))) {
      const shown = JSON.stringify(entry);
      throw new OffhookError(
        "setting-invalid",
        `Invalid value for trustProxy: ${shown}. Expected loopback, or an IP address with or without a prefix length.`,
      );
    }
    list.addSubnet(address, bits, family);
  }
  return list;
}

/**
 * Checks once for each connection: the peer's address does not change, and the lookup costs more than all the rest
 * here.
 */
function createTrust(proxies: BlockList): (socket: Socket) => boolean {
  const trusted = new WeakMap<Socket, boolean>();
  return (socket) => {
    let isTrusted = trusted.get(socket);
    if (isTrusted === undefined) {
      isTrusted = holds(proxies, socket.remoteAddress);
      trusted.set(socket, isTrusted);
    }
    return isTrusted;
  };
}

/** A socket that listens on `::` shows IPv4 peers as `::ffff:10.0.0.1`. */
function holds(proxies: BlockList, address: string | undefined): boolean {
  if (address === undefined) return false;
  const bare = address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
  return proxies.check(bare, isIPv4(bare) ? "ipv4" : "ipv6");
}
