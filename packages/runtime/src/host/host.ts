/**
 * Serves many services on one address. Each service has its own pool. They share the gateway, the reaper, the limits
 * and the machine's budget.
 *
 *     HTTP ─▶ gateway ─▶ host name ─▶ virtual host ─▶ tenancy ─▶ pool of isolates
 */
import { availableParallelism } from "node:os";
import { createGateway, type Gateway, type GatewayAddress } from "../gateway/gateway.ts";
import { hostNameOf, isHost } from "../gateway/target.ts";
import type { ResolveTenant } from "../gateway/tenant.ts";
import { OffhookError } from "../offhook-error.ts";
import { MachineBudget } from "../pool/machine-budget.ts";
import { Reaper } from "../pool/reaper.ts";
import { withinHost, type HostLimits } from "./host-limits.ts";
import { loadModulesFor, type Tenancy, type TenancyModules, type TenancyOptions } from "./tenancy.ts";
import { VirtualHost, type PreparedTenancy } from "./virtual-host.ts";

export interface HostOptions {
  readonly limits: HostLimits;
  /** Path that the gateway answers itself, for load balancers; false for none. */
  readonly healthPath: string | false;
}

export class Host {
  readonly #limits: HostLimits;
  readonly #gateway: Gateway;
  readonly #reaper = new Reaper();
  readonly #budget: MachineBudget;
  /** By host name. See `hostNameOf`. */
  readonly #directory = new Map<string, VirtualHost>();
  /** Answers every host name that no other virtual host has. */
  #default: VirtualHost | undefined;
  readonly #tenancies = new Set<Tenancy>();
  #isStopping = false;

  constructor({ limits, healthPath }: HostOptions) {
    this.#limits = limits;
    this.#budget = new MachineBudget({ processors: availableParallelism(), maxIsolates: limits.isolates });
    this.#gateway = createGateway({
      resolve: this.#resolve,
      healthPath,
      headerBytes: limits.headerBytes,
      connectionLimit: limits.connections,
      heldLimitBytes: limits.heldBytes,
      timeouts: limits.timeouts,
    });
  }

  readonly #resolve: ResolveTenant = (host) => this.#find(host)?.current.tenant;

  #find(host: string): VirtualHost | undefined {
    if (this.#directory.size === 0) return this.#default;
    // Nearly all callers send the name in its normal form.
    return this.#directory.get(host) ?? this.#directory.get(hostNameOf(host)) ?? this.#default;
  }

  /** Number of invocations that run or wait, in all tenancies. */
  get running(): number {
    let running = 0;
    for (const tenancy of this.#tenancies) running += tenancy.running;
    return running;
  }

  /** @throws OffhookError `port-in-use`, `address-unavailable` */
  listen(host: string, port: number): Promise<GatewayAddress> {
    return this.#gateway.listen(host, port);
  }

  /** @throws OffhookError `address-unavailable` */
  listenOnSocket(socket: string, named: GatewayAddress): Promise<GatewayAddress> {
    return this.#gateway.listenOnSocket(socket, named);
  }

  /**
   * Adds a service. It has no process until its first invocation, or until `start` is called on its tenancy.
   * @param hosts the host names of the service. Empty: every name that no other service has.
   * @throws OffhookError `host-name-taken`, `server-draining`, `setting-invalid`, `isolate-user-unavailable`
   */
  async add(options: TenancyOptions, hosts: readonly string[] = []): Promise<VirtualHost> {
    const modules = await loadModulesFor(options);
    const names = this.#freeNames(hosts);
    const virtualHost = this.#make(options, modules, hosts);
    for (const name of names) this.#directory.set(name, virtualHost);
    if (hosts.length === 0) this.#default = virtualHost;
    return virtualHost;
  }

  /**
   * Makes a service that no host name leads to yet, and starts it. `publish` gives it its names, `remove` ends it.
   * @throws OffhookError `isolate-not-started`, `server-draining`, `setting-invalid`, `isolate-user-unavailable`
   */
  async prepare(options: TenancyOptions, hosts: readonly string[]): Promise<VirtualHost> {
    const modules = await loadModulesFor(options);
    const virtualHost = this.#make(options, modules, hosts);
    try {
      await virtualHost.current.warm(1);
      return virtualHost;
    } catch (error) {
      await virtualHost.current.kill();
      throw error;
    }
  }

  /**
   * From now on, exactly these host names lead to the service.
   * @param hosts at least one.
   * @throws OffhookError `host-name-taken`
   */
  publish(virtualHost: VirtualHost, hosts: readonly string[]): void {
    const names = this.#freeNames(hosts, virtualHost);
    for (const [name, each] of this.#directory) if (each === virtualHost) this.#directory.delete(name);
    for (const name of names) this.#directory.set(name, virtualHost);
    virtualHost.rename(hosts);
  }

  #make(options: TenancyOptions, modules: TenancyModules, hosts: readonly string[]): VirtualHost {
    return new VirtualHost(this.#applyLimits(options), modules, {
      hosts,
      reaper: this.#reaper,
      budget: this.#budget,
      onMade: (tenancy) => this.#tenancies.add(tenancy),
      onGone: (tenancy) => this.#tenancies.delete(tenancy),
    });
  }

  /** @returns the names as keys of the directory. @throws OffhookError `host-name-taken` */
  #freeNames(hosts: readonly string[], owner?: VirtualHost): string[] {
    const names = hosts.map(directoryNameOf);
    const isTaken = (name: string): boolean => ![undefined, owner].includes(this.#directory.get(name));
    if (hosts.length === 0 ? this.#default !== undefined : names.some(isTaken)) {
      throw new OffhookError("host-name-taken", hosts.join(", "));
    }
    return names;
  }

  /** Replaces the current tenancy with a new one. Resolves when new requests go to it. See `VirtualHost.replace`. */
  async replace(virtualHost: VirtualHost, options: TenancyOptions): Promise<void> {
    const modules = await loadModulesFor(options);
    await virtualHost.replace(this.#applyLimits(options), modules);
  }

  /**
   * Starts a new tenancy of the service beside the current one. See `VirtualHost.prepare`.
   * @throws OffhookError as `replace`.
   */
  async prepareNext(virtualHost: VirtualHost, options: TenancyOptions): Promise<PreparedTenancy> {
    const modules = await loadModulesFor(options);
    return await virtualHost.prepare(this.#applyLimits(options), modules);
  }

  /** Removes a service and its host names. Resolves when its requests are answered and its processes are gone. */
  async remove(virtualHost: VirtualHost): Promise<void> {
    for (const [name, each] of this.#directory) if (each === virtualHost) this.#directory.delete(name);
    if (this.#default === virtualHost) this.#default = undefined;
    await virtualHost.remove();
  }

  /**
   * Accepts no new connections, lets invocations finish within their limits, then ends everything.
   * @param deadlineMs milliseconds until everything left ends at once, in all tenancies.
   */
  async stop(deadlineMs = Infinity): Promise<void> {
    this.#isStopping = true;
    // Requests that a gate holds get the same answer as new ones.
    for (const virtualHost of this.#virtualHosts()) virtualHost.releaseRequests();
    const endWatch = this.#onceIdle(() => void this.#gateway.close());
    const deadline = Number.isFinite(deadlineMs) ? setTimeout(() => void this.kill(), deadlineMs) : undefined;
    await this.#gateway.drain();
    endWatch();
    await Promise.all([
      ...[...this.#virtualHosts()].map((virtualHost) => virtualHost.remove()),
      ...[...this.#tenancies].map((tenancy) => tenancy.drain()),
    ]);
    clearTimeout(deadline);
    this.#reaper.stop();
  }

  /** Ends everything now. */
  async kill(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([this.#gateway.close(), ...[...this.#tenancies].map((tenancy) => tenancy.kill())]);
    this.#reaper.stop();
  }

  #virtualHosts(): Set<VirtualHost> {
    const all = new Set(this.#directory.values());
    return this.#default === undefined ? all : all.add(this.#default);
  }

  /** @throws OffhookError `server-draining` */
  #applyLimits(options: TenancyOptions): TenancyOptions {
    if (this.#isStopping) throw new OffhookError("server-draining");
    return { ...options, settings: withinHost(options.settings, this.#limits) };
  }

  /**
   * Calls when nothing has run for a while. The host does not wait for a client that does not read its reply. An
   * invocation gets all the time of its limit. The time is counted in steps, so that a pause of the machine counts as
   * one step.
   */
  #onceIdle(onIdle: () => void): () => void {
    let steps = 0;
    const timer = setInterval(() => {
      steps = this.running === 0 ? steps + 1 : 0;
      if (steps * quietStepMs > writeGraceMs) onIdle();
    }, quietStepMs);
    return () => clearInterval(timer);
  }
}

/** How long a client may take to read its reply after the last invocation. */
const writeGraceMs = 5_000;
const quietStepMs = 100;

/** @throws OffhookError `setting-invalid` */
function directoryNameOf(host: string): string {
  if (!isHost(host)) throw new OffhookError("setting-invalid", `Invalid host name: ${JSON.stringify(host)}.`);
  return hostNameOf(host);
}
