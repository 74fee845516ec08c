/** The environments that this process serves: each has host names, and a deployment that can be replaced. */
import { isDeepStrictEqual } from "node:util";
import type { Host } from "@offhook/runtime/internal/host";
import { resolveServiceSettings } from "@offhook/runtime/internal/host-settings";
import type { PreparedTenancy, VirtualHost } from "@offhook/runtime/internal/virtual-host";
import { notices } from "@offhook/runtime/observe";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { resolveSettings, type Settings } from "@offhook/runtime/settings";
import type { DeploymentTarget, ExamineResult, GatewayStatus, PrepareResult, TenantSpec } from "../link/messages.ts";
import type { ServeSettings } from "../link/serve-settings.ts";

interface Environment {
  spec: TenantSpec;
  readonly virtualHost: VirtualHost;
}

interface Prepared {
  readonly spec: TenantSpec;
  activate(): void;
  discard(): Promise<void>;
}

export class Tenants {
  readonly #host: Host;
  readonly #settings: ServeSettings;
  /** By the SID of the environment. */
  readonly #environments = new Map<string, Environment>();
  readonly #prepared = new Map<string, Prepared>();
  /** By the SID of the deployment: what ran the code that writes. Old ones stay while they drain. */
  readonly #specs = new Map<string, TenantSpec>();

  constructor(host: Host, settings: ServeSettings) {
    this.#host = host;
    this.#settings = settings;
  }

  /** The deployment that wrote a line of output. */
  specOf(deploymentSid: string): TenantSpec | undefined {
    return this.#specs.get(deploymentSid);
  }

  /** @throws OffhookError if it cannot start, or if its settings are invalid. */
  async prepare(spec: TenantSpec): Promise<PrepareResult> {
    const { options, warnings } = this.#tenancyOf(spec);
    this.#specs.set(spec.deploymentSid, spec);
    const { environmentSid } = spec;
    const environment = this.#environments.get(environmentSid);
    const prepared =
      environment === undefined
        ? this.#preparedHost(spec, await this.#host.prepare(options, spec.hosts))
        : this.#preparedNext(spec, environment, await this.#host.prepareNext(environment.virtualHost, options));
    await this.#prepared.get(environmentSid)?.discard();
    this.#prepared.set(environmentSid, prepared);
    return { warnings };
  }

  #preparedHost(spec: TenantSpec, virtualHost: VirtualHost): Prepared {
    return {
      spec,
      activate: () => {
        this.#host.publish(virtualHost, spec.hosts);
        this.#environments.set(spec.environmentSid, { spec, virtualHost });
      },
      discard: () => virtualHost.remove(),
    };
  }

  #preparedNext(spec: TenantSpec, environment: Environment, next: PreparedTenancy): Prepared {
    return {
      spec,
      activate: () => {
        next.activate();
        this.#publish(environment, spec);
      },
      discard: () => next.discard(),
    };
  }

  /** @throws OffhookError `service-superseded` if it is not prepared any more. */
  activate({ environmentSid, deploymentSid }: DeploymentTarget): void {
    const prepared = this.#prepared.get(environmentSid);
    if (prepared?.spec.deploymentSid !== deploymentSid) throw new OffhookError("service-superseded");
    this.#prepared.delete(environmentSid);
    prepared.activate();
  }

  async discard({ environmentSid, deploymentSid }: DeploymentTarget): Promise<void> {
    const prepared = this.#prepared.get(environmentSid);
    if (prepared?.spec.deploymentSid !== deploymentSid) return;
    this.#prepared.delete(environmentSid);
    await prepared.discard();
  }

  /** @throws OffhookError */
  async update(spec: TenantSpec): Promise<void> {
    const environment = this.#environments.get(spec.environmentSid);
    this.#specs.set(spec.deploymentSid, spec);
    if (environment === undefined) {
      const virtualHost = await this.#host.add(this.#tenancyOf(spec).options, spec.hosts);
      this.#environments.set(spec.environmentSid, { spec, virtualHost });
    } else if (isSameCode(environment.spec, spec)) {
      const { virtualHost } = environment;
      const { authToken, variables } = virtualHost.current.service;
      const isSame = authToken === spec.authToken && isDeepStrictEqual({ ...variables }, { ...spec.variables });
      if (!isSame) virtualHost.update(serviceOf(spec));
      this.#publish(environment, spec);
    } else {
      const { options } = this.#tenancyOf(spec);
      await this.#host.replace(environment.virtualHost, options);
      this.#publish(environment, spec);
    }
  }

  #publish(environment: Environment, spec: TenantSpec): void {
    if (!isDeepStrictEqual(environment.spec.hosts, spec.hosts)) {
      this.#host.publish(environment.virtualHost, spec.hosts);
    }
    environment.spec = spec;
  }

  /** Resolves when no host name leads to the environment. Its requests are finished in the background. */
  async remove(environmentSid: string): Promise<void> {
    const prepared = this.#prepared.get(environmentSid);
    this.#prepared.delete(environmentSid);
    await prepared?.discard();
    const environment = this.#environments.get(environmentSid);
    if (environment === undefined) return;
    this.#environments.delete(environmentSid);
    void this.#host.remove(environment.virtualHost).catch(() => undefined);
  }

  /** Ends all environments that are not among those given. */
  async keepOnly(environmentSids: ReadonlySet<string>): Promise<void> {
    const others = [...this.#environments.keys()].filter((sid) => !environmentSids.has(sid));
    await Promise.all(others.map((sid) => this.remove(sid)));
  }

  /**
   * Starts the build under no host name, and ends it again. An isolate that is ready has tried to load its functions.
   * @throws OffhookError if no isolate starts.
   */
  async examine(spec: TenantSpec): Promise<ExamineResult> {
    const { options } = this.#tenancyOf(spec);
    const failures: ExamineResult["failures"][number][] = [];
    const end = notices.subscribe(({ service, code, message }) => {
      if (service !== spec.environmentSid || code !== "function-load-failed") return;
      const failed = spec.functions.find(({ name }) => message.startsWith(`/${name} cannot be loaded: `));
      if (failed !== undefined) failures.push({ path: failed.path, message: errorIn(message) });
    });
    try {
      const virtualHost = await this.#host.prepare(options, spec.hosts);
      await virtualHost.remove();
    } finally {
      end();
    }
    return { failures };
  }

  status(): GatewayStatus {
    return {
      pid: process.pid,
      environments: [...this.#environments].map(([environmentSid, { spec, virtualHost }]) => ({
        environmentSid,
        deploymentSid: spec.deploymentSid,
        state: virtualHost.current.state,
        isolates: virtualHost.current.isolates,
        running: virtualHost.current.running,
      })),
    };
  }

  #tenancyOf(spec: TenantSpec): { options: Parameters<Host["add"]>[0]; warnings: readonly string[] } {
    const { server, policy, nodes, publicScheme } = this.#settings;
    const { settings: own, warnings } = resolveServiceSettings(policy, spec.settings);
    const node = nodes[spec.runtime];
    if (node === undefined) {
      throw new OffhookError("setting-invalid", `This server has no Node for the runtime ${spec.runtime}.`);
    }
    const settings: Settings = { ...resolveSettings(), ...server, ...own, node };
    return {
      options: {
        service: serviceOf(spec),
        settings,
        keepsSpares: "in-use",
        publicScheme,
        eventSource: { service: spec.environmentSid, deployment: spec.deploymentSid },
      },
      warnings,
    };
  }
}

function serviceOf(spec: TenantSpec): Parameters<Host["add"]>[0]["service"] {
  return {
    sid: spec.serviceSid,
    environmentSid: spec.environmentSid,
    folder: spec.folder,
    functions: spec.functions,
    assets: spec.assets,
    variables: spec.variables,
    authToken: spec.authToken,
  };
}

/** The line that names the error. The rest of the notice is a stack, with paths of the server. */
function errorIn(notice: string): string {
  const stack = notice.slice(notice.indexOf(": ") + 2);
  return /^\w*Error\b.*$/m.exec(stack)?.[0] ?? stack.split("\n")[0] ?? stack;
}

/** Whether the running isolates can go on with the new one. Variables and host names can change. */
function isSameCode(one: TenantSpec, other: TenantSpec): boolean {
  return (
    one.deploymentSid === other.deploymentSid &&
    one.folder === other.folder &&
    isDeepStrictEqual(one.settings, other.settings)
  );
}
