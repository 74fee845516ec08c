/**
 * Under which address the caller reached the service: what a signature covers, and `context.DOMAIN_NAME`.
 *
 * Three sources, in this order: the `publicUrl` setting; what a proxy in `trustProxy` says; the request itself, which is
 * believed where it names a host that leads to this service alone.
 */
import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv4, type Socket } from "node:net";
import { OffhookError } from "../offhook-error.ts";
import { hostNameOf, isHost } from "./target.ts";

/** Scheme, host and port as the caller used them. */
export interface Base {
  readonly scheme: "http" | "https";
  /** In the caller's spelling, without the port; an IPv6 address in brackets. */
  readonly host: string;
  /** Digits; empty where the address has none. */
  readonly port: string;
  /** Path in front of the service's own, without a slash at its end; nearly always empty. */
  readonly prefix: string;
}

export interface OriginOptions {
  /** Absolute URL, e.g. `https://example.org`; undefined if none is set. */
  readonly publicUrl: string | undefined;
  /** Addresses and networks (`10.0.0.0/8`) of proxies whose `X-Forwarded-*` headers hold; `loopback` stands for 127.0.0.0/8 and ::1. */
  readonly trustProxy: readonly string[];
  /**
   * Host names that lead to this service and to no other. Functions are told the first one. None where every host name leads to
   * the service.
   */
  readonly hosts?: readonly string[];
}

export interface Origin {
  /** The address the caller used, or undefined if they named none that can be ours. For signatures. */
  baseOf(request: IncomingMessage, host: string): Base | undefined;
  /** Host and port for `context.DOMAIN_NAME`; `fallback` if nobody who can be trusted named one. */
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
      return ownNames.has(hostNameOf(host)) || isOurs(host, request.socket) ? baseFrom("http", host) : undefined;
    },
    domainOf(request, fallback) {
      if (publicDomain !== undefined) return publicDomain;
      // Not the Host header: anyone can set it, and functions put this domain into links. A stranger who
      // asks for a password reset with a host of his own must not have the mail lead to his machine.
      if (proxies === undefined || !isTrusted(request.socket)) return ownDomain ?? fallback;
      const forwarded = lastOf(request.headers["x-forwarded-host"]);
      return forwarded !== undefined && hostPattern.test(forwarded) ? forwarded : (ownDomain ?? fallback);
    },
  };
}

/** A name, an IPv4 address or a bracketed IPv6 one, and perhaps a port: what may stand in a link. */
const hostPattern = /^([A-Za-z0-9_.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::(\d{1,5}))?$/;

function baseFrom(scheme: Base["scheme"], named: string): Base | undefined {
  if (!isHost(named)) return undefined;
  const [, host = "", port = ""] = /^(.*?)(?::(\d*))?$/.exec(named) ?? [];
  return { scheme, host, port, prefix: "" };
}

function baseFromUrl(text: string): Base {
  const url = URL.parse(text);
  const base = url && hostPattern.test(url.host) && baseFrom(url.protocol === "https:" ? "https" : "http", url.host);
  if (url === null || !base || !url.protocol.startsWith("http") || url.search !== "") {
    throw new OffhookError("setting-invalid", `publicUrl is ${JSON.stringify(text)}`);
  }
  return { ...base, prefix: url.pathname.endsWith("/") ? url.pathname.slice(0, -1) : url.pathname };
}

/**
 * Without a setting only the Host header tells where the call was meant to go, and the caller writes that. With a
 * name of their choice they could use here what was signed for another place. So only names count under which nobody
 * outside can be called: this machine, a private network, or the address that the connection came to.
 */
function isOurs(host: string, socket: Socket): boolean {
  // In the one spelling that a resolver sees: lower case, an address without leading zeros, no dot at the end.
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

/** What the proxy says; where it says nothing, it passed on what it got. */
function forwardedBase(request: IncomingMessage, host: string): Base | undefined {
  const { headers } = request;
  const scheme = lastOf(headers["x-forwarded-proto"])?.toLowerCase() === "https" ? "https" : "http";
  const base = baseFrom(scheme, lastOf(headers["x-forwarded-host"]) ?? host);
  const port = lastOf(headers["x-forwarded-port"]);
  if (base === undefined || base.port !== "" || port === undefined || !/^\d{1,5}$/.test(port)) return base;
  return port === defaultPort(scheme) ? base : { ...base, port };
}

/** Of a list, the entry that the proxy next to us has appended: those before it came from further out. */
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
      throw new OffhookError("setting-invalid", `trustProxy has ${JSON.stringify(entry)}`);
    }
    list.addSubnet(address, bits, family);
  }
  return list;
}

/** Asked once a connection: the peer's address does not change, and the lookup costs more than the rest of the stage. */
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
