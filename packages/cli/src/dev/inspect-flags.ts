/**
 * `--inspect` and `--inspect-brk`, as Node has them: their value is optional, and stands behind an equals sign or nowhere, so
 * that what follows is the folder. Flags of a command line alone, and no settings: what goes along with a project must not
 * open a debugger, to which everything is permitted.
 */
import type { InspectOptions } from "@offhook/runtime";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { host as hostKind, invalid } from "@offhook/runtime/settings";

const defaultHost = "127.0.0.1";
const defaultPort = 9229;
const allowed = "a port, a host, or host:port";

/**
 * @returns what is asked for, and the arguments without it.
 * @throws OffhookError `setting-invalid` for a value that is no address, `debugger-unavailable` for other commands than `dev`.
 */
export function takeInspect(
  command: string,
  given: readonly string[],
): { inspect: InspectOptions | undefined; args: string[] } {
  const end = given.includes("--") ? given.indexOf("--") : given.length;
  const isOurs = (arg: string, at: number): boolean => at < end && /^--inspect(?:-brk)?(?:=|$)/.test(arg);
  const flags = given.filter(isOurs);
  const args = given.filter((arg, at) => !isOurs(arg, at));
  if (flags.length > 0 && command !== "dev") {
    throw new OffhookError("debugger-unavailable", `${flags[0]} is for offhook dev, and ${command} serves others`);
  }
  let inspect: InspectOptions | undefined;
  for (const flag of flags) {
    const [name = "", ...value] = flag.split("=");
    const address = flag.includes("=") ? addressIn(value.join("=")) : {};
    if (address === undefined) {
      throw new OffhookError("setting-invalid", `${name} is ${JSON.stringify(value.join("="))}; it takes ${allowed}`);
    }
    const breaks = name === "--inspect-brk" || inspect?.breaks === true;
    inspect = { host: defaultHost, port: defaultPort, ...inspect, ...address, breaks };
  }
  return { inspect, args };
}

function addressIn(text: string): { host?: string; port?: number } | undefined {
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
