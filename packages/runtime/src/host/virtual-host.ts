/**
 * Host names, and the tenancy that answers under them. A new tenancy replaces an old one here, in one assignment:
 *
 *     next:     cold ─▶ starting ─▶ serving ───────────────▶
 *                                      │ becomes current
 *     current:  serving ───────────────┴─▶ draining ─▶ gone
 *
 * Each request belongs to one tenancy, the one that was current when it was routed.
 */
import { setImmediate } from "node:timers/promises";
import { Gate } from "../gateway/gate.ts";
import type { Tenant } from "../gateway/tenant.ts";
import { OffhookError } from "../offhook-error.ts";
import type { MachineBudget } from "../pool/machine-budget.ts";
import type { Reaper } from "../pool/reaper.ts";
import type { Service } from "../service.ts";
import { Tenancy, type TenancyModules, type TenancyOptions, type TenancySite } from "./tenancy.ts";

export interface VirtualHostOptions {
  /** Empty if it answers every host name. */
  readonly hosts: readonly string[];
  readonly reaper: Reaper;
  readonly budget: MachineBudget;
  /** Called with each new tenancy. */
  readonly onMade: (tenancy: Tenancy) => void;
  readonly onGone: (tenancy: Tenancy) => void;
}

/** A tenancy whose isolates are ready, and that gets no requests yet. */
export interface PreparedTenancy {
  /**
   * Later requests go to it. The old tenancy answers the requests that it has.
   * @throws OffhookError `service-superseded`, `server-draining`
   */
  activate(): void;
  /** Ends it, unless it was activated or replaced. */
  discard(): Promise<void>;
}

export class VirtualHost {
  #hosts: readonly string[];
  readonly gate = new Gate();
  readonly #site: TenancySite;
  readonly #onMade: (tenancy: Tenancy) => void;
  #options: TenancyOptions;
  #modules: TenancyModules;
  #current: Tenancy;
  /** The tenancy that is to become current. */
  #next: Tenancy | undefined;
  #isRemoved = false;

  /** @throws OffhookError `isolate-user-unavailable`, `setting-invalid` */
  constructor(tenancy: TenancyOptions, modules: TenancyModules, options: VirtualHostOptions) {
    const { hosts, reaper, budget, onGone, onMade } = options;
    this.#hosts = hosts;
    const named = (): readonly string[] => this.#hosts;
    this.#site = { hosts: named, reaper, budget, gate: this.gate, changed: () => this.#changed(), onGone };
    this.#onMade = onMade;
    this.#options = tenancy;
    this.#modules = modules;
    this.#current = this.#make(tenancy, modules);
  }

  get current(): Tenancy {
    return this.#current;
  }

  /** Like `prepare`, and activates the new tenancy at once. */
  async replace(options: TenancyOptions, modules: TenancyModules): Promise<void> {
    const prepared = await this.prepare(options, modules);
    prepared.activate();
  }

  /**
   * Starts a tenancy beside the current one, and resolves when its isolates are ready. If it cannot start, the current
   * one stays. A later call cancels an earlier one that was not activated.
   * @throws OffhookError `isolate-not-started`, `service-superseded`, `server-draining`, and what making a tenancy
   * throws.
   */
  async prepare(options: TenancyOptions, modules: TenancyModules): Promise<PreparedTenancy> {
    if (this.#isRemoved) throw new OffhookError("server-draining");
    const next = this.#make(options, modules);
    void this.#next?.kill(new OffhookError("service-superseded"));
    this.#next = next;
    try {
      // As many isolates as now, so that no request waits for a start.
      await next.warm(this.#current.isolates);
    } catch (error) {
      if (this.#next === next) this.#next = undefined;
      await next.kill();
      throw error;
    }
    // The new tenancy may have been ended just after it was ready.
    this.#requireNext(next);
    return {
      activate: () => {
        this.#requireNext(next);
        this.#next = undefined;
        this.#become(next, options, modules);
      },
      discard: async () => {
        if (this.#next !== next) return;
        this.#next = undefined;
        await next.kill();
      },
    };
  }

  #requireNext(next: Tenancy): void {
    if (this.#isRemoved) throw new OffhookError("server-draining");
    if (this.#next !== next) throw new OffhookError("service-superseded");
  }

  /** Functions see the first name as their domain. */
  rename(hosts: readonly string[]): void {
    this.#hosts = hosts;
    this.#current.updatePublicUrl(this.#current.publicUrl);
    this.#next?.updatePublicUrl(this.#next.publicUrl);
  }

  /** Later requests get the new service. */
  update(service: Service): void {
    if (this.#current.canBecome(service)) this.#current.update(service);
    else this.#replaceAtOnce(service);
  }

  /** The next invocations see these variables. */
  updateVariables(variables: Service["variables"]): void {
    const service = { ...this.#current.service, variables };
    if (this.#current.canBecome(service)) this.#current.updateVariables(variables);
    else this.#replaceAtOnce(service);
  }

  /** Holds new requests back, until the returned function is called. */
  holdRequests(): () => void {
    return this.gate.close();
  }

  /** Lets waiting requests continue, and holds none again. */
  releaseRequests(): void {
    this.gate.open();
  }

  /** Call this when no host name leads here. Answers the requests that it has, then ends. */
  async remove(): Promise<void> {
    this.#isRemoved = true;
    this.releaseRequests();
    // Requests that the gate held still go to this tenancy.
    await setImmediate();
    await Promise.all([this.#next?.kill(), this.#current.drain()]);
  }

  /** Later requests wait for the start, because they must see the change. */
  #replaceAtOnce(service: Service): void {
    const options = { ...this.#options, service };
    const next = this.#make(options, this.#modules);
    next.updatePublicUrl(this.#current.publicUrl);
    next.start();
    this.#become(next, options, this.#modules);
  }

  #become(next: Tenancy, options: TenancyOptions, modules: TenancyModules): void {
    const old = this.#current;
    this.#options = options;
    this.#modules = modules;
    this.#current = next;
    void old.drain();
  }

  #make(options: TenancyOptions, modules: TenancyModules): Tenancy {
    const tenancy = new Tenancy(options, modules, this.#site);
    this.#onMade(tenancy);
    return tenancy;
  }

  #changed(): Promise<Tenant> | undefined {
    return this.gate.isOpen ? undefined : this.gate.opened().then(() => this.#current.tenant);
  }
}
