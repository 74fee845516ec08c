/**
 * The composition root: one project, served. The whole path is wired here, and nowhere else.
 *
 *     project ─▶ pool of isolates ◀─ gateway ◀─ HTTP
 */
import { availableParallelism, homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { connectionRoom } from "./gateway/connection-room.ts";
import { createGateway } from "./gateway/gateway.ts";
import { Gate } from "./gateway/gate.ts";
import { createOrigin } from "./gateway/origin.ts";
import { createRoutes } from "./gateway/routes.ts";
import { PatientInvoker } from "./gateway/patient-invoker.ts";
import type { Tenant } from "./gateway/tenant.ts";
import type { InspectOptions } from "./debug/debug-host.ts";
import type * as Preparation from "./language/prepare.ts";
import { accountOf, chooseIsolateUser, type IsolateUser } from "./pool/isolate-user.ts";
import type { Debugging } from "./pool/debugging.ts";
import type { Invoker, OnAccount } from "./pool/invocation.ts";
import { Pool } from "./pool/pool.ts";
import { neededFiles, readableFiles } from "./pool/isolate-files.ts";
import { Reaper } from "./pool/reaper.ts";
import { ScratchFolders } from "./pool/scratch.ts";
import type { Project } from "./project/project.ts";
import type { Settings } from "./project/settings.ts";
import { privateAssetsOf } from "./project/private-assets.ts";
import type { ServiceSetup, WorkerLimits } from "./protocol/messages.ts";
import type { Service } from "./service.ts";

export interface ServerOptions {
  readonly project: Project;
  readonly settings: Settings;
  /**
   * Whoever calls is the author, and changes things meanwhile: errors are answered with their stack, in a browser with a page,
   * which tells a stranger too much, and a function that does not load is given a moment.
   */
  readonly isDevelopment?: boolean;
  /** Whoever reads what the stages tell is the author: hints are among it, as in development, while callers get what strangers get. */
  readonly hasHints?: boolean;
  /**
   * Path of a socket to listen on, and on nothing else, for one request of whoever named it. Host and port of the settings are
   * what functions are told, and no function is loaded before it is called.
   */
  readonly socket?: string | undefined;
  /** Let debuggers in. There is one isolate at a time then, and who calls meanwhile waits. */
  readonly inspect?: InspectOptions | undefined;
}

export type { InspectOptions } from "./debug/debug-host.ts";

export interface Server {
  /** For people on this machine: `http://localhost:3000`. */
  readonly url: string;
  readonly address: { readonly host: string; readonly port: number };
  /** Where debuggers connect to, if they may: `127.0.0.1:9229`, and the same for Chrome's address bar. */
  readonly debugger?: { readonly address: string; readonly devtoolsUrl: string } | undefined;
  /** The next invocations see these variables; those that run keep theirs (row 116). */
  updateVariables(variables: Readonly<Record<string, string>>): void;
  /** The next requests get to what the project is now; those in flight end with what it was. The folder is the same. */
  update(service: Service): void;
  /** The next requests are taken for calls of this address, whatever they say themselves; undefined as at the start. */
  updatePublicUrl(publicUrl: string | undefined): void;
  /**
   * What arrives from now on waits, until what this returns is called: a change is under way, and nobody should meet half
   * of it. Who holds it twice lets go twice.
   */
  hold(): () => void;
  /** No new connections; what runs finishes within its limit; then everything ends. */
  stop(): Promise<void>;
  /** Everything ends now. */
  kill(): Promise<void>;
}

/** @throws OffhookError `port-in-use`, `debugger-port-in-use`, `address-unavailable`, `debugger-unavailable`, `isolate-user-unavailable` */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { project, settings, isDevelopment = false, hasHints = isDevelopment, socket, inspect } = options;
  let { service } = project;
  const reaper = new Reaper();
  const user = chooseIsolateUser({
    setting: settings.isolateUser,
    sid: service.sid,
    reads: neededFiles(service),
  });
  // A debugger says it better, and both would stop the same code.
  const telling = inspect !== undefined ? "nothing" : settings.hardened ? "waits" : "all";
  // Only what is needed: a server should start at once.
  const view = hasHints ? new (await import("./gateway/author-view.ts")).AuthorView(() => service, telling) : undefined;
  const prepare = settings.hardened ? (await import("./language/prepare.ts")).prepare : undefined;
  const setupOf = (served: Service): ServiceSetup => ({
    ...serviceSetup(served, prepare),
    ...(socket !== undefined && { preload: [] }),
  });
  const debugging =
    inspect && (await (await import("./debug/debug-host.ts")).openDebugger(service, inspect, settings.hardened));
  const onAccount = telling !== "nothing" ? view?.onAccount : undefined;
  const scratch = new ScratchFolders(user, reaper);
  const pool = createPool({
    service,
    settings,
    setup: setupOf(service),
    user,
    reaper,
    scratch,
    debugging,
    onAccount,
    isDevelopment,
  });
  const gate = new Gate();
  const invoker = isDevelopment ? new PatientInvoker(pool, gate) : pool;
  let { publicUrl } = settings;
  const tenantNow = (): Tenant => ({
    ...createTenant(service, { ...settings, publicUrl }, invoker),
    exposeStacks: isDevelopment,
    failurePage: isDevelopment ? view?.failurePage : undefined,
    hintsOf: view?.hintsOf,
    hintsOfPath: view?.hintsOfPath,
    given: view?.given,
  });
  let tenant = tenantNow();
  const update = (changed: Service, setup: Partial<ServiceSetup>): void => {
    service = changed;
    debugging?.onReload();
    pool.update(setup);
    tenant = tenantNow();
  };
  const gateway = createGateway({
    resolve: () => (gate.isOpen ? tenant : gate.opened().then(() => tenant)),
    healthPath: settings.healthPath,
    headerBytes: settings.headerLimit,
    connectionLimit: Math.min(settings.connectionLimit, connectionRoom(isolatesAtMost(settings))),
    heldLimitBytes: Math.max(settings.bufferLimit, 8 * Math.max(settings.requestLimit, settings.replyLimit)),
    timeouts: {
      headMs: settings.headTimeout,
      requestMs: settings.requestTimeout,
      keepAliveMs: settings.keepAliveTimeout,
      // Only `hold` delays it, for as long as a change takes.
      resolveMs: Infinity,
    },
  });
  // First the port: whoever cannot have it should not have started processes.
  const { host, port } = settings;
  const listening = socket === undefined ? gateway.listen(host, port) : gateway.listenOnSocket(socket, { host, port });
  const address = await listening.catch((error: unknown) => {
    debugging?.close();
    throw error;
  });
  pool.start();
  return {
    url: urlOf(address),
    address,
    debugger: debugging,
    updateVariables: (variables) => update({ ...service, variables }, { variables }),
    updatePublicUrl: (url = settings.publicUrl) => {
      publicUrl = url;
      tenant = tenantNow();
    },
    update: (changed) => update(changed, setupOf(changed)),
    hold: () => gate.hold(),
    async stop() {
      // Those who wait are answered as all who come now.
      gate.open();
      debugging?.close();
      const endWatch = whenQuiet(pool, () => void gateway.close());
      await gateway.drain();
      endWatch();
      await pool.stop();
      await scratch.close();
      view?.stop();
      reaper.stop();
    },
    async kill() {
      debugging?.close();
      await Promise.all([gateway.close(), pool.kill()]);
      await scratch.close();
      view?.stop();
      reaper.stop();
    },
  };
}

function createTenant(service: Service, settings: Settings, invoker: Invoker): Tenant {
  return {
    sid: service.sid,
    routes: createRoutes(service),
    invoker,
    limits: {
      requestBytes: settings.requestLimit,
      headerBytes: settings.headerLimit,
      headerCount: settings.headerCountLimit,
    },
    access: {
      authToken: service.variables["AUTH_TOKEN"],
      sharedKeySecret: settings.sharedKeySecret,
      failureStatus: settings.signatureStatus,
      allowsUnsignedBodies: settings.unsignedBodies,
    },
    origin: createOrigin({ publicUrl: settings.publicUrl, trustProxy: settings.trustProxy }),
    exposeStacks: false,
  };
}

/** How long after the last invocation its reply may take to be read. */
const writeGraceMs = 5_000;
const quietStepMs = 100;

/**
 * Calls when nothing has run for a while: a client that does not read its reply is not waited for, while an invocation
 * has all the time that its limit allows. Counted in steps, so that a machine that stands still takes nobody's time.
 */
function whenQuiet(pool: Pool, onQuiet: () => void): () => void {
  let steps = 0;
  const timer = setInterval(() => {
    steps = pool.running === 0 ? steps + 1 : 0;
    if (steps * quietStepMs > writeGraceMs) onQuiet();
  }, quietStepMs);
  return () => clearInterval(timer);
}

/** An isolate may take this much beyond its heap: what Node itself needs. */
const nodeOwnMb = 64;
/** What a frame may hold besides a reply's body: its headers, an error, a piece of output. */
const frameHeadBytes = 4 * 2 ** 20;
/** What of that is parsed, besides headers: an error, of which the worker cuts each part. */
const parsedBytes = 2 * 2 ** 20;

interface PoolParts {
  readonly service: Service;
  readonly settings: Settings;
  readonly setup: ServiceSetup;
  readonly user: IsolateUser | undefined;
  readonly reaper: Reaper;
  readonly scratch: ScratchFolders;
  readonly debugging: Debugging | undefined;
  readonly onAccount: OnAccount | undefined;
  readonly isDevelopment: boolean;
}

function createPool(parts: PoolParts): Pool {
  const { service, settings, setup, user, reaper, scratch, debugging, onAccount, isDevelopment } = parts;
  const account = accountOf(user);
  return new Pool({
    service: service.sid,
    isolate: {
      service: service.sid,
      launch: {
        node: settings.node,
        memoryMb: settings.memory,
        compileCache: cacheFolder(),
        extraCaCerts: service.variables["NODE_EXTRA_CA_CERTS"],
        processLimit: user && processLimit(settings),
        userName: account.name,
        readable: settings.hardened ? readableFiles(service) : undefined,
        isDebugged: debugging !== undefined,
        hasInsight: onAccount !== undefined,
      },
      folder: service.folder,
      scratch,
      maxFrameBytes: finite(settings.replyLimit + settings.headerLimit * 2 + frameHeadBytes),
      maxHeadBytes: finite(settings.headerLimit * 2 + parsedBytes),
      reaper,
      debugging,
    },
    setup: {
      kind: "setup",
      folder: service.folder,
      ...setup,
      serviceSid: service.sid,
      environmentSid: service.environmentSid,
      concurrency: settings.isolateConcurrency,
      ...(Number.isFinite(settings.timeout) && { timeoutMs: settings.timeout }),
      detectLeftovers: settings.reuse === "clean" && settings.isolateConcurrency === 1,
      limits: workerLimits(settings),
      ...(user && { user }),
      ...(!account.isListed && { userName: account.name }),
      isHardened: settings.hardened,
      // Not for strangers, and it costs.
      ...(onAccount && { hasInsight: true }),
      ...(isDevelopment && { tellsFiles: true }),
    },
    concurrency: settings.concurrency,
    queueTimeoutMs: settings.queueTimeout,
    timeoutMs: settings.timeout,
    reuse: settings.reuse,
    isPerFunction: (settings.isolatePer ?? (settings.hardened ? "function" : "service")) === "function",
    spares: settings.spares,
    idleTimeoutMs: settings.idleTimeout,
    residentLimitBytes: (settings.memory + nodeOwnMb) * 2 ** 20,
    parallelStarts: availableParallelism(),
    ...(debugging && { concurrency: settings.isolateConcurrency, queueTimeoutMs: Infinity, spares: 1 }),
    onAccount,
  });
}

/** @param prepare where isolates may load no native code, which the transformer of TypeScript is. */
function serviceSetup(service: Service, prepare: typeof Preparation.prepare | undefined): ServiceSetup {
  const callable = service.functions.filter(({ visibility }) => visibility !== "private");
  return {
    functions: Object.fromEntries(service.functions.map(({ name, file }) => [name, file])),
    ...privateAssetsOf(service),
    variables: service.variables,
    preload: callable.map(({ name }) => name),
    language:
      service.language && (prepare?.(service.folder, service.language, service.outsideFiles) ?? service.language),
  };
}

function isolatesAtMost({ concurrency, isolateConcurrency, spares }: Settings): number {
  return Math.ceil(concurrency / isolateConcurrency) + spares;
}

/** A process of Node has some ten threads, and each counts as one. */
const processesPerIsolate = 64;

function processLimit(settings: Settings): number | undefined {
  const isolates = isolatesAtMost(settings);
  return Number.isFinite(isolates) ? isolates * processesPerIsolate : undefined;
}

/** None for a user without a home: isolates start more slowly then, nothing else. */
function cacheFolder(): string | undefined {
  try {
    const caches = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
    return isAbsolute(caches) ? join(caches, "offhook") : undefined;
  } catch {
    return undefined;
  }
}

function workerLimits(settings: Settings): WorkerLimits {
  return {
    requestBytes: finite(settings.requestLimit),
    replyBytes: finite(settings.replyLimit),
    headerBytes: finite(settings.headerLimit),
    headerCount: finite(settings.headerCountLimit),
    cookieMaxAgeSeconds: finite(settings.cookieMaxAge),
  };
}

/** "No limit" for the other side of the pipe: JSON has no infinity. */
function finite(limit: number): number {
  return Math.min(limit, Number.MAX_SAFE_INTEGER);
}

function urlOf({ host, port }: { host: string; port: number }): string {
  const isLocal = ["127.0.0.1", "::1", "0.0.0.0", "::", "localhost"].includes(host);
  const name = isLocal ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
