/**
 * The isolate: a child process that serves one service's functions. It reads invocations from descriptor 3 and writes
 * their outcomes to descriptor 4. `protocol/messages.ts` defines the messages.
 *
 * Everything here shares the process with user code. So the pool enforces time, memory and the end of the process from
 * outside.
 *
 * The worker's files get Node's modules from `getBuiltinModule` instead of importing them. An import reads all exports,
 * and some of those load more of Node: `import "node:util"` costs 3 ms, mostly for `worker_threads`.
 */
import { FrameReader } from "../protocol/frames.ts";
import type { Invoke, Setup, ToIsolate } from "../protocol/messages.ts";
import type * as Inspector from "../debug/isolate-inspector.ts";
import type * as Hooks from "../language/hooks.ts";
import type * as InsightModule from "./insight/insight.ts";
import type * as LoadedFiles from "./loaded-files.ts";
import type * as PermissionGaps from "./permission-gaps.ts";
import { installGlobals, offerResponse, standardResponse } from "./globals.ts";
import { InvocationRun, runs, type RunParts } from "./invocation-run.ts";
import { LeftoverWatch } from "./leftovers.ts";
import { IdleMemory } from "./idle-memory.ts";
import { importableFailure } from "./module-failures.ts";
import { Queue } from "./queue.ts";
import { HandlerLoader } from "./load.ts";
import { endForError, endGroup, inletDescriptor, stopGroup, send } from "./outlet.ts";
import { captureOutput } from "./output.ts";
import { becomeUser, closeInherited, inheritedVariable } from "./privileges.ts";
import { announceExits, ChildWatch, FileWatch, ProcessState } from "./process-guard.ts";
import { ModuleEvaluation } from "./module-evaluation.ts";
import { RealmWatch } from "./realm.ts";
import { serializeError } from "./author-error.ts";
import { Stepper } from "./stepper.ts";
import { TwilioPackage, twilioNameOf } from "./twilio-package.ts";
import { TwilioResponse } from "./twilio-response.ts";
import { describeUser } from "./user-account.ts";

const { createRequire, flushCompileCache } = process.getBuiltinModule("node:module");
const { Socket } = process.getBuiltinModule("node:net");
const { readFileSync } = process.getBuiltinModule("node:fs");

// User code may replace the global of this name.
const { setImmediate } = globalThis;
const now = performance.now.bind(performance);

/** How long to wait for work that ends soon; see `Kind`. */
const endingMs = 5;

closeInherited();

/** Variables for our own start. User code sees only the service's variables. */
for (const name of ["NODE_COMPILE_CACHE", "MALLOC_ARENA_MAX", "PWD", "OLDPWD", "SHLVL", "_", inheritedVariable])
  delete process.env[name];

const inlet = new Socket({ fd: inletDescriptor, readable: true, writable: false });
let isolate: Isolate | undefined;
const reader = new FrameReader<ToIsolate>((message, body) => {
  switch (message.kind) {
    case "setup":
      isolate = new Isolate(message);
      return;
    case "invoke":
      // Other frames share the reader's chunk, and user code may keep the body.
      isolate?.receive(message, body.length === 0 ? body : Buffer.from(body));
      return;
    case "retract":
      isolate?.retract(message.ids);
      return;
    case "abort":
      isolate?.abort(message.id);
      return;
    default:
      message satisfies never;
  }
});
inlet.on("data", (chunk) => reader.push(chunk));
// The gateway has exited, cleanly or not. An isolate must not outlive it.
inlet.on("close", endGroup);
inlet.on("error", endGroup);

class Isolate {
  readonly #setup: Setup;
  readonly #parts: RunParts;
  readonly #state: ProcessState;
  readonly #restoreOutput: () => void;
  readonly #children = new ChildWatch();
  readonly #files = new FileWatch();
  readonly #leftovers: LeftoverWatch | undefined;
  #realm: RealmWatch | undefined;
  readonly #insight: InsightModule.Insight | undefined;
  readonly #running = new Set<InvocationRun>();
  readonly #waiting = new Queue<InvocationRun>();
  #toPreload: string[];
  readonly #memory = new IdleMemory();
  #isReady = false;
  /** Invocations that have replied. Their leftovers are checked when this turn's promises have run. */
  readonly #replied = new Queue<InvocationRun>();
  /** At least one step is due for each run in `#replied`. */
  readonly #stepper = new Stepper(() => this.#settleNext());
  /** An invocation had leftovers. The pool runs the waiting invocations elsewhere, so they must not start here. */
  #isSpent = false;

  constructor(setup: Setup) {
    this.#setup = setup;
    const language = loadLanguage(setup, (source, file) => this.#onSource(source, file));
    const inspector = setup.debugger && loadInspector();
    const insight = setup.hasInsight ? loadInsight(setup) : undefined;
    this.#insight = insight;
    const loadedFiles = setup.reportsFiles && loadLoadedFiles();
    const gaps = setup.isHardened ? loadPermissionGaps() : undefined;
    if (setup.user !== undefined) {
      // As another user, the process cannot write the compile cache.
      flushCompileCache();
      becomeUser(setup.user);
    }
    inspector?.openInspector(setup.debugger?.waits === true, (url, isWaiting) =>
      send({ kind: "debugger", url, isWaiting }),
    );
    gaps?.closeGaps(inlet);
    this.#toPreload = [...setup.preload];
    this.#restoreOutput = captureOutput(() => this.#current()?.id ?? 0);
    inspector?.mirrorConsole();
    inspector?.followStops((ms) => {
      for (const run of this.#running) run.excludePause(ms);
    });
    if (setup.userName !== undefined) describeUser(setup.userName);
    announceExits();
    this.#children.install();
    this.#files.install();
    const evaluation = new ModuleEvaluation({
      onStart: (file) => this.#realm?.onEvaluationStart(file),
      onEnd: (failed) => this.#realm?.onEvaluationEnd(failed),
      onLost: () => this.#realm?.onEvaluationLost(),
      onBuiltin: (name) => {
        this.#leftovers?.onBuiltin(name);
        this.#realm?.onBuiltin(name);
      },
      onEvaluated: (file, exports) => this.#onEvaluated(file, exports),
      onSource: (source, file) => this.#onSource(source, file),
    });
    this.#state = new ProcessState(setup.variables, () => evaluation.isEvaluating);
    const twilio = new TwilioPackage(setup, {
      evaluate: (run) => evaluation.evaluate(run),
      watch: (object, name) => this.#realm?.watch(object, name),
    });
    installGlobals(setup, twilio, language);
    if (setup.detectLeftovers) {
      // Created before the realm's snapshot, because it replaces some built-in functions.
      this.#leftovers = new LeftoverWatch(runs);
      this.#realm = new RealmWatch(() => evaluation.isEvaluating);
    }
    this.#realm?.watch(TwilioResponse, "Twilio.Response");
    language?.install();
    evaluation.install(setup.language !== undefined);
    if (loadedFiles) loadedFiles.reportLoadedFiles(setup.folder);
    const loader = new HandlerLoader(setup, (run) => evaluation.evaluateAsync(run));
    this.#parts = {
      setup,
      twilio,
      loader,
      onLoaded: () => this.#saveState(),
      beforeHandler: (run) => this.#leftovers?.enter(run.work),
      onReplied: (run) => this.#afterReply(run),
      onLateFailure: (run, error) => reportError(run.id, "after callback()", error),
      observer: insight,
      isCrowded: () => this.#waiting.length > 0,
      ...(setup.debugger?.stopsAtFirstLine === true && { beforeFirst: inspector?.stopAtFirstLine }),
    };
    process.on("uncaughtException", (error) => this.#onUncaught(error));
    process.on("unhandledRejection", (reason) => this.#onUncaught(reason));
    insight?.setLeftoverWatch(this.#leftovers);
    this.#preloadNext();
  }

  /** Loads one function per turn, so that an invocation that arrives meanwhile waits for one file at most. */
  #preloadNext(): void {
    if (this.#isReady) return;
    const name = this.#toPreload.shift();
    if (name === undefined) {
      this.#becomeReady();
      // The pool kills isolates, so there is no exit at which Node would write the compile cache.
      flushCompileCache();
      return;
    }
    send({ kind: "loading", function: name });
    const onFailed = (error: unknown): void =>
      send({ kind: "load-failed", function: name, error: serializeError(error) });
    try {
      const handler = this.#parts.loader.load(name);
      if (handler instanceof Promise) handler.catch(onFailed);
      preloadTwilio(this.#setup.functions[name], this.#parts.twilio);
    } catch (error) {
      onFailed(error);
    }
    setImmediate(() => this.#preloadNext());
  }

  /** Skips packages, because they name these globals only to detect them. */
  #onSource(source: string, file: string): void {
    if (file.includes("/node_modules/")) return;
    offerResponse(source);
    this.#realm?.onSource(source);
    if (standardResponse !== undefined) this.#realm?.watch(standardResponse, "Response");
  }

  #onEvaluated(file: string, exports: unknown): void {
    const name = twilioNameOf(file);
    if (name === undefined || exports === null) return;
    if (typeof exports === "object" || typeof exports === "function") this.#realm?.watch(exports, name);
  }

  #becomeReady(): void {
    this.#isReady = true;
    this.#toPreload = [];
    send({ kind: "ready" });
    this.#saveState();
    this.#memory.onIdle();
  }

  #saveState(): void {
    this.#state.save();
    this.#realm?.takeSnapshot();
    this.#leftovers?.mark();
  }

  receive(invoke: Invoke, body: Buffer): void {
    // "ready" goes first. Until then, the pool knows that no invocation has started.
    if (!this.#isReady) this.#becomeReady();
    this.#waiting.push(new InvocationRun(invoke, body, this.#parts));
    this.#stepper.schedule();
    if (this.#running.size < this.#setup.concurrency) this.#leftovers?.mark();
    this.#startWaiting();
  }

  retract(ids: readonly number[]): void {
    const retracted = this.#waiting.remove((run) => ids.includes(run.id));
    if (retracted.length > 0) send({ kind: "retracted", ids: retracted.map((run) => run.id) });
  }

  abort(id: number): void {
    const hasId = (run: InvocationRun): boolean => run.id === id;
    ([...this.#running].find(hasId) ?? this.#waiting.find(hasId))?.abort();
  }

  #startWaiting(): void {
    while (!this.#isSpent && this.#running.size < this.#setup.concurrency) {
      const run = this.#waiting.shift();
      if (run === undefined) return;
      this.#running.add(run);
      this.#insight?.onStart(run);
      this.#realm?.prepare(run.isCrowded);
      run.start();
    }
  }

  /** Schedules the check for leftovers. By the next step, the invocation's promise jobs have run. */
  #afterReply(run: InvocationRun): void {
    this.#replied.push(run);
    if (this.#stepper.due < this.#replied.length) this.#stepper.schedule();
  }

  #settleNext(): void {
    const run = this.#replied.shift();
    if (run === undefined) return;
    // Handles need up to two turns of the loop to close.
    if (this.#leftovers !== undefined && run.work.hasBegunAny) setImmediate(() => this.#settleSoon(run, now()));
    else this.#settle(run);
  }

  /** Settles in the next turn, or when work that ends soon has ended. */
  #settleSoon(run: InvocationRun, since: number): void {
    setImmediate(() => {
      const hasTime = now() - since < endingMs && this.#realm?.isIntact() !== false;
      if (hasTime && this.#leftovers?.isEnding(run.work) === true) this.#settleSoon(run, since);
      else this.#settle(run);
    });
  }

  #settle(run: InvocationRun): void {
    const { tookMs } = run;
    const leftovers = this.#findLeft(run);
    this.#running.delete(run);
    this.#insight?.onSettled(run, leftovers.length > 0);
    this.#leftovers?.forget(run.work);
    const isTainted = run.isTainted && this.#leftovers !== undefined;
    send({ kind: "settled", id: run.id, tookMs, isTainted, leftovers });
    this.#isSpent = leftovers.length > 0 || isTainted;
    if (this.#isSpent) stopGroup();
    if (this.#waiting.length === 0) this.#memory.onIdle();
    this.#startWaiting();
  }

  /**
   * Checks the language first, because the code that looks for leftovers runs in it. If leftovers end the isolate
   * anyway, compares nothing more.
   */
  #findLeft(run: InvocationRun): string[] {
    const isIntact = this.#realm?.isIntact() !== false;
    const leftovers = isIntact ? this.#leftoversOf(run) : [];
    if (leftovers.length > 0) return leftovers;
    const changes = this.#realm?.find(run.function, this.#waiting.length === 0, isIntact) ?? "";
    if (changes !== "") return [changes];
    return isIntact ? [] : this.#leftoversOf(run);
  }

  #leftoversOf(run: InvocationRun): string[] {
    if (this.#leftovers === undefined) return [];
    const found: string[] = [];
    try {
      this.#state.restore();
      this.#restoreOutput();
    } catch (error) {
      found.push(`process state that cannot be restored: ${serializeError(error).message}`);
    }
    found.push(...this.#leftovers.find(run.work));
    if (this.#children.isUsed) found.push("child process");
    const files = this.#files.find();
    if (files !== "") found.push(files);
    const failed = importableFailure();
    if (failed !== undefined)
      found.push(`failed module ${failed} (this version of Node would import it without an error)`);
    return found;
  }

  #current(): InvocationRun | undefined {
    const run = runs.getStore();
    if (run !== undefined) return run;
    if (this.#running.size !== 1) return undefined;
    const [only] = this.#running;
    return only;
  }

  /** An uncaught error ends its invocation. If it belongs to none, it ends the isolate. */
  #onUncaught(error: unknown): void {
    const run = this.#current();
    if (run === undefined) {
      reportError(0, "outside of any invocation", error);
      endForError();
    }
    if (run.hasReplied) run.isTainted = true;
    run.failWith(error);
  }
}

/**
 * Loads the language hooks, only for projects that need them. Called early: later, the process may be unable to read our
 * files.
 */
function loadLanguage(
  { folder, language }: Setup,
  onSource: Hooks.HookOptions["onSource"],
): Hooks.LanguageHooks | undefined {
  if (language === undefined) return undefined;
  const file = import.meta.url.endsWith(".ts") ? "hooks.ts" : "hooks.js";
  const hooks = createRequire(import.meta.url)(`../language/${file}`) as typeof Hooks;
  return new hooks.LanguageHooks({ folder, language, onSource });
}

/** Loaded while the process can still read all files. */
function loadInspector(): typeof Inspector {
  const file = import.meta.url.endsWith(".ts") ? "isolate-inspector.ts" : "isolate-inspector.js";
  return createRequire(import.meta.url)(`../debug/${file}`) as typeof Inspector;
}

/** For development. Loaded while the process can still read our files. */
function loadInsight(setup: Setup): InsightModule.Insight {
  const file = import.meta.url.endsWith(".ts") ? "insight.ts" : "insight.js";
  const { Insight } = createRequire(import.meta.url)(`./insight/${file}`) as typeof InsightModule;
  return new Insight(setup, runs);
}

/** For development. Loaded while the process can still read our files. */
function loadLoadedFiles(): typeof LoadedFiles {
  const file = import.meta.url.endsWith(".ts") ? "loaded-files.ts" : "loaded-files.js";
  return createRequire(import.meta.url)(`./${file}`) as typeof LoadedFiles;
}

/** Loaded while the process can still read all files. */
function loadPermissionGaps(): typeof PermissionGaps {
  const file = import.meta.url.endsWith(".ts") ? "permission-gaps.ts" : "permission-gaps.js";
  return createRequire(import.meta.url)(`./${file}`) as typeof PermissionGaps;
}

function reportError(id: number, where: string, error: unknown): void {
  const { name, message, stack } = serializeError(error);
  const text = `Uncaught ${where}: ${stack ?? `${name}: ${message}`}`;
  send({ kind: "output", id, level: "error" }, Buffer.from(text));
}

/**
 * If a function uses the package through its global, loads the parts it uses ahead, as for a function that requires it.
 */
function preloadTwilio(file: string | undefined, twilio: TwilioPackage): void {
  if (file === undefined) return;
  const source = readFileSync(file, "utf8");
  if (/\bTwilio\s*\.\s*(?!(?:Response|twiml)\b)|\bTwilio\s*\(|getTwilioClient|getSync/.test(source)) twilio.load();
  for (const [, name] of source.matchAll(/\btwiml\s*\.\s*(\w+)/g)) Reflect.get(twilio.twiml, name as string);
}
