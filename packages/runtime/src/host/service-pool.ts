/** Makes the pool of one service from its settings: what its isolates are started with, and what they are told. */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type * as Preparation from "../language/prepare.ts";
import type { Debugging } from "../pool/debugging.ts";
import type { OnDiagnosis } from "../pool/invocation.ts";
import { neededFiles, readableFiles } from "../pool/isolate-files.ts";
import { chooseIsolateUser } from "../pool/isolate-user.ts";
import type { MachineBudget } from "../pool/machine-budget.ts";
import { Pool } from "../pool/pool.ts";
import type { PoolOptions } from "../pool/pool-options.ts";
import { inProcesses } from "../pool/process-slot.ts";
import type { Reaper } from "../pool/reaper.ts";
import type { ScratchFolders } from "../pool/scratch.ts";
import type { UserSource } from "../pool/user-leases.ts";
import { privateAssetsOf } from "../project/private-assets.ts";
import type { Settings } from "../settings/settings.ts";
import type { ServiceSetup, WorkerLimits } from "../protocol/messages.ts";
import type { Service } from "../service.ts";

/** An isolate may take this much beyond its heap: what Node itself needs. */
const nodeOwnMb = 64;
/** What a frame may hold besides a reply's body: its headers, an error, a piece of output. */
const frameHeadBytes = 4 * 2 ** 20;
/** What of that is parsed, besides headers: an error, of which the worker cuts each part. */
const parsedBytes = 2 * 2 ** 20;

export interface ServicePoolOptions extends Pick<
  PoolOptions,
  "budget" | "users" | "keepsSpares" | "onStart" | "onReady" | "onStartGivenUp" | "onCold"
> {
  readonly service: Service;
  readonly settings: Settings;
  readonly launchFacts: LaunchFacts;
  readonly setup: ServiceSetup;
  readonly reaper: Reaper;
  readonly scratch: ScratchFolders;
  readonly debugging: Debugging | undefined;
  readonly onDiagnosis: OnDiagnosis | undefined;
  readonly isDevelopment: boolean;
}

export function createServicePool(options: ServicePoolOptions): Pool {
  const { service, settings, launchFacts, setup, users, reaper, scratch, debugging, onDiagnosis, isDevelopment } =
    options;
  return new Pool({
    service: service.sid,
    budget: options.budget,
    users,
    startSlot: inProcesses({
      service: service.sid,
      launch: {
        node: settings.node,
        memoryMb: settings.memory,
        compileCache: cacheFolder(),
        extraCaCerts: launchFacts.extraCaCerts,
        readable: launchFacts.readable,
        processLimit: users && processLimit(settings),
        isDebugged: debugging !== undefined,
        hasInsight: onDiagnosis !== undefined,
      },
      folder: service.folder,
      scratch,
      maxFrameBytes: finite(settings.replyLimit + settings.headerLimit * 2 + frameHeadBytes),
      maxHeadBytes: finite(settings.headerLimit * 2 + parsedBytes),
      reaper,
    }),
    debugging,
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
      isHardened: settings.hardened,
      // Not for strangers, and it costs.
      ...(onDiagnosis && { hasInsight: true }),
      ...(isDevelopment && { reportsFiles: true }),
    },
    concurrency: settings.concurrency,
    queueTimeoutMs: settings.queueTimeout,
    timeoutMs: settings.timeout,
    reuse: settings.reuse,
    isPerFunction: (settings.isolatePer ?? (settings.hardened ? "function" : "service")) === "function",
    spares: settings.spares,
    keepsSpares: options.keepsSpares,
    idleTimeoutMs: settings.idleTimeout,
    residentLimitBytes: (settings.memory + nodeOwnMb) * 2 ** 20,
    ...(debugging && { concurrency: settings.isolateConcurrency, queueTimeoutMs: Infinity, spares: 1 }),
    onDiagnosis,
    onStart: options.onStart,
    onReady: options.onReady,
    onStartGivenUp: options.onStartGivenUp,
    onCold: options.onCold,
  });
}

/** What an isolate's process is started with, and cannot be told later. */
export interface LaunchFacts {
  readonly sid: string;
  readonly environmentSid: string;
  readonly folder: string;
  readonly extraCaCerts: string | undefined;
  readonly readable: readonly string[] | undefined;
}

export function launchFactsOf(service: Service, settings: Settings): LaunchFacts {
  const { sid, environmentSid, folder, variables } = service;
  const readable = settings.hardened ? readableFiles(service) : undefined;
  return { sid, environmentSid, folder, extraCaCerts: variables["NODE_EXTRA_CA_CERTS"], readable };
}

/**
 * Where the user of the service's isolates comes from; undefined where they keep the server's.
 * @throws OffhookError `isolate-user-unavailable`
 */
export function usersOf({ users }: MachineBudget, service: Service, settings: Settings): UserSource | undefined {
  const { sid, environmentSid } = service;
  const chosen = chooseIsolateUser({ setting: settings.isolateUser, sid, reads: neededFiles(service) });
  if (chosen.kind === "own") return users.sourceFor(environmentSid);
  return chosen.kind === "named" ? users.sourceOf(chosen.user, environmentSid) : undefined;
}

/** @param prepare where isolates may load no native code, which the transformer of TypeScript is. */
export function setupOf(service: Service, prepare: typeof Preparation.prepare | undefined): ServiceSetup {
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

/** The most isolates that a service has at once. */
export function maxIsolates({ concurrency, isolateConcurrency, spares }: Settings): number {
  return Math.ceil(concurrency / isolateConcurrency) + spares;
}

/** A process of Node has some ten threads, and each counts as one. */
const processesPerIsolate = 64;

function processLimit(settings: Settings): number | undefined {
  const isolates = maxIsolates(settings);
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
