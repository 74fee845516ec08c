/**
 * What an invocation left running. After `callback` the execution is over (contract C5): an isolate in which something of
 * it is still alive is not used again.
 *
 * Three sources, since none sees everything: asynchronous operations that the invocation has begun and that have not ended
 * (`async-kinds.ts`), work that Node does not report (`unlisted-work.ts`), and Node's list of active resources, which also
 * shows a connection of module scope that waits for an answer. A pending promise with nothing behind it can never run and
 * is ignored.
 *
 * Whose an operation is:
 *
 *     begun in the context of a running invocation ─▶ that invocation
 *     begun in no context, or in that of an invocation that is over
 *         ├─ in a turn of the event loop that belongs to module scope ─▶ module scope: it may stay
 *         ╰─ in any other turn ─▶ the one invocation that is running
 *
 * A turn belongs to module scope where its callback is of something that module scope began: its interval, its server.
 * Without turns, the context of a queue that module scope made would hide what a handler does by way of that queue.
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

/** What one invocation has begun and not yet ended. */
export class InvocationWork {
  readonly operations = new Map<number, Operation>();
  /** Something other than promises was begun: handles need one more turn of the loop to close. */
  hasBegunAny = false;
  /** What is begun in its context from now on is not its own. */
  isOver = false;
}

/** Operations of one invocation whose origin is kept, and frames of each origin. */
const maxTraced = 100;
const framesKept = 12;

/** Node's words for what keeps the loop alive, in ours. Other operations are counted when they begin and end. */
const activeNames: Readonly<Record<string, string>> = {
  TCPSocketWrap: "socket",
  TLSSocketWrap: "socket",
  PipeWrap: "pipe",
  FSEventWrap: "file watcher",
  StatWatcher: "file watcher",
  ProcessWrap: "child process",
  MessagePort: "message port",
};

/** Reported by the operations, or of no consequence. */
const reportedElsewhere = new Set(["Timeout", "Immediate", "TickObject", "CloseReq"]);

/** Something that was begun and has not ended. */
export interface Unfinished {
  /** For people: `timer`. */
  readonly what: string;
  readonly resource: object;
  readonly origin: Origin | undefined;
}

export class LeftoverWatch {
  readonly #workStore: AsyncLocalStorage<{ readonly work: InvocationWork }>;
  #activeBefore: string[] = [];
  /** Operations end in any context; this finds whose they were. */
  readonly #owners = new Map<number, InvocationWork>();
  /** What module scope has begun, and we ourselves. Its methods are its own: it is used whatever a handler has changed. */
  readonly #ofModules = Object.assign(new Map<number, Kind | undefined>(), { get, set: put, has, delete: remove });
  /** How many sockets and the like module scope has, and had when an invocation began; by what they are. */
  readonly #handlesOfModules = new Map<string, number>();
  #handlesOfModulesBefore = new Map<string, number>();
  #isModulesTurn = true;
  /** The invocation whose handler was started last, until it is over. */
  #current: InvocationWork | undefined;
  #unlistedCount = 0;
  #hasSqlite = false;

  /** @param workStore the work of the invocation in whose context something begins. */
  constructor(workStore: AsyncLocalStorage<{ readonly work: InvocationWork }>) {
    this.#workStore = workStore;
    watchUnlistedWork((what) => this.#beginUnlisted(what));
    this.#listen();
  }

  #listen(): void {
    const owners = this.#owners;
    const ofModules = this.#ofModules;
    /** Callbacks within callbacks: only the outermost one begins a turn. */
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
        // The loop calls neither of these: they run in the turn of what has settled or entered them.
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
      // Following every promise costs 1 µs an `await` and tells nothing here. Node 22 does not know the option.
      trackPromises: false,
    };
    createHook(options).enable();
  }

  /** Whose something is that begins here and now; undefined: of an invocation that is over. */
  #ownerHere(): InvocationWork | "module scope" | undefined {
    const work = this.#workStore.getStore()?.work;
    if (work?.isOver === false) return work;
    if (work === undefined && (this.#isModulesTurn || isOurWork())) return "module scope";
    // A function that is called for the first time is loaded before its handler is entered.
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

  /** User code is about to get a module of Node. Called each time. */
  onBuiltin(name: string): void {
    if (name !== "node:sqlite" || this.#hasSqlite) return;
    this.#hasSqlite = true;
    watchSqlite((what) => this.#beginUnlisted(what));
  }

  /** A handler is about to run, in this turn. */
  enter(work: InvocationWork): void {
    this.#current = work;
    this.#isModulesTurn = false;
  }

  /** Remembers what is active now, before an invocation begins. Not needed just after `find` has found nothing. */
  mark(): void {
    this.#remember(process.getActiveResourcesInfo());
  }

  #remember(active: string[]): void {
    this.#activeBefore = active;
    if (this.#handlesOfModules.size > 0) this.#handlesOfModulesBefore = new Map(this.#handlesOfModules);
  }

  /**
   * The invocation is over. Lets go of what it knows of it: compressors end only when nobody holds them any more. A signal
   * of `AbortSignal.timeout` aborts nothing from now on.
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

  /** Whether nothing but work that ends soon is left. */
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

  /** For people: `2 timers`, `server`. Empty when nothing is left; what is active then is remembered, as by `mark`. */
  find(work: InvocationWork): string[] {
    const active = process.getActiveResourcesInfo();
    const newlyActive = this.#newlyActive(active);
    if (newlyActive.length > 0 || work.operations.size > 0) {
      const unfinished = unfinishedOf(work);
      const counts = countEach(unfinished.map(({ what }) => what));
      // Both may show the same socket.
      for (const [what, newCount] of countEach(newlyActive.map((type) => activeNames[type] ?? type))) {
        const count = Math.max(newCount - this.#newOfModules(what), counts.get(what) ?? 0);
        if (count > 0) counts.set(what, count);
      }
      if (counts.size > 0) return describe(counts, unfinished);
    }
    this.#remember(active);
    return [];
  }

  /** Those that module scope has opened since the invocation began: its server has accepted a connection. */
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
  // A thread has ports of its own, which end with it.
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
    // One with TLS has two handles.
    const owner = ownerOf(resource);
    if (owner !== undefined && sockets.size === sockets.add(owner).size) continue;
    unfinished.push({ what: kind.what, resource, origin });
  }
  return unfinished;
}

/** Where the author, or a package of theirs, began something that is left; relative to the project. */
function placeOf(unfinished: readonly Unfinished[]): string | undefined {
  for (const { origin } of unfinished) {
    const place = placeIn(framesOf(origin).find((frame) => !frame.includes("node:")) ?? "");
    if (place !== undefined) return place;
  }
  return undefined;
}

/**
 * File, line and column in a frame of a stack; the file is relative to the project. Nothing says where the file begins but
 * the name of the project's folder, which may have spaces and parentheses in it.
 */
export function placeIn(line: string): string | undefined {
  const folder = process.cwd();
  for (const start of [`${folder}/`, `${pathToFileURL(folder).href}/`]) {
    const at = line.indexOf(start);
    if (at !== -1) return line.slice(at + start.length).replace(/\)$/, "");
  }
  return /\(?([^\s(]+:\d+:\d+)\)?$/.exec(line)?.[1]?.replace("file://", "");
}
