/**
 * The isolate: a child process that serves one service's functions. It reads invocations on descriptor
 * 3 and writes what comes of them on descriptor 4; `protocol/messages.ts` has the words.
 *
 * Everything here shares the process with user code. What must hold against it (time, memory, the end
 * of the process) is held by the pool, from outside.
 *
 * The files of the worker do not import modules of Node, but take them from `getBuiltinModule`. An import reads all
 * exports, and some of those load more of Node: `import "node:util"` costs 3 ms, mostly for `worker_threads`.
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

/** For so long, work that ends soon may end; see `Kind`. */
const endingMs = 5;

closeInherited();

/** These were for our own start; user code sees only the service's variables. */
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
      // The reader's chunk is shared with other frames, and user code may keep what it is given.
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
// The gateway is gone, by its own will or not: an isolate must not outlive it.
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
  /** Replied, and to be looked at for what is left when this turn's promises have run. */
  readonly #replied = new Queue<InvocationRun>();
  /** At least one step is due for each of those. */
  readonly #stepper = new Stepper(() => this.#settleNext());
  /** Something was left: the pool runs elsewhere what waits here, so it must not start here any more. */
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
      // As another user it can no longer keep what it has compiled.
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
      // Before the realm is remembered: it replaces some built-in functions.
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

  /** One function a turn, so that an invocation that arrives meanwhile waits for one file at most. */
  #preloadNext(): void {
    if (this.#isReady) return;
    const name = this.#toPreload.shift();
    if (name === undefined) {
      this.#becomeReady();
      // An isolate is killed, never exits by itself: what it compiled is kept for the next one now or never.
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

  /** Packages are left out: they name such globals to find out whether there are any. */
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
    // Ready first: until that is said, the pool knows that nothing has started.
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

  /** What its promises have to do is done by the next step. */
  #afterReply(run: InvocationRun): void {
    this.#replied.push(run);
    if (this.#stepper.due < this.#replied.length) this.#stepper.schedule();
  }

  #settleNext(): void {
    const run = this.#replied.shift();
    if (run === undefined) return;
    // Handles take up to two turns of the loop to close.
    if (this.#leftovers !== undefined && run.work.hasBegunAny) setImmediate(() => this.#settleSoon(run, now()));
    else this.#settle(run);
  }

  /** In the next turn, or once what ends soon has ended. */
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

  /** The language comes first: what looks for the rest is written in it. Where the isolate ends anyway, no more is compared. */
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
      found.push(`a state of the process that cannot be put back: ${serializeError(error).message}`);
    }
    found.push(...this.#leftovers.find(run.work));
    if (this.#children.isUsed) found.push("child process");
    const files = this.#files.find();
    if (files !== "") found.push(files);
    const failed = importableFailure();
    if (failed !== undefined) found.push(`${failed}, which failed and which this version of Node would still import`);
    return found;
  }

  #current(): InvocationRun | undefined {
    const run = runs.getStore();
    if (run !== undefined) return run;
    if (this.#running.size !== 1) return undefined;
    const [only] = this.#running;
    return only;
  }

  /** Nobody caught it: it ends the invocation it belongs to, or else the isolate. */
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

/** Loaded for those alone who have something in it, and before anything of ours may be out of reach. */
function loadLanguage(
  { folder, language }: Setup,
  onSource: Hooks.HookOptions["onSource"],
): Hooks.LanguageHooks | undefined {
  if (language === undefined) return undefined;
  const file = import.meta.url.endsWith(".ts") ? "hooks.ts" : "hooks.js";
  const hooks = createRequire(import.meta.url)(`../language/${file}`) as typeof Hooks;
  return new hooks.LanguageHooks({ folder, language, onSource });
}

/** While the process may still read everything. */
function loadInspector(): typeof Inspector {
  const file = import.meta.url.endsWith(".ts") ? "isolate-inspector.ts" : "isolate-inspector.js";
  return createRequire(import.meta.url)(`../debug/${file}`) as typeof Inspector;
}

/** For development. Loaded while the process may still read all that is ours. */
function loadInsight(setup: Setup): InsightModule.Insight {
  const file = import.meta.url.endsWith(".ts") ? "insight.ts" : "insight.js";
  const { Insight } = createRequire(import.meta.url)(`./insight/${file}`) as typeof InsightModule;
  return new Insight(setup, runs);
}

/** The same. */
function loadLoadedFiles(): typeof LoadedFiles {
  const file = import.meta.url.endsWith(".ts") ? "loaded-files.ts" : "loaded-files.js";
  return createRequire(import.meta.url)(`./${file}`) as typeof LoadedFiles;
}

/** While the process may still read everything. */
function loadPermissionGaps(): typeof PermissionGaps {
  const file = import.meta.url.endsWith(".ts") ? "permission-gaps.ts" : "permission-gaps.js";
  return createRequire(import.meta.url)(`./${file}`) as typeof PermissionGaps;
}

function reportError(id: number, where: string, error: unknown): void {
  const { name, message, stack } = serializeError(error);
  const text = `Uncaught ${where}: ${stack ?? `${name}: ${message}`}`;
  send({ kind: "output", id, level: "error" }, Buffer.from(text));
}

/** A function that reaches for the package by its global gets what it uses loaded ahead, like one that requires it. */
function preloadTwilio(file: string | undefined, twilio: TwilioPackage): void {
  if (file === undefined) return;
  const source = readFileSync(file, "utf8");
  if (/\bTwilio\s*\.\s*(?!(?:Response|twiml)\b)|\bTwilio\s*\(|getTwilioClient|getSync/.test(source)) twilio.load();
  for (const [, name] of source.matchAll(/\btwiml\s*\.\s*(\w+)/g)) Reflect.get(twilio.twiml, name as string);
}
