/**
 * `--inspect` and `--inspect-brk`, as in Node. They are command-line flags only and not settings: a file in a project
 * must not open a debugger, because a debugger can do everything.
 */
import type { InspectOptions } from "@offhook/runtime";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { host as hostKind, invalid } from "@offhook/runtime/settings";

const defaultHost = "127.0.0.1";
const defaultPort = 9229;
const allowed = "a port, a host, or host:port";

/** The values as typed. The empty text means a flag without a value. */
export interface InspectFlags {
  readonly inspect: string | undefined;
  readonly "inspect-brk": string | undefined;
}

/**
 * @returns undefined if neither flag is given. If both have an address, that of `--inspect-brk` wins.
 * @throws OffhookError `setting-invalid` for an invalid address.
 */
export function readInspect(flags: InspectFlags): InspectOptions | undefined {
  const givenFlags = (["inspect", "inspect-brk"] as const).filter((name) => flags[name] !== undefined);
  if (givenFlags.length === 0) return undefined;
  const addresses = givenFlags.map((name) => addressIn(name, flags[name] ?? ""));
  const breaks = givenFlags.includes("inspect-brk");
  return Object.assign({ host: defaultHost, port: defaultPort, breaks }, ...addresses) as InspectOptions;
}

function addressIn(name: string, value: string): { host?: string; port?: number } {
  const address = value === "" ? {} : parseAddress(value);
  if (address !== undefined) return address;
  const shown = JSON.stringify(value);
  throw new OffhookError("setting-invalid", `Invalid value for --${name}: ${shown}. Expected ${allowed}.`);
}

function parseAddress(text: string): { host?: string; port?: number } | undefined {
  const [, bracketed, named, digits] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  // A number alone is a port.
  if (bracketed === undefined && digits === undefined && /^\d+$/.test(named ?? "")) return portIn(named ?? "");
  const host = hostKind().parse(bracketed ?? named ?? "");
  if (host === invalid) return undefined;
  if (digits === undefined) return { host };
  const port = portIn(digits);
  return port && { host, ...port };
}

function portIn(digits: string): { port: number } | undefined {
  const port = Number(digits);
  return port <= 65_535 ? { port } : undefined;
}
