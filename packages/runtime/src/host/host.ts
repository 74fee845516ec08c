/**
 * Serves many services on one address. Each has a pool of its own; the gateway, the reaper, the limits and the
 * budget of the machine are shared.
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
import { loadModulesFor, type Tenancy, type TenancyOptions } from "./tenancy.ts";
import { VirtualHost } from "./virtual-host.ts";

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
  /** By name; see `hostNameOf`. */
  readonly #directory = new Map<string, VirtualHost>();
  /** Answers every name that no other has. */
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
    // Nearly all callers spell a name as it is.
    return this.#directory.get(host) ?? this.#directory.get(hostNameOf(host)) ?? this.#default;
  }

  /** Invocations that run or wait, in all tenancies. */
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
   * Serves a service. No process of it runs until its first invocation, or until `start` is called on its tenancy.
   * @param hosts the names that lead to it; none for every name that no other service has.
   * @throws OffhookError `host-name-taken`, `server-draining`, `setting-invalid`, `isolate-user-unavailable`
   */
  async add(options: TenancyOptions, hosts: readonly string[] = []): Promise<VirtualHost> {
    const modules = await loadModulesFor(options);
    const limited = this.#applyLimits(options);
    const names = hosts.map(directoryNameOf);
    const isTaken = hosts.length === 0 ? this.#default !== undefined : names.some((name) => this.#directory.has(name));
    if (isTaken) throw new OffhookError("host-name-taken", hosts.join(", "));
    const virtualHost = new VirtualHost(limited, modules, {
      hosts,
      reaper: this.#reaper,
      budget: this.#budget,
      onMade: (tenancy) => this.#tenancies.add(tenancy),
      onGone: (tenancy) => this.#tenancies.delete(tenancy),
    });
    for (const name of names) this.#directory.set(name, virtualHost);
    if (hosts.length === 0) this.#default = virtualHost;
    return virtualHost;
  }

  /** Puts a new tenancy in place of the current one; see `VirtualHost.replace`. Resolves when new requests get to it. */
  async replace(virtualHost: VirtualHost, options: TenancyOptions): Promise<void> {
    const modules = await loadModulesFor(options);
    await virtualHost.replace(this.#applyLimits(options), modules);
  }

  /** Its names are unknown from now on. Resolves when its requests are answered and its processes are gone. */
  async remove(virtualHost: VirtualHost): Promise<void> {
    for (const [name, each] of this.#directory) if (each === virtualHost) this.#directory.delete(name);
    if (this.#default === virtualHost) this.#default = undefined;
    await virtualHost.remove();
  }

  /**
   * No new connections. What runs finishes within its limit; then everything ends.
   * @param deadlineMs after which what is left ends at once, in all tenancies alike.
   */
  async stop(deadlineMs = Infinity): Promise<void> {
    this.#isStopping = true;
    // Those who wait are answered as all who come now.
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

  /** Everything ends now. */
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
   * Calls when nothing has run for a while: a client that does not read its reply is not waited for, while an invocation
   * has all the time that its limit allows. Counted in steps, so that a machine that stands still takes nobody's time.
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

/** How long after the last invocation its reply may take to be read. */
const writeGraceMs = 5_000;
const quietStepMs = 100;

/** @throws OffhookError `setting-invalid` */
function directoryNameOf(host: string): string {
  if (!isHost(host)) throw new OffhookError("setting-invalid", `Invalid host name: ${JSON.stringify(host)}.`);
  return hostNameOf(host);
}
