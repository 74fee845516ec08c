/** What goes wrong around the server: isolates are killed or stopped, the gateway is held up, `.env` changes. */
import { setTimeout as delay } from "node:timers/promises";
import { pause } from "./pause.ts";
import type { Pause } from "./prober.ts";
import { Random } from "./random.ts";
import { isIsolate, isReaper, processesIn, type Found } from "./remnants.ts";
import type { Server } from "./server.ts";
import type { Variables } from "./variables.ts";

export interface ChaosOptions {
  readonly server: Pick<Server, "pid" | "project">;
  readonly variables: Variables;
  readonly seed: number;
  /** On average. */
  readonly everyMs: number;
}

export const deeds = ["SIGKILL", "SIGSEGV", "stop-then-kill", "stop", "reaper", "gateway-pause", "variables"] as const;
export type Deed = (typeof deeds)[number];

const weights: readonly { readonly deed: Deed; readonly weight: number }[] = [
  { deed: "SIGKILL", weight: 30 },
  { deed: "SIGSEGV", weight: 20 },
  { deed: "stop-then-kill", weight: 15 },
  // Left for the server to find out.
  { deed: "stop", weight: 3 },
  { deed: "reaper", weight: 3 },
  { deed: "gateway-pause", weight: 10 },
  { deed: "variables", weight: 15 },
];

/** How long the gateway is held up. */
const gatewayPauseMs = 300;

export class Chaos {
  readonly done: Record<Deed, number> = {
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
  readonly #first: Deed[];

  constructor(options: ChaosOptions) {
    this.#options = options;
    this.#random = new Random(options.seed, 10_003);
    this.#first = this.#random.shuffled(deeds);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { everyMs } = this.#options;
    while (await pause(this.#random.whole(everyMs / 2, everyMs * 1.5), signal)) {
      const deed = this.#first.pop() ?? this.#random.weighted(weights).deed;
      const before = this.done[deed];
      await this.#do(deed);
      // There was no isolate, or it ended first.
      if (this.done[deed] === before && before === 0) this.#first.unshift(deed);
    }
  }

  /** Each once before chance decides, so that a short run has them all. */
  get hasDoneAll(): boolean {
    return deeds.every((deed) => this.done[deed] > 0);
  }

  /** Isolates that were stopped and that nobody has missed yet end. Else they could be taken for spares that work. */
  endStopped(): void {
    for (const found of this.#isolates()) if (found.isStopped) this.#signal(found, "SIGKILL");
  }

  async #do(deed: Deed): Promise<void> {
    const { server, variables } = this.#options;
    switch (deed) {
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
        return this.#end(deed);
      default:
        return deed satisfies never;
    }
  }

  async #end(deed: "SIGKILL" | "SIGSEGV" | "stop" | "stop-then-kill"): Promise<void> {
    const isolates = this.#isolates();
    if (isolates.length === 0) return;
    const victim = this.#random.pick(isolates);
    if (!this.#signal(victim, deed.startsWith("stop") ? "SIGSTOP" : (deed as NodeJS.Signals))) return;
    this.done[deed] += 1;
    if (deed === "SIGKILL" || deed === "SIGSEGV") this.killedAt.push(performance.now());
    if (deed !== "stop-then-kill") return;
    await delay(this.#random.whole(20, 600));
    // Its number is still its own, or that of a process that is none of ours.
    const still = this.#isolates().find(({ pid }) => pid === victim.pid);
    if (still !== undefined && this.#signal(still, "SIGKILL")) this.killedAt.push(performance.now());
  }

  #isolates(): Found[] {
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

  #signal({ pid }: Found, signal: NodeJS.Signals): boolean {
    try {
      return process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  }
}
