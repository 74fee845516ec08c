import type { Invocation, Outcome } from "../src/pool/invocation.ts";
import { MachineBudget, type BudgetOptions } from "../src/pool/machine-budget.ts";
import type { PoolOptions } from "../src/pool/pool-options.ts";
import { Pool } from "../src/pool/pool.ts";
import type { Setup } from "../src/protocol/messages.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeSlot } from "./fake-slot.ts";

export const setup: Setup = {
  kind: "setup",
  folder: "/project",
  functions: { a: "/project/a.js", b: "/project/b.js", c: "/project/c.js" },
  assets: {},
  variables: {},
  serviceSid: "ZS",
  environmentSid: "ZE",
  preload: ["a", "b", "c"],
  concurrency: 1,
  detectLeftovers: true,
  limits: { requestBytes: 1e6, replyBytes: 1e6, headerBytes: 1e4, headerCount: 100, cookieMaxAgeSeconds: 1e4 },
  isHardened: false,
};

export function invocationOf(name: string): Invocation {
  const body = new Uint8Array();
  return {
    requestId: `RQ${name}`,
    function: name,
    path: `/${name}`,
    query: "",
    domain: "",
    headers: [],
    body,
    isAbandoned: false,
  };
}

export interface Call {
  readonly invocation: Invocation;
  /** `waiting`, `replied`, or the code of the failure. */
  readonly outcome: string;
}

export class PoolFixture {
  readonly clock: FakeClock;
  readonly budget: MachineBudget;
  readonly pool: Pool;
  /** All slots that were ever started, the first one first. */
  readonly slots: FakeSlot[] = [];

  constructor(options: Partial<PoolOptions> = {}, budget: MachineBudget = budgetOf()) {
    this.budget = budget;
    this.clock = budget.clock as FakeClock;
    this.pool = new Pool({
      service: "ZS",
      setup,
      budget,
      startSlot: (start) => {
        const slot = new FakeSlot(start, this.slots.length + 1);
        this.slots.push(slot);
        return slot;
      },
      concurrency: 30,
      queueTimeoutMs: 100,
      timeoutMs: 10_000,
      reuse: "clean",
      isPerFunction: false,
      spares: 0,
      keepsSpares: "always",
      idleTimeoutMs: 60_000,
      residentLimitBytes: Infinity,
      ...options,
    });
  }

  slot(index: number): FakeSlot {
    const slot = this.slots.at(index);
    if (slot === undefined) throw new Error(`there is no slot ${index}`);
    return slot;
  }

  call(name = "a"): Call {
    const invocation = invocationOf(name);
    const call = { invocation, outcome: "waiting" };
    const onOutcome = (outcome: Outcome): void => {
      call.outcome = outcome.kind === "reply" ? "replied" : outcome.code;
    };
    void this.pool.invoke(invocation).then(onOutcome);
    return call;
  }

  /** Makes an idle slot that has served this function. @param tookMs inside the isolate */
  serve(name = "a", tookMs = 1): FakeSlot {
    this.call(name);
    const slot = this.slots.find(({ tickets }) => tickets.some(({ invocation }) => invocation.function === name));
    if (slot !== undefined) {
      slot.reply(tookMs);
      return slot;
    }
    const started = this.slots.find(({ state }) => state === "starting");
    if (started === undefined) throw new Error("no isolate starts");
    started.ready();
    started.reply(tookMs);
    return started;
  }

  states(): string[] {
    return this.slots.filter(({ state }) => state !== "ended").map(({ state }) => state);
  }
}

export function budgetOf(options: Partial<BudgetOptions> = {}): MachineBudget {
  return new MachineBudget({ processors: 2, clock: new FakeClock(), ...options });
}

/** Waits until resolved promises have run their callbacks. */
export async function flushPromises(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
