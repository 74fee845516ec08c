/** Chaos around the server: it kills and stops isolates, pauses the gateway, and changes `.env`. */
import { setTimeout as delay } from "node:timers/promises";
import { pause } from "./pause.ts";
import type { Pause } from "./prober.ts";
import { Random } from "./random.ts";
import { isIsolate, isReaper, processesIn, type ProcessEntry } from "./remnants.ts";
import type { Server } from "./server.ts";
import type { Variables } from "./variables.ts";

export interface ChaosOptions {
  readonly server: Pick<Server, "pid" | "project">;
  readonly variables: Variables;
  readonly seed: number;
  /** Average time between two actions. */
  readonly everyMs: number;
}

export const chaosActions = [
  "SIGKILL",
  "SIGSEGV",
  "stop-then-kill",
  "stop",
  "reaper",
  "gateway-pause",
  "variables",
] as const;
export type ChaosAction = (typeof chaosActions)[number];

const weights: readonly { readonly action: ChaosAction; readonly weight: number }[] = [
  { action: "SIGKILL", weight: 30 },
  { action: "SIGSEGV", weight: 20 },
  { action: "stop-then-kill", weight: 15 },
  // The server has to notice it.
  { action: "stop", weight: 3 },
  { action: "reaper", weight: 3 },
  { action: "gateway-pause", weight: 10 },
  { action: "variables", weight: 15 },
];

/** How long the gateway is paused. */
const gatewayPauseMs = 300;

export class Chaos {
  readonly done: Record<ChaosAction, number> = {
    SIGKILL: 0,
    SIGSEGV: 0,
    "stop-then-kill": 0,
    stop: 0,
    reaper: 0,
    "gateway-pause": 0,
    variables: 0,
  };
  readonly pauses: Pause[] = [];
  /** When isolates were killed, as `performance.now()`. */
  readonly killedAt: number[] = [];
  readonly #options: ChaosOptions;
  readonly #random: Random;
  readonly #first: ChaosAction[];

  constructor(options: ChaosOptions) {
    this.#options = options;
    this.#random = new Random(options.seed, 10_003);
    this.#first = this.#random.shuffled(chaosActions);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { everyMs } = this.#options;
    while (await pause(this.#random.whole(everyMs / 2, everyMs * 1.5), signal)) {
      const action = this.#first.pop() ?? this.#random.weighted(weights).action;
      const before = this.done[action];
      await this.#perform(action);
      // There was no isolate, or it exited first.
      if (this.done[action] === before && before === 0) this.#first.unshift(action);
    }
  }

  /** Each action once before the choice is random, so that a short run has them all. */
  get hasDoneAll(): boolean {
    return chaosActions.every((action) => this.done[action] > 0);
  }

  /** Ends stopped isolates that the server has not noticed yet, so that they do not count as working spares. */
  endStopped(): void {
    for (const found of this.#isolates()) if (found.isStopped) this.#signal(found, "SIGKILL");
  }

  async #perform(action: ChaosAction): Promise<void> {
    const { server, variables } = this.#options;
    switch (action) {
      case "variables":
        this.done.variables += 1;
        return variables.write(this.#random.next() < 0.5);
      case "gateway-pause":
        return this.#holdUpGateway();
      case "reaper": {
        const reaper = processesIn(server.project).find(isReaper);
        if (reaper !== undefined && this.#signal(reaper, "SIGKILL")) this.done.reaper += 1;
        return undefined;
      }
      case "SIGKILL":
      case "SIGSEGV":
      case "stop":
      case "stop-then-kill":
        return this.#endIsolate(action);
      default:
        return action satisfies never;
    }
  }

  async #endIsolate(action: "SIGKILL" | "SIGSEGV" | "stop" | "stop-then-kill"): Promise<void> {
    const isolates = this.#isolates();
    if (isolates.length === 0) return;
    const victim = this.#random.pick(isolates);
    if (!this.#signal(victim, action.startsWith("stop") ? "SIGSTOP" : (action as NodeJS.Signals))) return;
    this.done[action] += 1;
    if (action === "SIGKILL" || action === "SIGSEGV") this.killedAt.push(performance.now());
    if (action !== "stop-then-kill") return;
    await delay(this.#random.whole(20, 600));
    // The pid may be reused by now, by a process that is not ours.
    const still = this.#isolates().find(({ pid }) => pid === victim.pid);
    if (still !== undefined && this.#signal(still, "SIGKILL")) this.killedAt.push(performance.now());
  }

  #isolates(): ProcessEntry[] {
    const { pid, project } = this.#options.server;
    return processesIn(project).filter((found) => isIsolate(found) && found.parent === pid && !found.isZombie);
  }

  async #holdUpGateway(): Promise<void> {
    const { pid } = this.#options.server;
    const from = Date.now();
    process.kill(pid, "SIGSTOP");
    try {
      await delay(gatewayPauseMs);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    this.done["gateway-pause"] += 1;
    this.pauses.push([from, Date.now()]);
  }

  #signal({ pid }: ProcessEntry, signal: NodeJS.Signals): boolean {
    try {
      return process.kill(pid, signal);
    } catch {
      // It has exited meanwhile.
      return false;
    }
  }
}
