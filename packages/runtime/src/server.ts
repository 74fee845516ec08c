/**
 * The composition root: one project, served. The whole path is wired here, and nowhere else.
 *
 *     project ─▶ pool of isolates ◀─ gateway ◀─ HTTP
 */
import { availableParallelism, homedir } from "node:os";
import { join } from "node:path";
import { createGateway } from "./gateway/gateway.ts";
import { createOrigin } from "./gateway/origin.ts";
import { createRoutes } from "./gateway/routes.ts";
import type { Tenant } from "./gateway/tenant.ts";
import { Pool } from "./pool/pool.ts";
import { Reaper } from "./pool/reaper.ts";
import type { Project } from "./project/project.ts";
import type { Settings } from "./project/settings.ts";
import type { WorkerLimits } from "./protocol/messages.ts";
import type { Service } from "./service.ts";

export interface ServerOptions {
  readonly project: Project;
  readonly settings: Settings;
}

export interface Server {
  /** For people on this machine: `http://localhost:3000`. */
  readonly url: string;
  readonly address: { readonly host: string; readonly port: number };
  /** The next invocations see these variables; those that run keep theirs (row 116). */
  updateVariables(variables: Readonly<Record<string, string>>): void;
  /** No new connections; what runs finishes within its limit; then everything ends. */
  stop(): Promise<void>;
  /** Everything ends now. */
  kill(): Promise<void>;
}

/** @throws OffhookError `port-in-use`, `address-unavailable` */
export async function startServer({ project, settings }: ServerOptions): Promise<Server> {
  const { service } = project;
  const reaper = new Reaper();
  const pool = createPool(service, settings, reaper);
  let tenant = createTenant(service, settings, pool);
  const gateway = createGateway({
    resolve: () => tenant,
    healthPath: settings.healthPath,
    headerBytes: settings.headerLimit,
    connectionLimit: settings.connectionLimit,
    timeouts: {
      headMs: settings.headTimeout,
      requestMs: settings.requestTimeout,
      keepAliveMs: settings.keepAliveTimeout,
    },
  });
  // First the port: whoever cannot have it should not have started processes.
  const address = await gateway.listen(settings.host, settings.port);
  pool.start();
  return {
    url: urlOf(address),
    address,
    updateVariables(variables) {
      pool.updateVariables(variables);
      tenant = createTenant({ ...service, variables }, settings, pool);
    },
    async stop() {
      // Invocations end within their limit; a client that does not read its reply is not waited for.
      const deadline =
        settings.timeout === Infinity
          ? undefined
          : setTimeout(() => void gateway.close(), settings.timeout + writeGraceMs);
      await gateway.drain();
      clearTimeout(deadline);
      await pool.stop();
      reaper.stop();
    },
    async kill() {
      await Promise.all([gateway.close(), pool.kill()]);
      reaper.stop();
    },
  };
}

function createTenant(service: Service, settings: Settings, pool: Pool): Tenant {
  return {
    sid: service.sid,
    routes: createRoutes(service),
    invoker: pool,
    limits: {
      requestBytes: settings.requestLimit,
      headerBytes: settings.headerLimit,
      headerCount: settings.headerCountLimit,
    },
    access: {
      authToken: service.variables["AUTH_TOKEN"],
      failureStatus: settings.signatureStatus,
      allowsUnsignedBodies: settings.unsignedBodies,
    },
    origin: createOrigin({ publicUrl: settings.publicUrl, trustProxy: settings.trustProxy }),
    exposeStacks: false,
  };
}

/** How long after the last invocation may have ended its reply may take to be read. */
const writeGraceMs = 5_000;

/** An isolate may take this much beyond its heap: what Node itself needs. */
const nodeOwnMb = 64;
/** The longest frame: a reply, or a piece of output. */
const leastFrameBytes = 64 * 2 ** 20;

function createPool(service: Service, settings: Settings, reaper: Reaper): Pool {
  return new Pool({
    service: service.sid,
    isolate: {
      node: settings.node,
      folder: service.folder,
      memoryMb: settings.memory,
      compileCache: join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "offhook"),
      extraCaCerts: service.variables["NODE_EXTRA_CA_CERTS"],
      maxFrameBytes: finite(settings.replyLimit + leastFrameBytes),
      reaper,
    },
    setup: {
      kind: "setup",
      folder: service.folder,
      functions: Object.fromEntries(service.functions.map(({ name, file }) => [name, file])),
      assets: Object.fromEntries(
        service.assets.filter(({ visibility }) => visibility === "private").map(({ path, file }) => [path, file]),
      ),
      variables: service.variables,
      serviceSid: service.sid,
      environmentSid: service.environmentSid,
      preload: service.functions.filter(({ visibility }) => visibility !== "private").map(({ name }) => name),
      concurrency: settings.isolateConcurrency,
      detectLeftovers: settings.reuse === "clean" && settings.isolateConcurrency === 1,
      limits: workerLimits(settings),
    },
    concurrency: settings.concurrency,
    queueTimeoutMs: settings.queueTimeout,
    timeoutMs: settings.timeout,
    reuse: settings.reuse,
    spares: settings.spares,
    idleTimeoutMs: settings.idleTimeout,
    residentLimitBytes: (settings.memory + nodeOwnMb) * 2 ** 20,
    parallelStarts: availableParallelism(),
  });
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
