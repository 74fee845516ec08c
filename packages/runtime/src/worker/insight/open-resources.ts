/**
 * Describes the resources that may still call an invocation back: timers, connections, DNS lookups. The description
 * contains addresses, but never the data that is sent.
 */
import type { Unfinished } from "../leftovers.ts";

const maxDescribed = 10;

/** Fields of sockets and of other handles that the descriptions use. */
interface OpenHandle {
  readonly remoteAddress?: unknown;
  readonly remotePort?: unknown;
  readonly connecting?: unknown;
  readonly servername?: unknown;
  /** Only child processes have it. */
  readonly spawnfile?: unknown;
  /** Set while a request of `node:http` waits for its response. */
  readonly [httpMessage]?: { readonly method?: unknown; readonly host?: unknown } | null;
}

const httpMessage = "_httpMessage";
const activeHandles = "_getActiveHandles";

/** Kinds that Node's list of handles describes in more detail. */
const describedAsHandles = new Set(["socket", "pipe"]);

export function describeOpen(unfinished: readonly Unfinished[]): string[] {
  const others = unfinished.filter(({ what }) => !describedAsHandles.has(what));
  const described = [...others.map(describe), ...handles().flatMap(describeHandle)];
  const counts = new Map<string, number>();
  for (const each of described) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts].slice(0, maxDescribed).map(([each, count]) => (count === 1 ? each : `${each} (${count} times)`));
}

function describe({ what, resource }: Unfinished): string {
  // These are Node's own names.
  const known = resource as Record<string, unknown>;
  const { address, port, hostname, _idleTimeout: delayMs } = known;
  if (what === "timer" && typeof delayMs === "number") return `a timer of ${delayMs} ms`;
  if (what === "connection attempt" && typeof address === "string") {
    return `a connection attempt to ${address}:${String(port)}`;
  }
  if (what === "DNS lookup" && typeof hostname === "string") return `a DNS lookup of ${hostname}`;
  return `${/^[aeiou]/.test(what) ? "an" : "a"} ${what}`;
}

function handles(): readonly OpenHandle[] {
  const list = (process as unknown as Record<string, (() => OpenHandle[]) | undefined>)[activeHandles];
  return list?.call(process) ?? [];
}

function describeHandle(handle: OpenHandle): string[] {
  const { remoteAddress, remotePort, servername, spawnfile, [httpMessage]: message } = handle;
  if (typeof spawnfile === "string") return [`a child process (${spawnfile})`];
  if (typeof remoteAddress !== "string") return [];
  const host = typeof servername === "string" && servername !== "" ? servername : remoteAddress;
  const where = `${host}:${String(remotePort)}`;
  if (typeof message?.method === "string") return [`the response from ${where} to a ${message.method}`];
  return [`a connection to ${where}`];
}

/** Handles of our own: the isolate's connection to the pool. */
const ownKinds = new Set(["PipeWrap", "TTYWrap", "MessagePort"]);

/** Active resources, by Node's names. */
export function activeKinds(): string[] {
  return [...new Set(process.getActiveResourcesInfo())].filter((kind) => !ownKinds.has(kind)).slice(0, maxDescribed);
}
