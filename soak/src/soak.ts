/**
 * One run, from the start of the server to its end:
 *
 *     start ▸ warm up ▸ rest, sample ▸ everything at once ▸ rest, sample ▸ drain ▸ what is left? ▸ verdict
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LoadClient } from "./load-client.ts";
import { judgeGrowth, judgeTolerated, type GrowthBounds } from "./bounds.ts";
import { runBursts } from "./bursts.ts";
import { Chaos } from "./chaos.ts";
import { runHostile } from "./hostile.ts";
import { Judge } from "./judge.ts";
import type { RequestKind } from "./kind.ts";
import { runLanes } from "./lanes.ts";
import { waitForCalm, peaksOf, sample, type Sample } from "./meter.ts";
import { pause } from "./pause.ts";
import { Prober, type Pause } from "./prober.ts";
import { Random } from "./random.ts";
import { filesIn, processesIn } from "./remnants.ts";
import { startServer, type Program, type Server } from "./server.ts";
import { readLog } from "./server-log.ts";
import type { Summary } from "./summary.ts";
import { Variables } from "./variables.ts";

export interface Plan {
  readonly program: Program;
  readonly kinds: readonly RequestKind[];
  /** The kind of request that is in flight when the server gets SIGTERM. It must be answered. */
  readonly lastKind: RequestKind;
  readonly connections: number;
  readonly seed: number;
  /** Duration of the main part. */
  readonly durationMs: number;
  /** Total number. Infinity for no limit. */
  readonly requests: number;
  readonly warmUpMs: number;
  /** Infinity to switch it off. */
  readonly chaosEveryMs: number;
  readonly burnEveryMs: number;
  readonly overloadEveryMs: number;
  readonly hostileEveryMs: number;
  readonly hostileClients: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
  /** If a probe takes longer, the server has stopped answering. */
  readonly stoppedAfterMs: number;
  readonly restMs: number;
  /** Expected number of processes at rest. */
  readonly restProcesses: number;
  /** Maximum time from SIGTERM to the exit. */
  readonly drainMs: number;
  /** Whether the output must be Offhook's log as JSON. */
  readonly hasLog: boolean;
  /** Whether to keep the log if the run fails. */
  readonly keepsLog: boolean;
  readonly growth: GrowthBounds;
  readonly sampleEveryMs: number;
  readonly onProgress?: (text: string) => void;
  readonly progressEveryMs: number;
}

/** Time from sending a request until its isolate runs it. */
const underWayMs = 300;
/** How much longer a run may take until each action has happened. */
const actionsMs = 60_000;
/** The run stops after this many failures, because more show nothing new. */
const maxFailures = 1_000;

export async function soak(plan: Plan): Promise<Summary> {
  const server = await startServer(plan.program);
  let summary: Summary | undefined;
  try {
    summary = await new Run(plan, server).summary();
    return summary;
  } finally {
    server.dispose(plan.keepsLog && (summary === undefined || summary.failures.length > 0));
  }
}

class Run {
  readonly #plan: Plan;
  readonly #server: Server;
  readonly #judge = new Judge();
  readonly #loadClient: LoadClient;
  readonly #variables: Variables;
  readonly #onceFile: string;
  readonly #startedAt = performance.now();
  readonly #samples: Sample[] = [];

  constructor(plan: Plan, server: Server) {
    this.#plan = plan;
    this.#server = server;
    this.#onceFile = join(server.project, "..", "once.txt");
    this.#variables = new Variables(server.project, this.#onceFile);
    this.#variables.write(false);
    const context = {
      port: server.port,
      authToken: this.#variables.authToken,
      knownText: readFileSync(join(server.project, "assets/known.txt"), "latin1"),
      minGeneration: this.#variables.minGeneration,
    };
    this.#loadClient = new LoadClient({ context: context, judge: this.#judge, timeoutMs: plan.timeoutMs });
  }

  async summary(): Promise<Summary> {
    const { plan, judge, server } = { plan: this.#plan, judge: this.#judge, server: this.#server };
    await this.#warmUp();
    const first = await this.#rest("after the warm-up");
    const files = filesIn(server.project);
    const { chaos, health, seconds, requests } = await this.#runLoad();
    const last = await this.#rest("at the end");
    const isUp = server.exit() === undefined;
    if (!isUp) judge.fail("the server exited", JSON.stringify(server.exit()));
    if (first !== undefined && last !== undefined) judgeGrowth(judge, first, last, this.#samples, plan.growth);
    const drainedMs = isUp ? await this.#drain() : undefined;
    await this.#checkRemnants(files);
    this.#judgeOnce();
    judgeTolerated(judge, { killedAt: chaos.killedAt, stops: chaos.done.stop, concurrency: plan.concurrency });
    if (health.maxMs > plan.stoppedAfterMs || health.maxInPauseMs > plan.stoppedAfterMs) {
      judge.fail(
        "the server stopped answering",
        `a probe took ${Math.round(Math.max(health.maxMs, health.maxInPauseMs))} ms`,
      );
    }
    for (const fault of health.faults) judge.fail("the health check failed", fault);
    const logged = plan.hasLog ? await readLog(server.logFile, judge) : {};
    return {
      seed: plan.seed,
      seconds,
      sent: judge.sent,
      perSecond: requests / seconds,
      counts: Object.fromEntries(judge.counts),
      toleratedErrors: judge.toleratedErrors,
      retryAfters: judge.retryAfters,
      chaos: chaos.done,
      logged,
      health,
      first,
      last,
      peaks: peaksOf(this.#samples),
      samples: this.#samples.length,
      drainedMs,
      logFile: server.logFile,
      failures: [...judge.failures.values()],
    };
  }

  /** Everything except chaos, so that all modules are loaded and heaps have grown to their size. */
  async #warmUp(): Promise<void> {
    const end = performance.now() + this.#plan.warmUpMs;
    await this.#load(
      -1,
      () => performance.now() > end,
      () => [],
    );
  }

  #isOver(): boolean {
    const failures = [...this.#judge.failures.values()].reduce((sum, { count }) => sum + count, 0);
    return this.#judge.sent >= this.#plan.requests || failures > maxFailures || this.#server.exit() !== undefined;
  }

  async #runLoad() {
    const { plan, judge, server } = { plan: this.#plan, judge: this.#judge, server: this.#server };
    const sentBefore = judge.sent;
    const prober = new Prober(server.port, server.pid);
    await prober.begun();
    const began = performance.now();
    const chaos = new Chaos({ server, variables: this.#variables, seed: plan.seed, everyMs: plan.chaosEveryMs });
    await this.#load(
      0,
      () => this.#isTimeUp(performance.now() - began, chaos),
      (signal) => [
        runIfSet(plan.chaosEveryMs, () => chaos.run(signal)),
        this.#sampleAgainAndAgain(signal, chaos.pauses),
        this.#reportProgress(signal, chaos),
      ],
    );
    chaos.endStopped();
    const seconds = (performance.now() - began) / 1000;
    return { chaos, health: await prober.stop(chaos.pauses), seconds, requests: judge.sent - sentBefore };
  }

  /** The even load, bursts, hostile clients and others. All of them end with the even load. */
  async #load(part: number, isOver: () => boolean, others: (signal: AbortSignal) => Promise<void>[]): Promise<void> {
    const loadClient = this.#loadClient;
    const { kinds, connections, burnEveryMs, overloadEveryMs, hostileEveryMs, hostileClients, concurrency } =
      this.#plan;
    const seed = this.#plan.seed + part;
    const stop = new AbortController();
    const { signal } = stop;
    const beside = [
      runIfSet(burnEveryMs, () => runBursts({ loadClient, seed, signal, burnEveryMs, overloadEveryMs, concurrency })),
      runIfSet(hostileEveryMs, () =>
        runHostile({ loadClient, seed, signal, count: hostileClients, everyMs: hostileEveryMs }),
      ),
      ...others(signal),
    ];
    try {
      await runLanes({ loadClient, kinds, connections, seed, isOver: () => isOver() || this.#isOver() });
    } finally {
      stop.abort();
      await Promise.all(beside);
    }
  }

  /** Waits until each action has happened. A short run on a busy machine would otherwise test less than it claims. */
  #isTimeUp(elapsedMs: number, chaos: Chaos): boolean {
    const { durationMs, chaosEveryMs } = this.#plan;
    if (elapsedMs <= durationMs) return false;
    return chaosEveryMs === Infinity || chaos.hasDoneAll || elapsedMs > durationMs + actionsMs;
  }

  async #sampleAgainAndAgain(signal: AbortSignal, pauses: Pause[]): Promise<void> {
    while (await pause(this.#plan.sampleEveryMs, signal)) {
      const from = Date.now();
      // Another check reports a gateway that has exited.
      const taken = await sample(this.#server, this.#judge.sent).catch(() => undefined);
      // Collecting all garbage takes some tens of milliseconds, which do not count against the gateway.
      pauses.push([from, Date.now()]);
      if (taken !== undefined) this.#samples.push(taken);
    }
  }

  async #reportProgress(signal: AbortSignal, chaos: Chaos): Promise<void> {
    const { progressEveryMs, onProgress } = this.#plan;
    let before = this.#judge.sent;
    while (await pause(progressEveryMs, signal)) {
      const { sent, failures } = this.#judge;
      const seconds = Math.round((performance.now() - this.#startedAt) / 1000);
      const rate = Math.round((sent - before) / (progressEveryMs / 1000));
      before = sent;
      const megabytes = Math.round((this.#samples.at(-1)?.gatewayBytes ?? 0) / 2 ** 20);
      const faults = [...failures.values()].map(({ what, count }) => `${count} × ${what}`).join("; ") || "no failure";
      onProgress?.(
        `${seconds} s: ${sent} requests, ${rate}/s, ${chaos.killedAt.length} kills, gateway ${megabytes} MB, ${faults}`,
      );
    }
  }

  /** A rest: no requests are sent, and idle isolates end. */
  async #rest(when: string): Promise<Sample | undefined> {
    const { restMs, restProcesses } = this.#plan;
    if (!(await waitForCalm(this.#server, restProcesses, restMs))) {
      const left = processesIn(this.#server.project).map(
        ({ pid, command, isZombie }) => `${pid} ${isZombie ? "zombie" : command}`,
      );
      this.#judge.fail(
        "the server did not become idle",
        `${when}, ${left.length} processes in place of ${restProcesses}:\n    ${left.join("\n    ")}`,
      );
    }
    return sample(this.#server, this.#judge.sent).catch(() => undefined);
  }

  /** Sends SIGTERM while requests are in flight. The server must answer them, and exit with 0. */
  async #drain(): Promise<number | undefined> {
    const { drainMs, lastKind, seed } = this.#plan;
    const random = new Random(seed, 10_005);
    const answers = Array.from({ length: 4 }, () => this.#loadClient.sendOnce(lastKind, random));
    // The requests nap for longer than this, so they are in flight when the signal comes.
    await delay(underWayMs);
    const took = await this.#server.stop(drainMs);
    await Promise.all(answers);
    if (took === undefined) this.#judge.fail("the server did not exit", `within ${drainMs} ms of SIGTERM`);
    else if (this.#server.exit()?.code !== 0)
      this.#judge.fail("the server did not exit with 0", JSON.stringify(this.#server.exit()));
    return took;
  }

  async #checkRemnants(filesBefore: readonly string[]): Promise<void> {
    const { project, temporary } = this.#server;
    // Killed processes may take a moment to disappear.
    const deadline = performance.now() + 2_000;
    let left = processesIn(project);
    while (left.length > 0 && performance.now() < deadline) {
      await delay(50);
      left = processesIn(project);
    }
    for (const { pid, command } of left) this.#judge.fail("a process is left", `${pid} ${command}`);
    for (const file of filesIn(temporary)) this.#judge.fail("a file is left", file);
    for (const file of filesIn(project)) if (!filesBefore.includes(file)) this.#judge.fail("a file is left", file);
  }

  /** Each answered request ran exactly once. Others ran at most once. */
  #judgeOnce(): void {
    if (this.#loadClient.answeredOnce.length === 0) return;
    const runs = readFileSync(this.#onceFile, "utf8").trimEnd().split("\n");
    const seen = new Set<string>();
    for (const nonce of runs) {
      if (seen.has(nonce)) this.#judge.fail("an invocation ran twice", nonce);
      seen.add(nonce);
    }
    for (const nonce of this.#loadClient.answeredOnce) {
      if (!seen.has(nonce)) this.#judge.fail("an answered invocation did not run", nonce);
    }
  }
}

function runIfSet(everyMs: number, run: () => Promise<void>): Promise<void> {
  return everyMs === Infinity ? Promise.resolve() : run();
}
