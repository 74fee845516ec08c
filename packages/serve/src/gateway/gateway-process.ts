/**
 * The main process of `offhook serve`: it answers requests to functions, and keeps the control process running. It has
 * no database and no API, so that neither can hold up a request.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { connectionRoom } from "@offhook/runtime/internal/connection-room";
import { Host } from "@offhook/runtime/internal/host";
import { limitsOf } from "@offhook/runtime/internal/host-limits";
import { notices } from "@offhook/runtime/observe";
import { resolveSettings } from "@offhook/runtime/settings";
import { createTaskRunner, type User } from "../builds/task-runner.ts";
import { Link, type Handlers } from "../link/link.ts";
import type {
  ControlAddresses,
  ControlRequests,
  GatewayNews,
  GatewayRequests,
  GivenAccount,
} from "../link/messages.ts";
import type { ServeSettings } from "../link/serve-settings.ts";
import { OutputCollector } from "./output-collector.ts";
import { Tenants } from "./tenants.ts";

const firstRestartMs = 100;
const maxRestartMs = 10_000;
/** How long the control process may take to end after it was asked to. */
const controlStopMs = 10_000;
/** Isolates at once, on the whole machine. */
const maxIsolates = 1000;

export interface GatewayOptions {
  readonly settings: ServeSettings;
  readonly masterKey: Buffer;
  /** For the first start on an empty database. */
  readonly account?: GivenAccount | undefined;
  /** The user of the control process. Undefined: that of this process. */
  readonly serviceUser?: User | undefined;
  /** The user of the programs that resolve and install dependencies. */
  readonly buildUser?: User | undefined;
  /** The file that the control process runs. */
  readonly controlProgram?: string;
}

export interface ServeServer {
  readonly functions: { readonly host: string; readonly port: number };
  readonly control: ControlAddresses;
  /** Answers the requests in flight, then ends everything. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** @throws OffhookError of the listener, LinkError of the control process. */
export async function startGateway(options: GatewayOptions): Promise<ServeServer> {
  const { settings } = options;
  const base = { ...resolveSettings(), ...settings.server, ...settings.policy.defaults };
  const limits = limitsOf(base, connectionRoom(maxIsolates));
  // The largest values that a service may have.
  const { requestLimit, replyLimit, headerLimit, headerCountLimit } = { ...base, ...settings.policy.maxima };
  const host = new Host({
    limits: {
      ...limits,
      isolates: maxIsolates,
      requestBytes: requestLimit,
      replyBytes: replyLimit,
      headerBytes: headerLimit,
      headerCount: headerCountLimit,
    },
    // Every path belongs to the tenants.
    healthPath: false,
  });
  const gateway = new GatewayProcess(options, host);
  try {
    const functions = await host.listen(settings.server.host, settings.server.port);
    const control = await gateway.startControl();
    return { functions, control, stop: () => gateway.stop(), kill: () => gateway.kill() };
  } catch (error) {
    await gateway.kill();
    throw error;
  }
}

class GatewayProcess {
  readonly #options: GatewayOptions;
  readonly #host: Host;
  readonly #tenants: Tenants;
  readonly #output: OutputCollector;
  readonly #runTask: ReturnType<typeof createTaskRunner>;
  #child: ChildProcess | undefined;
  #link: Link<ControlRequests, GatewayNews> | undefined;
  #hasStarted = false;
  #isStopping = false;
  /** Clients go on with the ports of the first start, if the system chose them. */
  #chosenPorts: Partial<ServeSettings> = {};
  #restartMs = firstRestartMs;
  #restart: NodeJS.Timeout | undefined;

  constructor(options: GatewayOptions, host: Host) {
    this.#options = options;
    this.#host = host;
    this.#tenants = new Tenants(host, options.settings);
    const { settings, buildUser, serviceUser } = options;
    this.#runTask = createTaskRunner({
      cache: join(settings.dataFolder, "npm-cache"),
      isOffline: settings.isOffline,
      buildUser,
      serviceUser,
    });
    this.#output = new OutputCollector({
      specOf: (deployment) => this.#tenants.specOf(deployment),
      send: (lines) => {
        if (this.#link === undefined || this.#link.isClosed) return false;
        this.#link.tell("output", lines);
        return true;
      },
      onDropped: (count) => {
        const message = `${count} lines of functions' output were dropped, because the control process does not take them.`;
        notices.publish({ level: "warn", message });
      },
    });
  }

  /** @throws LinkError if the control process cannot start. */
  async startControl(): Promise<ControlAddresses> {
    const { settings, masterKey, account, serviceUser, controlProgram = defaultProgram() } = this.#options;
    const child = fork(controlProgram, [], {
      serialization: "advanced",
      // Its messages are the log's. Its standard input stays closed.
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      ...serviceUser,
    });
    this.#child = child;
    const link = new Link<ControlRequests, GatewayNews>(child, {
      answers: this.#answers,
      news: {},
      onClosed: () => this.#onControlGone(child),
    });
    child.once("exit", () => this.#onControlGone(child));
    this.#link = link;
    const addresses = await link.request("start", {
      settings: { ...settings, ...this.#chosenPorts },
      masterKey: masterKey.toString("base64"),
      account,
    });
    const { api, admin } = addresses;
    this.#chosenPorts = { apiPort: api.port, ...(admin !== undefined && { adminPort: admin.port }) };
    this.#hasStarted = true;
    this.#restartMs = firstRestartMs;
    this.#output.flush();
    return addresses;
  }

  readonly #answers: Handlers<GatewayRequests> = {
    prepare: (spec) => this.#tenants.prepare(spec),
    activate: (target) => this.#tenants.activate(target),
    discard: (target) => this.#tenants.discard(target),
    update: (spec) => this.#tenants.update(spec),
    remove: ({ environmentSid }) => this.#tenants.remove(environmentSid),
    keepOnly: (sids) => this.#tenants.keepOnly(new Set(sids)),
    examine: (spec) => this.#tenants.examine(spec),
    runBuildTask: (task) => this.#runTask(task),
    status: () => this.#tenants.status(),
  };

  /** Functions go on. The control process starts again, later each time. */
  #onControlGone(child: ChildProcess): void {
    if (this.#child !== child || this.#isStopping) return;
    // The first start has failed: the caller of it gets the reason.
    if (!this.#hasStarted) return;
    this.#child = undefined;
    this.#link = undefined;
    child.kill("SIGKILL");
    const message = `The control process has ended. Functions go on. It starts again in ${this.#restartMs} ms.`;
    notices.publish({ level: "error", code: "control-ended", message });
    this.#restart = setTimeout(() => {
      this.startControl().catch((error: unknown) => {
        notices.publish({ level: "error", code: "control-ended", message: (error as Error).message });
      });
    }, this.#restartMs);
    this.#restartMs = Math.min(this.#restartMs * 2, maxRestartMs);
  }

  /** Answers the requests that it has, then ends everything. The control process ends last: it stores their output. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    await this.#host.stop();
    this.#output.stop();
    this.#link?.tell("stopping");
    await this.#controlEnded();
  }

  async kill(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    this.#child?.kill("SIGKILL");
    this.#output.stop();
    await this.#host.kill();
  }

  async #controlEnded(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const deadline = setTimeout(() => child.kill("SIGKILL"), controlStopMs);
    await once(child, "exit");
    clearTimeout(deadline);
  }
}

/** Beside this file, in the sources and in what is published. */
function defaultProgram(): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`../control/control-program.${extension}`, import.meta.url).pathname;
}
