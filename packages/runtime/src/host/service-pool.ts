/** Makes the pool of one service from its settings: how its isolates are launched, and their setup message. */
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

/** Memory that Node itself needs in an isolate, beyond the heap. */
const nodeOwnMb = 64;
/** Maximum size of a frame without a reply's body and headers: an error, or a piece of output. */
const frameHeadBytes = 4 * 2 ** 20;
/** Maximum size of the parsed part without headers: an error, each part of which the worker truncates. */
const parsedBytes = 2 * 2 ** 20;

export interface ServicePoolOptions extends Pick<
  PoolOptions,
  "budget" | "users" | "keepsSpares" | "onStart" | "onReady" | "onStartGivenUp" | "onCold"
> {
  readonly service: Service;
  readonly eventSource: { readonly service: string; readonly deployment: string } | undefined;
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
  const source = options.eventSource ?? { service: service.sid, deployment: undefined };
  return new Pool({
    service: source.service,
    deployment: source.deployment,
    budget: options.budget,
    users,
    startSlot: inProcesses({
      service: source.service,
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
      // Only for authors, because it costs time and memory.
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

/** Facts that an isolate's process gets at launch, and that cannot change later. */
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
 * The source of the users for the service's isolates. Undefined if they keep the server's user.
 * @throws OffhookError `isolate-user-unavailable`
 */
export function usersOf({ users }: MachineBudget, service: Service, settings: Settings): UserSource | undefined {
  const { sid, environmentSid } = service;
  const chosen = chooseIsolateUser({ setting: settings.isolateUser, sid, reads: neededFiles(service) });
  if (chosen.kind === "own") return users.sourceFor(environmentSid);
  return chosen.kind === "named" ? users.sourceOf(chosen.user, environmentSid) : undefined;
}

/** @param prepare defined for isolates without native code, because the TypeScript transformer is native code. */
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

/** Maximum number of isolates of a service at once. */
export function maxIsolates({ concurrency, isolateConcurrency, spares }: Settings): number {
  return Math.ceil(concurrency / isolateConcurrency) + spares;
}

/** A Node process has about ten threads, and each counts as a process. */
const processesPerIsolate = 64;

function processLimit(settings: Settings): number | undefined {
  const isolates = maxIsolates(settings);
  return Number.isFinite(isolates) ? isolates * processesPerIsolate : undefined;
}

/** Undefined for a user without a home. Isolates then start more slowly. */
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

/** Replaces Infinity, which JSON does not have, with a number that has the same effect. */
function finite(limit: number): number {
  return Math.min(limit, Number.MAX_SAFE_INTEGER);
}
