/**
 * Finds the process that listens on a port, if Linux shows it to this user.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

export interface Holder {
  readonly pid: number;
  readonly name: string;
}

const listening = "0A";

export function holderOf(port: number): Holder | undefined {
  if (process.platform !== "linux") return undefined;
  const sockets = new Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => socketsIn(readOr(file), port)));
  if (sockets.size === 0) return undefined;
  for (const entry of namesIn("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const folder = `/proc/${entry}/fd`;
    if (namesIn(folder).some((descriptor) => sockets.has(linkOf(`${folder}/${descriptor}`)))) {
      return { pid: Number(entry), name: nameOf(entry) };
    }
  }
  return undefined;
}

/** The program's name, because Node's first thread has a generic one. The arguments are left out: they may be secret. */
function nameOf(pid: string): string {
  const [program = ""] = readOr(`/proc/${pid}/cmdline`).split("\0");
  return basename(program) || readOr(`/proc/${pid}/comm`).trim();
}

/** `sl local_address rem_address st … inode`, with hexadecimal numbers. */
function socketsIn(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").flatMap((line) => {
    const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
    return local.endsWith(suffix) && state === listening ? [`socket:[${inode}]`] : [];
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function readOr(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
