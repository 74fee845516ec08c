/**
 * What an invocation left running. After `callback` the execution is over (contract C5): an isolate in
 * which something of it is still alive is not used again.
 *
 * Two sources, since neither sees everything: Node's list of active resources (whatever keeps the loop
 * alive: sockets in use, servers, watchers), and asynchronous operations begun by the invocation and
 * not ended (timers, also unreferenced ones, pending file, name and crypto work). An idle keep-alive
 * socket is in neither, so warm connections survive. A pending promise with nothing behind it can
 * never run and is ignored.
 */
import { createHook, type AsyncLocalStorage } from "node:async_hooks";
import { pathToFileURL } from "node:url";

// User code may replace these.
const { set } = Reflect;
const { captureStackTrace } = Error;

interface Operation {
  readonly type: string;
  readonly resource: object;
  /** For timers and immediates: where it was made, formatted only when somebody reads `stack`. */
  readonly origin: { stack?: string } | undefined;
}

/** What one invocation has begun and not yet ended. */
export class Trail {
  readonly operations = new Map<number, Operation>();
  /** Something other than promises was begun: handles need one more turn of the loop to close. */
  hasBegunAny = false;
}

/**
 * Types whose end is told when it happens. Others (sockets, parsers, streams) are told only when the
 * garbage collector finds them; the list of active resources speaks for those.
 */
const names: Readonly<Record<string, string>> = {
  Timeout: "timer",
  Immediate: "immediate",
  FSREQCALLBACK: "file operation",
  FSREQPROMISE: "file operation",
  GETADDRINFOREQWRAP: "name look-up",
  GETNAMEINFOREQWRAP: "name look-up",
  QUERYWRAP: "name look-up",
  TCPCONNECTWRAP: "connection attempt",
  PIPECONNECTWRAP: "connection attempt",
  TCPSERVERWRAP: "server",
  PIPESERVERWRAP: "server",
  UDPWRAP: "UDP socket",
  WORKER: "worker thread",
  PBKDF2REQUEST: "crypto operation",
  SCRYPTREQUEST: "crypto operation",
  RANDOMBYTESREQUEST: "crypto operation",
  KEYPAIRGENREQUEST: "crypto operation",
  KEYGENREQUEST: "crypto operation",
  HASHREQUEST: "crypto operation",
  CIPHERREQUEST: "crypto operation",
  SIGNREQUEST: "crypto operation",
  VERIFYREQUEST: "crypto operation",
  DERIVEBITSREQUEST: "crypto operation",
  ZLIB: "compression",
};

const tracedAtMost = 100;

/** Told by the operations above, or of no consequence. */
const toldElsewhere = new Set(["Timeout", "Immediate", "TickObject", "CloseReq"]);

/** Node's words for what keeps the loop alive, in ours. */
const activeNames: Readonly<Record<string, string>> = {
  TCPSocketWrap: "socket",
  TLSSocketWrap: "socket",
  PipeWrap: "pipe",
  FSEventWrap: "file watcher",
  StatWatcher: "file watcher",
  ProcessWrap: "child process",
  MessagePort: "message port",
};

/** Something that was begun and has not ended. */
export interface Unfinished {
  /** For people: `timer`. */
  readonly what: string;
  readonly resource: object;
  readonly origin: { stack?: string } | undefined;
}

export class LeftoverWatch {
  #activeBefore: string[] = [];
  /** Operations end in any context; this finds whose they were. */
  readonly #owners = new Map<number, Trail>();

  /** @param trails the trail of the invocation in whose context something begins. */
  constructor(trails: AsyncLocalStorage<{ readonly trail: Trail }>) {
    const owners = this.#owners;
    const options = {
      init(id: number, type: string, _trigger: number, resource: object): void {
        if (names[type] === undefined) return;
        const trail = trails.getStore()?.trail;
        if (trail === undefined) return;
        trail.hasBegunAny = true;
        // To know who made a timer costs 10 µs. Node itself makes a few, never many.
        const isTraced = (type === "Timeout" || type === "Immediate") && trail.operations.size < tracedAtMost;
        trail.operations.set(id, { type, resource, origin: isTraced ? originHere() : undefined });
        owners.set(id, trail);
      },
      destroy(id: number): void {
        const trail = owners.get(id);
        if (trail === undefined) return;
        owners.delete(id);
        trail.operations.delete(id);
      },
      // Following every promise costs 1 µs an `await` and tells nothing here. Node 22 does not know the option.
      trackPromises: false,
    };
    createHook(options).enable();
  }

  /** Remembers what is active now, before an invocation begins. Not needed just after `find` has found nothing. */
  mark(): void {
    this.#activeBefore = process.getActiveResourcesInfo();
  }

  /** Lets go of what it knows of an invocation: compressors end only when nobody holds them any more. */
  forget(trail: Trail): void {
    for (const id of trail.operations.keys()) this.#owners.delete(id);
    trail.operations.clear();
  }

  /** For people: `2 timers`, `server`. Empty when nothing is left; what is active then is remembered, as by `mark`. */
  find(trail: Trail): string[] {
    const active = process.getActiveResourcesInfo();
    const newlyActive = this.#newlyActive(active);
    if (newlyActive.length > 0 || trail.operations.size > 0) {
      const found = describe([...newlyActive.map((type) => activeNames[type] ?? type), ...stillRunning(trail)], trail);
      if (found.length > 0) return found;
    }
    this.#activeBefore = active;
    return [];
  }

  #newlyActive(active: readonly string[]): readonly string[] {
    if (active.every((type, i) => type === this.#activeBefore[i])) return none;
    const before = new Map<string, number>();
    for (const type of this.#activeBefore) before.set(type, (before.get(type) ?? 0) + 1);
    return active.filter((type) => {
      const known = before.get(type) ?? 0;
      before.set(type, known - 1);
      return known <= 0 && !toldElsewhere.has(type) && names[type.toUpperCase()] === undefined;
    });
  }
}

const none: readonly string[] = [];

function describe(kinds: readonly string[], trail: Trail): string[] {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const place = placeOf(trail);
  const found = [...counts].map(([kind, count]) => (count === 1 ? kind : `${count} ${kind}s`));
  return place === undefined ? found : [...found, `begun at ${place}`];
}

function stillRunning(trail: Trail): string[] {
  return unfinishedOf(trail).map(({ what }) => what);
}

export function unfinishedOf(trail: Trail): Unfinished[] {
  const unfinished: Unfinished[] = [];
  for (const operation of trail.operations.values()) {
    if (isAtRest(operation)) continue;
    const { type, resource, origin } = operation;
    unfinished.push({ what: names[type] ?? type, resource, origin });
  }
  return unfinished;
}

/**
 * Nothing of the author's will come of it: timers and immediates that Node made for itself (its HTTP agent,
 * `fetch`, `AbortSignal.timeout`, a TLS connection that closes), compressors without input, and crypto that
 * ran synchronously. The latter are told apart by what nobody waits for: their end comes only with the
 * garbage collector.
 */
function isAtRest({ type, resource, origin }: Operation): boolean {
  switch (names[type]) {
    case "compression":
      return !("buffer" in resource) || resource.buffer === null;
    case "crypto operation":
      return !("ondone" in resource) || typeof resource.ondone !== "function";
    case "timer":
    case "immediate":
      return callerOf(origin)?.includes("node:") ?? false;
    default:
      return false;
  }
}

/** The first frame that is not of the machinery of timers. */
function callerOf(origin: { stack?: string } | undefined): string | undefined {
  const frames = (origin?.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  return frames.find((line) => !timerMachinery.test(line));
}

/** Where the author, or a package of his, made a timer that is left; relative to the project. */
function placeOf(trail: Trail): string | undefined {
  for (const operation of trail.operations.values()) {
    if (isAtRest(operation)) continue;
    const place = placeIn(callerOf(operation.origin) ?? "");
    if (place !== undefined) return place;
  }
  return undefined;
}

/** The folder's name may have spaces and parentheses in it, which stand before a place otherwise. */
function placeIn(line: string): string | undefined {
  const folder = process.cwd();
  for (const start of [`${folder}/`, `${pathToFileURL(folder).href}/`]) {
    const at = line.indexOf(start);
    if (at !== -1) return line.slice(at + start.length).replace(/\)$/, "");
  }
  return /\(?([^\s(]+:\d+:\d+)\)?$/.exec(line)?.[1]?.replace("file://", "");
}

const timerMachinery = /\(?node:(?:internal\/)?(?:async_hooks|timers)|leftovers\.[jt]s/;

function originHere(): { stack?: string } {
  const limit = Error.stackTraceLimit;
  // Not an assignment, which would throw where the class is frozen.
  set(Error, "stackTraceLimit", 12);
  const origin: { stack?: string } = {};
  captureStackTrace(origin);
  set(Error, "stackTraceLimit", limit);
  return origin;
}
