/**
 * Leftovers of an invocation: work that is still running after `callback`, when the execution is over (contract C5).
 * The pool does not reuse an isolate that has any.
 *
 * Leftovers have three sources, because none sees everything:
 *
 * - pending asynchronous operations of the invocation (`async-kinds.ts`)
 * - work that Node does not report (`unlisted-work.ts`)
 * - Node's list of active resources. It also shows a connection of module scope that waits for a response.
 *
 * A pending promise that nothing can settle never runs any code. It is ignored.
 *
 * Each operation has an owner:
 *
 *     started in the context of a running invocation ─▶ that invocation
 *     started without a context, or in the context of an invocation that is over
 *         ├─ in a turn of the event loop that belongs to module scope ─▶ module scope: it may keep running
 *         ╰─ in any other turn ─▶ the one invocation that is running
 *
 * A turn belongs to module scope if it runs a callback of something that module scope started, such as an interval or a
 * server. Turns are needed for queues that module scope created: work that a handler starts through such a queue runs
 * in the queue's context.
 */
import type { AsyncLocalStorage } from "node:async_hooks";
import {
  framesOf,
  isOfAbortSignal,
  kinds,
  originHere,
  ownerOf,
  type Kind,
  type Operation,
  type Origin,
} from "./async-kinds.ts";
import { isOurWork } from "./stepper.ts";
import { watchSqlite, watchUnlistedWork } from "./unlisted-work.ts";

const { AsyncResource, createHook, executionAsyncResource } = process.getBuiltinModule("node:async_hooks");
const { pathToFileURL } = process.getBuiltinModule("node:url");
const { types } = process.getBuiltinModule("node:util");

// User code may replace these.
const { clearTimeout } = globalThis;
const { isPromise } = types;
const { get, set: put, has, delete: remove } = Map.prototype;

/** Pending work of one invocation. */
export class InvocationWork {
  readonly operations = new Map<number, Operation>();
  /** Whether it started anything other than promises. Handles need one more turn of the loop to close. */
  hasBegunAny = false;
  /** From now on, work that starts in its context is not its own. */
  isOver = false;
}

/** Limits: operations of one invocation that keep their origin, and frames of each origin. */
const maxTraced = 100;
const framesKept = 12;

/**
 * Node's name for a resource that keeps the loop alive → our name. Other operations are counted when they start and
 * end.
 */
const activeNames: Readonly<Record<string, string>> = {
  TCPSocketWrap: "socket",
  TLSSocketWrap: "socket",
  PipeWrap: "pipe",
  FSEventWrap: "file watcher",
  StatWatcher: "file watcher",
  ProcessWrap: "child process",
  MessagePort: "message port",
};

/** Reported as operations, or harmless. */
const reportedElsewhere = new Set(["Timeout", "Immediate", "TickObject", "CloseReq"]);

/** A pending operation. */
export interface Unfinished {
  /** For people: `timer`. */
  readonly what: string;
  readonly resource: object;
  readonly origin: Origin | undefined;
}

export class LeftoverWatch {
  readonly #workStore: AsyncLocalStorage<{ readonly work: InvocationWork }>;
  #activeBefore: string[] = [];
  /** Owners of operations. Operations can end in any context, so the context does not say whose they are. */
  readonly #owners = new Map<number, InvocationWork>();
  /** Operations of module scope and of our own code. The map carries its methods, so a handler cannot change them. */
  readonly #ofModules = Object.assign(new Map<number, Kind | undefined>(), { get, set: put, has, delete: remove });
  /** Kind of handle, such as `socket` → how many module scope has. */
  readonly #handlesOfModules = new Map<string, number>();
  /** The same, when the invocation started. */
  #handlesOfModulesBefore = new Map<string, number>();
  #isModulesTurn = true;
  /** The invocation whose handler was started last, until it is over. */
  #current: InvocationWork | undefined;
  #unlistedCount = 0;
  #hasSqlite = false;

  /** @param workStore holds the work of the invocation whose context is current. */
  constructor(workStore: AsyncLocalStorage<{ readonly work: InvocationWork }>) {
    this.#workStore = workStore;
    watchUnlistedWork((what) => this.#beginUnlisted(what));
    this.#listen();
  }

  #listen(): void {
    const owners = this.#owners;
    const ofModules = this.#ofModules;
    /** Nesting depth of callbacks. Only the outermost callback starts a turn. */
    let depth = 0;
    const options = {
      init: (id: number, type: string, _trigger: number, resource: object): void => {
        const kind = kinds[type];
        if (kind === undefined && (!this.#isModulesTurn || type === "PROMISE")) return;
        const owner = this.#ownerHere();
        if (owner === "module scope") {
          ofModules.set(id, kind);
          this.#countHandle(kind, 1);
        } else if (owner !== undefined && kind !== undefined) {
          this.#add(owner, id, kind, resource);
          owners.set(id, owner);
        }
      },
      before: (id: number): void => {
        if (depth++ > 0) return;
        // The loop calls neither of these. They run in the turn that settled or entered them.
        const resource = executionAsyncResource();
        if (!isPromise(resource) && !(resource instanceof AsyncResource)) this.#isModulesTurn = ofModules.has(id);
      },
      after: (): void => {
        if (depth > 0) depth--;
      },
      destroy: (id: number): void => {
        if (ofModules.has(id)) {
          this.#countHandle(ofModules.get(id), -1);
          ofModules.delete(id);
          return;
        }
        owners.get(id)?.operations.delete(id);
        owners.delete(id);
      },
      // Tracking promises costs 1 µs per `await` and is of no use here. Node 22 does not have this option.
      trackPromises: false,
    };
    createHook(options).enable();
  }

  /** Returns the owner of work that starts now. Undefined if that invocation is over. */
  #ownerHere(): InvocationWork | "module scope" | undefined {
    const work = this.#workStore.getStore()?.work;
    if (work?.isOver === false) return work;
    if (work === undefined && (this.#isModulesTurn || isOurWork())) return "module scope";
    // While a function is loaded for its first call, its handler has not been entered. So the run is not `#current`.
    return this.#current ?? (work === undefined ? "module scope" : undefined);
  }

  #countHandle(kind: Kind | undefined, change: number): void {
    if (kind?.isHandle !== true) return;
    const count = (this.#handlesOfModules.get(kind.what) ?? 0) + change;
    this.#handlesOfModules.set(kind.what, count);
  }

  #add(work: InvocationWork, id: number, kind: Kind, resource: object): void {
    work.hasBegunAny = true;
    const isTraced = kind.traced === "always" || (kind.traced === "few" && work.operations.size < maxTraced);
    work.operations.set(id, { kind, resource, origin: isTraced ? originHere(framesKept) : undefined });
  }

  #beginUnlisted(what: string): (() => void) | undefined {
    const owner = this.#ownerHere();
    if (owner === undefined) return undefined;
    if (owner === "module scope") return () => void (this.#isModulesTurn = true);
    // Node's own numbers are positive.
    const id = --this.#unlistedCount;
    this.#add(owner, id, { what, traced: "few" }, owner);
    return () => {
      this.#isModulesTurn = false;
      owner.operations.delete(id);
    };
  }

  /** Called each time that user code is about to get one of Node's modules. */
  onBuiltin(name: string): void {
    if (name !== "node:sqlite" || this.#hasSqlite) return;
    this.#hasSqlite = true;
    watchSqlite((what) => this.#beginUnlisted(what));
  }

  /** Called right before a handler runs, in the same turn. */
  enter(work: InvocationWork): void {
    this.#current = work;
    this.#isModulesTurn = false;
  }

  /** Remembers the active resources before an invocation starts. Not needed right after `find` returned nothing. */
  mark(): void {
    this.#remember(process.getActiveResourcesInfo());
  }

  #remember(active: string[]): void {
    this.#activeBefore = active;
    if (this.#handlesOfModules.size > 0) this.#handlesOfModulesBefore = new Map(this.#handlesOfModules);
  }

  /**
   * The invocation is over. Drops all references to its operations, because a compressor ends only when it is garbage
   * collected. Cancels the timers of `AbortSignal.timeout`.
   */
  forget(work: InvocationWork): void {
    work.isOver = true;
    if (this.#current === work) this.#current = undefined;
    for (const [id, operation] of work.operations) {
      if (isOfAbortSignal(operation)) clearTimeout(operation.resource as NodeJS.Timeout);
      this.#owners.delete(id);
    }
    work.operations.clear();
  }

  /** Whether all pending work is of kinds that end soon, and there is some. */
  isEnding(work: InvocationWork): boolean {
    let count = 0;
    for (const operation of work.operations.values()) {
      const { kind } = operation;
      if (kind.isAtRest?.(operation) === true) continue;
      if (kind.endsSoon !== true) return false;
      count++;
    }
    return count > 0;
  }

  /**
   * Describes the leftovers, for people: `2 timers`, `server`. If there are none, remembers the active resources, like
   * `mark`.
   */
  find(work: InvocationWork): string[] {
    const active = process.getActiveResourcesInfo();
    const newlyActive = this.#newlyActive(active);
    if (newlyActive.length > 0 || work.operations.size > 0) {
      const unfinished = unfinishedOf(work);
      const counts = countEach(unfinished.map(({ what }) => what));
      // Both lists may contain the same socket.
      for (const [what, newCount] of countEach(newlyActive.map((type) => activeNames[type] ?? type))) {
        const count = Math.max(newCount - this.#newOfModules(what), counts.get(what) ?? 0);
        if (count > 0) counts.set(what, count);
      }
      if (counts.size > 0) return describe(counts, unfinished);
    }
    this.#remember(active);
    return [];
  }

  /**
   * How many handles module scope opened since the invocation started. For example, its server accepted a connection.
   */
  #newOfModules(what: string): number {
    const before = this.#handlesOfModulesBefore.get(what) ?? 0;
    return Math.max(0, (this.#handlesOfModules.get(what) ?? 0) - before);
  }

  #newlyActive(active: readonly string[]): readonly string[] {
    if (active.every((type, i) => type === this.#activeBefore[i])) return none;
    const before = countEach(this.#activeBefore);
    return active.filter((type) => {
      const countBefore = before.get(type) ?? 0;
      before.set(type, countBefore - 1);
      if (countBefore > 0 || reportedElsewhere.has(type)) return false;
      return activeNames[type] !== undefined || kinds[type.toUpperCase()] === undefined;
    });
  }
}

const none: readonly string[] = [];

function countEach(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function describe(counts: Map<string, number>, unfinished: readonly Unfinished[]): string[] {
  // A thread has its own ports, and they end with it.
  if (counts.has("worker thread")) counts.delete("message port");
  const found = [...counts].map(([what, count]) => (count === 1 ? what : `${count} ${what}s`));
  const place = placeOf(unfinished);
  return place === undefined ? found : [...found, `started at ${place}`];
}

export function unfinishedOf(work: InvocationWork): Unfinished[] {
  const unfinished: Unfinished[] = [];
  const sockets = new Set<object>();
  for (const operation of work.operations.values()) {
    const { kind, resource, origin } = operation;
    if (kind.isAtRest?.(operation) === true) continue;
    // A TLS socket has two handles.
    const owner = ownerOf(resource);
    if (owner !== undefined && sockets.size === sockets.add(owner).size) continue;
    unfinished.push({ what: kind.what, resource, origin });
  }
  return unfinished;
}

/** Where the author's code, or a package that it uses, started a leftover. The path is relative to the project. */
function placeOf(unfinished: readonly Unfinished[]): string | undefined {
  for (const { origin } of unfinished) {
    const place = placeIn(framesOf(origin).find((frame) => !frame.includes("node:")) ?? "");
    if (place !== undefined) return place;
  }
  return undefined;
}

/**
 * Returns file, line and column of a stack frame. The file is relative to the project. Only the path of the project's
 * folder shows where the file name starts, because paths may contain spaces and parentheses.
 */
export function placeIn(line: string): string | undefined {
  const folder = process.cwd();
  for (const start of [`${folder}/`, `${pathToFileURL(folder).href}/`]) {
    const at = line.indexOf(start);
    if (at !== -1) return line.slice(at + start.length).replace(/\)$/, "");
  }
  return /\(?([^\s(]+:\d+:\d+)\)?$/.exec(line)?.[1]?.replace("file://", "");
}
