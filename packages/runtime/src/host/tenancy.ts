/**
 * One service as it is deployed: its pool, its access rules, its limits and its address.
 *
 *     state      event   start      ready     cool   drain      end
 *     cold               starting   –         –      draining   gone
 *     starting           –          serving   cold   draining   gone
 *     serving            –          –         cold   draining   gone
 *     draining           –          –         –      –          gone
 *     gone               –          –         –      –          –
 *
 * - cold: it has no process. The next invocation starts one. `start` starts the spares.
 * - starting: its first isolates start, or wait for their turn. Requests wait for them.
 * - draining: another tenancy gets the new requests. This one answers the requests that it has.
 * - gone: its processes have ended and its folders are removed.
 */
import { isDeepStrictEqual } from "node:util";
import { InFlight } from "../gateway/in-flight.ts";
import { createOrigin, type Origin } from "../gateway/origin.ts";
import type { Gate } from "../gateway/gate.ts";
import { createRoutes } from "../gateway/routes.ts";
import type { Tenant } from "../gateway/tenant.ts";
import type { Development } from "../development/development.ts";
import type { AuthorTools } from "../development/author-tools.ts";
import type { OutlineReader } from "../development/insight/source-outline.ts";
import type * as Preparation from "../language/prepare.ts";
import { OffhookError } from "../offhook-error.ts";
import type { Debugging } from "../pool/debugging.ts";
import type { MachineBudget } from "../pool/machine-budget.ts";
import type { Pool } from "../pool/pool.ts";
import type { PoolOptions } from "../pool/pool-options.ts";
import type { Reaper } from "../pool/reaper.ts";
import { ScratchFolders } from "../pool/scratch.ts";
import type { Settings } from "../settings/settings.ts";
import type { ServiceSetup } from "../protocol/messages.ts";
import type { Service } from "../service.ts";
import { Warming } from "./warming.ts";
import { createServicePool, launchFactsOf, maxIsolates, setupOf, usersOf, type LaunchFacts } from "./service-pool.ts";

export interface TenancyOptions {
  readonly service: Service;
  readonly settings: Settings;
  /** See `ServerOptions`. */
  readonly isDevelopment?: boolean | undefined;
  readonly hasHints?: boolean | undefined;
  readonly outlines?: OutlineReader | undefined;
  readonly tools?: AuthorTools | undefined;
  /** For the author: the file that sets the service's variables, relative to its folder. */
  readonly variablesFile?: string | undefined;
  /** Whether isolates load functions before they are called. */
  readonly preloads?: boolean | undefined;
  /**
   * Whether spares are kept at all times, once they exist, or only while the service is in use. In the second case the
   * service has no process again when nobody has called it for `idleTimeout`. Default: `always`.
   */
  readonly keepsSpares?: PoolOptions["keepsSpares"] | undefined;
  /** The scheme under which callers reach the service's host names, if no trusted proxy says otherwise. */
  readonly publicScheme?: "http" | "https" | undefined;
  /** How events name the service and its deployment. Default: its SID, and no deployment. */
  readonly eventSource?: EventSource | undefined;
  /** Allows debuggers to connect. The pool then has one isolate at a time. */
  readonly debugging?: ServiceDebugging | undefined;
}

interface EventSource {
  readonly service: string;
  readonly deployment: string;
}

interface ServiceDebugging extends Debugging {
  /** The code has changed. */
  onReload(): void;
}

/** Modules that few services need. They are loaded before the tenancy is made. */
export interface TenancyModules {
  readonly Development?: typeof Development | undefined;
  readonly prepare?: typeof Preparation.prepare | undefined;
}

export async function loadModulesFor(options: TenancyOptions): Promise<TenancyModules> {
  const { settings, isDevelopment = false, hasHints = false } = options;
  return {
    Development: isDevelopment || hasHints ? (await import("../development/development.ts")).Development : undefined,
    prepare: settings.hardened ? (await import("../language/prepare.ts")).prepare : undefined,
  };
}

/** The parts of its host that a tenancy uses. */
export interface TenancySite {
  readonly reaper: Reaper;
  readonly budget: MachineBudget;
  /** Its host names at this time. Empty if it answers every host name. */
  readonly hosts: () => readonly string[];
  /** Holds requests back during a change. It outlives the tenancy, because a change may replace the tenancy. */
  readonly gate: Gate;
  /** Resolves to the tenant after the current change. Undefined if there is no change. */
  readonly changed: () => Promise<Tenant> | undefined;
  readonly onGone: (tenancy: Tenancy) => void;
}

export type TenancyState = "cold" | "starting" | "serving" | "draining" | "gone";
type TenancyEvent = "start" | "ready" | "cool" | "drain" | "end";

const transitions: Readonly<Record<TenancyState, Partial<Record<TenancyEvent, TenancyState>>>> = {
  cold: { start: "starting", drain: "draining", end: "gone" },
  starting: { ready: "serving", cool: "cold", drain: "draining", end: "gone" },
  serving: { cool: "cold", drain: "draining", end: "gone" },
  draining: { end: "gone" },
  gone: {},
};

export class Tenancy {
  readonly #options: TenancyOptions;
  readonly #modules: TenancyModules;
  readonly #site: TenancySite;
  readonly #launchFacts: LaunchFacts;
  readonly #development: Development | undefined;
  readonly #scratch: ScratchFolders;
  readonly #pool: Pool;
  readonly #inFlight: InFlight;
  #warming: Warming | undefined;
  #state: TenancyState = "cold";
  #service: Service;
  #publicUrl: string | undefined;
  #origin: Origin;
  #tenant: Tenant;
  #drained: Promise<void> | undefined;
  #ended: Promise<void> | undefined;

  /** @throws OffhookError `isolate-user-unavailable`, `setting-invalid` */
  constructor(options: TenancyOptions, modules: TenancyModules, site: TenancySite) {
    const { service, settings, debugging, outlines, tools, isDevelopment = false, variablesFile } = options;
    this.#options = options;
    this.#modules = modules;
    this.#site = site;
    this.#service = service;
    // A service that has the host to itself may use all of its memory for requests.
    this.#inFlight = new InFlight(site.hosts().length === 0 ? Infinity : settings.bufferLimit);
    this.#launchFacts = launchFactsOf(service, settings);
    // Code that can throw comes before objects that would have to be closed.
    this.#origin = this.#originAt(settings.publicUrl);
    const users = usersOf(site.budget, service, settings);
    const setup = this.#setupOf(service);
    // A debugger shows more than a diagnosis does, and both would stop the same code.
    const diagnosisDetail = debugging !== undefined ? "nothing" : settings.hardened ? "waits" : "all";
    this.#development =
      modules.Development &&
      new modules.Development({
        service: () => this.#service,
        diagnosisDetail,
        outlines,
        isAuthorCalling: isDevelopment,
        publicUrl: () => this.#publicUrl ?? settings.publicUrl,
        tools,
        variablesFile,
      });
    this.#scratch = new ScratchFolders(site.reaper);
    this.#pool = createServicePool({
      service,
      eventSource: options.eventSource,
      settings,
      launchFacts: this.#launchFacts,
      setup,
      budget: site.budget,
      users,
      keepsSpares: options.keepsSpares ?? "always",
      reaper: site.reaper,
      scratch: this.#scratch,
      debugging,
      onDiagnosis: diagnosisDetail !== "nothing" ? this.#development?.onDiagnosis : undefined,
      isDevelopment,
      onStart: () => this.#transition("start"),
      onReady: () => {
        this.#transition("ready");
        this.#warming?.onReady();
      },
      onCold: () => this.#transition("cool"),
      onStartGivenUp: (detail) => this.#warming?.fail(new OffhookError("isolate-not-started", detail)),
    });
    this.#tenant = this.#createTenant();
  }

  get state(): TenancyState {
    return this.#state;
  }

  /** The part that the gateway uses. */
  get tenant(): Tenant {
    return this.#tenant;
  }

  /** Number of invocations that run or wait. */
  get running(): number {
    return this.#pool.running;
  }

  /** Starts the spares, if they are kept at all times. */
  start(): void {
    this.#pool.start();
  }

  /** Number of isolates, including those that are starting. */
  get isolates(): number {
    return this.#pool.isolates;
  }

  /**
   * Starts isolates, and resolves when they are ready. One is enough if the others take long.
   * @throws OffhookError `isolate-not-started`, or the error passed to `kill`.
   */
  async warm(isolates: number): Promise<void> {
    const count = Math.max(1, Math.min(isolates, maxIsolates(this.#options.settings)));
    this.#warming = new Warming(count);
    this.#pool.start(count);
    await this.#warming.done;
    this.#pool.start();
  }

  /**
   * Whether `update` is enough for the changed service. If its processes need another launch, the tenancy is replaced.
   */
  canBecome(service: Service): boolean {
    const { settings, debugging } = this.#options;
    return debugging !== undefined || isDeepStrictEqual(launchFactsOf(service, settings), this.#launchFacts);
  }

  /** Later invocations see the new service. Running invocations keep the old one. */
  update(service: Service): void {
    this.#change(service, this.#setupOf(service));
  }

  /** The same for variables only. The prepared code stays. */
  updateVariables(variables: Service["variables"]): void {
    this.#change({ ...this.#service, variables }, { variables });
  }

  #change(service: Service, setup: Partial<ServiceSetup>): void {
    this.#service = service;
    this.#options.debugging?.onReload();
    this.#pool.update(setup);
    this.#tenant = this.#createTenant();
    this.#development?.announceChange();
  }

  /** Later requests count as calls of this URL, whatever their headers say. Undefined: the settings apply again. */
  updatePublicUrl(publicUrl: string | undefined): void {
    this.#origin = this.#originAt(publicUrl ?? this.#options.settings.publicUrl);
    this.#publicUrl = publicUrl;
    this.#tenant = this.#createTenant();
    this.#development?.announceChange();
  }

  get service(): Service {
    return this.#service;
  }

  /** The value of the last update. */
  get publicUrl(): string | undefined {
    return this.#publicUrl;
  }

  /** Answers the requests that it has, then ends. New requests must already go to another tenancy. */
  drain(): Promise<void> {
    this.#transition("drain");
    this.#development?.closePages();
    return (this.#drained ??= this.#drain());
  }

  async #drain(): Promise<void> {
    await this.#inFlight.idle();
    await this.#pool.stop();
    await this.#end();
  }

  /**
   * Ends now. Running invocations get an outcome.
   * @param error the reason with which `warm` rejects, if it has not resolved.
   */
  async kill(error = new OffhookError("server-draining")): Promise<void> {
    this.#warming?.fail(error);
    await this.#pool.kill();
    await this.#end();
  }

  #end(): Promise<void> {
    return (this.#ended ??= this.#release());
  }

  async #release(): Promise<void> {
    this.#development?.stop();
    await this.#scratch.close();
    this.#transition("end");
  }

  /** @returns false if the event changes nothing. */
  #transition(event: TenancyEvent): boolean {
    const next = transitions[this.#state][event];
    if (next === undefined) return false;
    this.#state = next;
    if (next === "gone") this.#site.onGone(this);
    return true;
  }

  #setupOf(service: Service): ServiceSetup {
    const setup = setupOf(service, this.#modules.prepare);
    return this.#options.preloads === false ? { ...setup, preload: [] } : setup;
  }

  #originAt(publicUrl: string | undefined): Origin {
    const { settings, publicScheme } = this.#options;
    return createOrigin({ publicUrl, trustProxy: settings.trustProxy, hosts: this.#site.hosts(), publicScheme });
  }

  #createTenant(): Tenant {
    const { settings } = this.#options;
    const service = this.#service;
    const development = this.#development;
    return {
      sid: this.#options.eventSource?.service ?? service.sid,
      routes: createRoutes(service),
      invoker: development?.invokerOf(this.#pool, this.#site.gate) ?? this.#pool,
      limits: {
        requestBytes: settings.requestLimit,
        headerBytes: settings.headerLimit,
        headerCount: settings.headerCountLimit,
      },
      access: {
        authToken: service.authToken ?? service.variables["AUTH_TOKEN"],
        sharedKeySecret: settings.sharedKeySecret,
        failureStatus: settings.signatureStatus,
        allowsUnsignedBodies: settings.unsignedBodies,
      },
      origin: this.#origin,
      inFlight: this.#inFlight,
      changed: this.#site.changed,
      development,
    };
  }
}
