/**
 * What may still call an invocation back, in words: timers, connections, look-ups. Addresses, never what is sent.
 */
import type { Unfinished } from "../leftovers.ts";

const maxDescribed = 10;

/** Of sockets, and what Node keeps in them. */
interface OpenHandle {
  readonly remoteAddress?: unknown;
  readonly remotePort?: unknown;
  readonly connecting?: unknown;
  readonly servername?: unknown;
  /** Of child processes. */
  readonly spawnfile?: unknown;
  /** Set while a request of `node:http` waits for its answer. */
  readonly [httpMessage]?: { readonly method?: unknown; readonly host?: unknown } | null;
}

const httpMessage = "_httpMessage";
const activeHandles = "_getActiveHandles";

/** The list of handles has more to say about these. */
const describedAsHandles = new Set(["socket", "pipe"]);

export function describeOpen(unfinished: readonly Unfinished[]): string[] {
  const others = unfinished.filter(({ what }) => !describedAsHandles.has(what));
  const described = [...others.map(describe), ...handles().flatMap(describeHandle)];
  const counts = new Map<string, number>();
  for (const each of described) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts].slice(0, maxDescribed).map(([each, count]) => (count === 1 ? each : `${each} (${count} times)`));
}

function describe({ what, resource }: Unfinished): string {
  // Node's own names for what it knows of a resource.
  const known = resource as Record<string, unknown>;
  const { address, port, hostname, _idleTimeout: delayMs } = known;
  if (what === "timer" && typeof delayMs === "number") return `a timer of ${delayMs} ms`;
  if (what === "connection attempt" && typeof address === "string") {
    return `a connection attempt to ${address}:${String(port)}`;
  }
  if (what === "name look-up" && typeof hostname === "string") return `the look-up of ${hostname}`;
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
  if (typeof message?.method === "string") return [`the answer of ${where} to a ${message.method}`];
  return [`a connection to ${where}`];
}

/** Ours: what the isolate is spoken to through. */
const ownKinds = new Set(["PipeWrap", "TTYWrap", "MessagePort"]);

/** In Node's words. */
export function activeKinds(): string[] {
  return [...new Set(process.getActiveResourcesInfo())].filter((kind) => !ownKinds.has(kind)).slice(0, maxDescribed);
}
