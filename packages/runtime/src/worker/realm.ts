/**
 * Detects whether an invocation changed the language itself: globals, built-in objects and their prototypes, Node's
 * modules, settings of the process. An isolate with such a change cannot be trusted.
 *
 * The watch first puts back what has changed, because our own code runs in the same language and must still report the
 * change. Until then, no code here may rely on anything that user code can replace, not even on `for (… of …)`.
 */
import { areAsTheyWere, compileAfter, compileComparison } from "./realm-comparison.ts";
import { isLoaded, isModuleLoaded, lazyNamesIn, noticeLoaded } from "./lazy-properties.ts";
import { LoadedModules } from "./loaded-modules.ts";
import { ProcessListeners } from "./process-listeners.ts";
import { StandardDescriptors } from "./standard-descriptors.ts";
import { ProcessSwitches } from "./process-switches.ts";
import { watchedModules, watchSwitches } from "./switch-watchers.ts";
import { Additions } from "./realm-additions.ts";
import {
  describeChange,
  isOwnOfInvocation,
  isSameChange,
  revertChange,
  type Change,
  type Changes,
  type Entry,
} from "./realm-change.ts";
import { followGetters, hotModules, listRoots, snapshotRules } from "./realm-roots.ts";
import { RealmSnapshot } from "./realm-snapshot.ts";
import {
  followReturns,
  iteratorsOfFetch,
  iteratorsOfSegmenter,
  iteratorsOfStreams,
  unreachableIn,
} from "./unreachable-objects.ts";

const Module = process.getBuiltinModule("node:module");

// User code may replace these.
const { apply, getPrototypeOf } = Reflect;
const { exec } = RegExp.prototype;
const { getBuiltinModule } = process;
const { syncBuiltinESMExports } = Module;
const now = performance.now.bind(performance);
const { cpuUsage } = process;
const anything = /(?:)/;

/** Node 22 replaces `process.chdir` when it loads this module, for example for `fetch`. */
const workerModule = "internal/worker";

/** A longer list would not help. */
const maxChangesNamed = 5;
const dispatcher = Symbol.for("undici.globalDispatcher.1");
const newDispatcher = Symbol.for("undici.globalDispatcher.2");

/** Minimum interval between full comparisons while other invocations wait. */
const fullEveryMs = 50;
/** After this many comparisons without a change, a function in steady use gets fewer full comparisons. */
const cleanUntilTrusted = 20;
/** While others wait, full comparisons use at most 1/40 of the isolate's processor time. */
const maxBusyShare = 40;
/** After a pause of this length, everything is compared before the next call. */
const pauseMs = 2;

/** Changes that existed before a module was evaluated. A handler made them. */
interface Baseline {
  readonly changes: Changes | undefined;
  readonly settings: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
  readonly event: string | undefined;
}

export class RealmWatch {
  readonly #snapshot: RealmSnapshot;
  readonly #switches: ProcessSwitches;
  readonly #modules = new LoadedModules();
  readonly #listeners = new ProcessListeners();
  readonly #descriptors = new StandardDescriptors();
  #additions = new Additions();
  /** Node's modules that user code has loaded. */
  readonly #builtins = new Set<string>();
  /** Node's modules whose switches are watched. */
  readonly #switched = new Set<string>();
  /** Roots to add when the snapshot is taken. */
  #roots: (readonly [name: string, object: object])[] = [];
  #isTaken = false;
  #before: Baseline | undefined;
  /** Full comparisons that found no change since the last snapshot. After `compileAfter`, the fast one is compiled. */
  #asked = 0;
  #isUnchanged = (): boolean => true;
  #comparedAtCpuMs = 0;
  /** While others wait, the earliest time of the next full comparison. */
  #turnAt = 0;
  #settledAt = 0;
  /** Processor time of the last full comparison. */
  #costMs = 0;
  #isCompared = true;
  /** Name of a function → consecutive comparisons that found no change. */
  #clean = new Map<string, number>();
  /** Functions that have run since the last full comparison. */
  #since: string[] = [];
  #found = "";
  #hasFetch = false;
  #hasStreams = false;
  #hasWorkers = isModuleLoaded(workerModule);

  /** @param isEvaluating whether module scope is running. */
  constructor(isEvaluating: () => boolean) {
    noticeLoaded();
    this.#snapshot = new RealmSnapshot(snapshotRules());
    this.#switches = new ProcessSwitches({ isKept: () => !this.#isTaken || isEvaluating() });
    for (const name of ["module", "events", "perf_hooks", "async_hooks", "diagnostics_channel"]) {
      this.#switched.add(name);
      watchSwitches(name, getBuiltinModule(name) as unknown as object, this.#switches);
    }
    watchSwitches("process", process, this.#switches);
    watchSwitches("globalThis", globalThis, this.#switches);
    followGetters("globalThis", globalThis, (value, name) => {
      this.watch(value, name);
      if (name === "globalThis.crypto") this.watch((value as typeof crypto).subtle, "crypto.subtle");
    });
    this.#roots.push(...unreachableIn("timers", globalThis));
    this.#roots.push(...unreachableIn("a channel with a listener", getBuiltinModule("diagnostics_channel")));
    followGetters("process", process, (value, name) => this.watch(value, name));
    this.#roots.push(["performance", performance]);
    syncBuiltinESMExports();
  }

  /** Adds an object, and everything that can be reached from it. */
  watch(object: object, name: string): void {
    if (this.#isTaken) this.#snapshot.add(object, name);
    else this.#roots.push([name, object]);
  }

  /** User code is about to get one of Node's modules. */
  onBuiltin(request: string): void {
    const name = request.startsWith("node:") ? request.slice(5) : request;
    if (this.#builtins.has(name)) return;
    this.#builtins.add(name);
    // Loading a module may change others, as `domain` does. Our own code here changes some as well.
    const isOutermost = this.#isTaken && this.#before === undefined;
    if (isOutermost) this.onEvaluationStart();
    const exports: object | undefined = getBuiltinModule(request);
    if (exports !== undefined) {
      this.#watchSwitches(name, exports);
      followGetters(name, exports, (value, path) => this.watch(value, path));
      followReturns(name, exports, (prototype, path) => this.watch(prototype, path));
      this.watch(exports, name);
      for (const [hidden, object] of unreachableIn(name, exports)) this.watch(object, hidden);
    }
    if (isOutermost) this.onEvaluationEnd();
  }

  #watchSwitches(name: string, exports: object): void {
    if (this.#switched.has(name) || !watchedModules.includes(name)) return;
    this.#switched.add(name);
    watchSwitches(name, exports, this.#switches);
    // Named imports of ES modules are copies.
    syncBuiltinESMExports();
  }

  /** If a source of the project names lazy globals, reads them, so that the snapshot has their original values. */
  onSource(source: string): void {
    for (const name of lazyNamesIn(source)) void (globalThis as unknown as Record<string, unknown>)[name];
    if (source.includes("Segmenter")) for (const [name, object] of iteratorsOfSegmenter()) this.watch(object, name);
    this.#noticeLoaded();
  }

  /** Takes the snapshot: the current state is the expected one. Modules that are evaluated later add to it. */
  takeSnapshot(): void {
    if (this.#isTaken) return;
    noticeLoaded();
    this.#isTaken = true;
    this.#noticeHidden();
    for (const [name, object] of listRoots()) this.#snapshot.add(object, name);
    for (const [name, object] of this.#roots) this.#snapshot.add(object, name);
    this.#roots = [];
    this.#switches.keepSettings();
    this.#modules.remember();
    this.#listeners.remember();
    this.#additions = new Additions();
    this.#watchHot();
  }

  /** @param file is in the cache already, although it has not been evaluated. */
  onEvaluationStart(file?: string): void {
    if (!this.#isTaken) return;
    this.#noticeLoaded();
    const changes = this.#snapshot.compare();
    const settings = new Set(this.#switches.changedSettings());
    const files = this.#modules.changed();
    if (file !== undefined) files.delete(file);
    this.#before = { changes, settings, files, event: this.#listeners.changed() };
  }

  /**
   * Adopts the changes that a module made while it was evaluated. Earlier changes do not stay, unless the module made
   * them again.
   * @param failed a file that is still in the cache and must leave it, because the next call must load it again.
   */
  onEvaluationEnd(failed?: string): void {
    const before = this.#before;
    if (before === undefined) return;
    this.#before = undefined;
    this.#noticeLoaded();
    const changes = this.#snapshot.compare();
    if (changes !== undefined) this.#snapshot.adopt(changes, (change) => !includes(before.changes, change));
    this.#switches.keepSettings((name) => !before.settings.has(name));
    this.#modules.remember((file) => file !== failed && !before.files.has(file));
    if (before.event === undefined) this.#listeners.remember();
    this.#additions = new Additions();
    this.#watchHot();
  }

  onEvaluationLost(): void {
    this.#before = undefined;
  }

  /**
   * Called before an invocation. After a pause, runs the full comparison if it is outstanding.
   * @param isCrowded whether others wait for this isolate or for a processor. A short pause then is not idle time.
   */
  prepare(isCrowded: boolean): void {
    if (this.#isCompared) return;
    const pausedMs = now() - this.#settledAt;
    if (pausedMs < pauseMs || (isCrowded && pausedMs < fullEveryMs && !this.#isTurnOver)) return;
    this.#found = this.#findAll();
  }

  /**
   * Describes the changes, for people: `JSON.stringify was replaced`. Empty if nothing has changed, or if all changes
   * could be put back.
   * @param name of the function that has run.
   * @param isIdle whether no invocation waits, so that there is time to compare everything.
   * @param isIntact the result of `isIntact()` just before.
   */
  find(name: string, isIdle: boolean, isIntact: boolean): string {
    if (this.#found !== "") return this.#found;
    // Clears `RegExp.input` and `$1`, which contain the text of the last match.
    apply(exec, anything, [""]);
    if (!isIntact || this.#isFullDue(name, isIdle)) return this.#findAll(name);
    this.#isCompared = false;
    this.#settledAt = now();
    this.#since[this.#since.length] = name;
    return "";
  }

  /** Whether the parts that our own code relies on are unchanged. Takes a few microseconds. */
  isIntact(): boolean {
    return this.#isUnchanged() && this.#additions.isSame();
  }

  #isFullDue(name: string, isIdle: boolean): boolean {
    if (this.#asked < compileAfter) return true;
    if (this.#switches.isTouched || this.#listeners.isTouched) return true;
    if (this.#isTurnOver) return true;
    return isIdle && (this.#clean.get(name) ?? 0) < cleanUntilTrusted;
  }

  /** Whether it is time for a full comparison although others wait. */
  get #isTurnOver(): boolean {
    const at = now();
    if (at < this.#turnAt) return false;
    const missingMs = maxBusyShare * this.#costMs - (cpuMs() - this.#comparedAtCpuMs);
    // Reading the processor time is slow, so it is not read again until that much time can have been used.
    this.#turnAt = at + missingMs;
    return missingMs <= 0;
  }

  /** @param name of the function that has just run. Absent if none has. */
  #findAll(name?: string): string {
    const startedAtCpuMs = cpuMs();
    const wasTouched = this.#switches.isTouched;
    const lasting = this.#switches.restore();
    let found = this.#additions.remove();
    const hasLoadedMore = noticeLoaded();
    const changes = this.#snapshot.compare();
    if (changes !== undefined) found += this.#revert(changes);
    // From here on, the language is restored, and code may rely on it.
    if (hasLoadedMore) this.#readMore();
    const hasSet = this.#switches.restoreSettings();
    const hasLoaded = this.#modules.restore();
    const event = this.#listeners.changed();
    const descriptor = this.#descriptors.changed();
    if (descriptor !== undefined) found += `, file descriptor ${descriptor} was closed or replaced`;
    if (event !== undefined) found += `, a listener for "${event}" on the process`;
    if (lasting !== "") found += `, ${lasting}`;
    const { unrestored } = this.#switches;
    if (unrestored !== "" && unrestored !== lasting) found += `, ${unrestored}`;
    const isClean = found === "" && changes === undefined && !wasTouched && !hasSet && !hasLoaded;
    this.#comparedAtCpuMs = cpuMs();
    this.#costMs = this.#comparedAtCpuMs - startedAtCpuMs;
    return this.#conclude(name, found === "" ? "" : found.slice(2), isClean);
  }

  #conclude(name: string | undefined, found: string, isClean: boolean): string {
    const others = [...new Set(this.#since)];
    this.#since = [];
    this.#isCompared = true;
    this.#turnAt = now() + fullEveryMs;
    if (!this.#additions.isSame()) this.#additions = new Additions();
    if (!isClean) this.#clean = new Map();
    else if (name !== undefined) this.#clean.set(name, (this.#clean.get(name) ?? 0) + 1);
    if (found === "") {
      if (isClean && ++this.#asked === compileAfter) this.#isUnchanged = compileComparison(this.#listHot());
      return "";
    }
    if (others.length === 0 || (others.length === 1 && others[0] === name)) return found;
    const paths = others.map((other) => `/${other}`).join(", ");
    return `${found} (by this invocation or an earlier one: ${paths})`;
  }

  #listHot(): readonly Entry[] {
    const hot = new Set<object>(listRoots().map(([, object]) => object));
    for (const name of hotModules) if (this.#builtins.has(name)) hot.add(getBuiltinModule(name) as unknown as object);
    return this.#snapshot.entriesOf(hot);
  }

  /** Uses the slow comparison until the isolate is likely to serve many calls. Compiling the fast one takes 3 ms. */
  #watchHot(): void {
    const entries = this.#listHot();
    this.#isUnchanged = () => areAsTheyWere(entries);
    this.#asked = 0;
  }

  /** @returns the changes that the isolate cannot continue with, for people. Each one starts with a comma. */
  #revert(changes: Changes): string {
    let found = "";
    let count = 0;
    for (let i = 0; i < changes.length; i++) {
      const change = changes[i] as Change;
      if (this.#isOfNode(change)) continue;
      const isBack = revertChange(change);
      if (isBack && isOwnOfInvocation(change)) continue;
      if (++count <= maxChangesNamed) found += `, ${describeChange(change)}`;
    }
    return count > maxChangesNamed ? `${found}, and ${count - maxChangesNamed} more` : found;
  }

  #noticeLoaded(): void {
    if (!noticeLoaded()) return;
    if (this.#isTaken) this.#readMore();
    else this.#noticeHidden();
  }

  /** Node has loaded more of its own modules, so more properties can be read. */
  #readMore(): void {
    this.#snapshot.readMore(globalThis);
    for (const object of [globalThis, process]) {
      const changes = this.#snapshot.compareOne(object);
      if (changes === undefined) continue;
      this.#snapshot.adopt(changes, (change) => this.#isOfNode(change));
      this.#watchHot();
    }
    this.#noticeHidden();
    this.#hasWorkers ||= isModuleLoaded(workerModule);
  }

  /** Adds objects of Node that no property leads to. */
  #noticeHidden(): void {
    if (!this.#hasStreams && isLoaded("ReadableStream")) {
      this.#hasStreams = true;
      for (const [name, object] of iteratorsOfStreams()) this.watch(object, name);
    }
    if (this.#hasFetch || !isLoaded("Headers")) return;
    this.#hasFetch = true;
    for (const [name, object] of iteratorsOfFetch()) this.watch(object, name);
    const globals = globalThis as unknown as Record<symbol, object | undefined>;
    const fetching = globals[newDispatcher] ?? globals[dispatcher];
    if (fetching === undefined) return;
    this.watch(getPrototypeOf(fetching) as object, "(dispatcher of fetch)");
    // The dispatcher has lists that change, so its values are not compared. But a new own property can hide a method.
    this.#switches.setting(
      "the dispatcher of fetch",
      () => ownNamesOf(fetching),
      () => {},
    );
  }

  /** Whether Node itself made the change, because it loaded `fetch` or threads. */
  #isOfNode({ kind, object, key }: Change): boolean {
    if (object === globalThis && !this.#hasFetch && kind === "added" && isLoaded("Headers"))
      return key === dispatcher || key === newDispatcher;
    return object === process && !this.#hasWorkers && isModuleLoaded(workerModule) && key === "chdir";
  }
}

/** Processor time of this process. */
function cpuMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1_000;
}

function ownNamesOf(object: object): string {
  return Object.getOwnPropertyNames(object).join();
}

function includes(changes: Changes | undefined, change: Change): boolean {
  if (changes === undefined) return false;
  for (let i = 0; i < changes.length; i++) if (isSameChange(changes[i] as Change, change)) return true;
  return false;
}
