/**
 * Makes builds. The rows with the status `building` are the queue: a builder claims one for some time, and renews the
 * claim while it works. If it is killed, another one claims the build when that time is over.
 */
import { randomBytes } from "node:crypto";
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { sql } from "kysely";
import { invalidParameter, unavailable } from "../api-error.ts";
import type { FolderStore } from "../artefacts/folder-store.ts";
import { removeTree } from "../artefacts/remove-tree.ts";
import type { BuildTask, BuildTaskResult, ExamineResult, TenantSpec } from "../link/messages.ts";
import type { Clock } from "../store/clock.ts";
import type { Row } from "../store/schema.ts";
import type { Store } from "../store/store.ts";
import type { Builder, RequestedDependency, ResolvedDependencies, ResolveRequest } from "./builder.ts";
import { handlerPackage } from "./dependency-rules.ts";
import { lockHashOf, publishSet } from "./dependency-sets.ts";
import { findLayout, layOut, type LayoutContent } from "./layout.ts";
import type { ResolveOutput } from "./programs/resolve-program.ts";

const leaseMs = 30_000;
/** Another builder's claim may end meanwhile. */
const pollMs = 5_000;
const resolveLimits = { timeoutMs: 30_000, memoryMb: 512, diskMb: 100 };
const installLimits = { timeoutMs: 120_000, memoryMb: 1024, diskMb: 1024 };
/** Builds that are made at once. The others wait. */
const maxBuilders = 2;
/** Programs that run at once. The others wait. */
const maxTasks = 2;
const maxLockBytes = 50 * 2 ** 20;
const maxReasonLength = 4000;

export interface BuildQueueOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly artefacts: FolderStore;
  readonly dataFolder: string;
  /** The default first. */
  readonly runtimes: readonly string[];
  readonly allowedScripts: readonly string[];
  readonly runTask: (task: BuildTask) => Promise<BuildTaskResult>;
  readonly examine: (spec: TenantSpec) => Promise<ExamineResult>;
  /** Makes the tenant of the health check. */
  readonly specOf: (build: Row<"build">, folder: string) => Promise<TenantSpec>;
}

export class BuildQueue implements Builder {
  readonly runtimes: readonly string[];
  readonly #options: BuildQueueOptions;
  readonly #timer: NodeJS.Timeout;
  /** Installations in progress, by the hash of their lock. */
  readonly #installing = new Map<string, Promise<string>>();
  readonly #waiting: (() => void)[] = [];
  #tasks = 0;
  readonly #builders = new Set<Promise<void>>();
  #isWanted = false;
  #isStopped = false;

  constructor(options: BuildQueueOptions) {
    this.#options = options;
    this.runtimes = options.runtimes;
    this.#timer = setInterval(() => this.wake(), pollMs).unref();
  }

  async resolve(request: ResolveRequest): Promise<ResolvedDependencies> {
    const wanted = request.dependencies.filter(({ name }) => name !== handlerPackage);
    // The platform brings its handler along.
    const given = request.dependencies
      .filter(({ name }) => name === handlerPackage)
      .map((each) => ({ ...each, resolved: each.version }));
    if (wanted.length === 0) return { lockHash: null, dependencies: given };
    const known = await this.#lastResolution(request, wanted);
    if (known !== undefined) return { ...known, dependencies: [...known.dependencies, ...given] };
    const result = await this.#runTask("resolve", { dependencies: specsOf(wanted) });
    if (!result.ok) throw refusalOf(result);
    const { lock, versions } = result.output as ResolveOutput;
    const { accountSid, runtime } = request;
    const lockHash = lockHashOf({ lock, runtime, isPrivate: result.isPrivate, accountSid });
    await this.#rememberLock(lockHash, lock);
    const dependencies = wanted.map((each) => ({ ...each, resolved: versions[each.name] ?? "" }));
    return { lockHash, dependencies: [...dependencies, ...given] };
  }

  /** While a service's list does not change, its last lock is used, so that building again changes nothing. */
  async #lastResolution(
    { serviceSid, runtime }: ResolveRequest,
    wanted: readonly RequestedDependency[],
  ): Promise<ResolvedDependencies | undefined> {
    const { store } = this.#options;
    const build = await store
      .selectFrom("build")
      .innerJoin("dependency_set", "dependency_set.lock_hash", "build.lock_hash")
      .select(["build.sid", "build.lock_hash"])
      .where("build.service_sid", "=", serviceSid)
      .where("build.runtime", "=", runtime)
      .where("build.status", "=", "completed")
      .orderBy("build.created_at", "desc")
      .limit(1)
      .executeTakeFirst();
    if (build === undefined) return undefined;
    const rows = await store
      .selectFrom("build_dependency")
      .selectAll()
      .where("build_sid", "=", build.sid)
      .where("name", "!=", handlerPackage)
      .execute();
    const before = new Map(rows.map((row) => [row.name, row]));
    const isSame =
      rows.length === wanted.length && wanted.every(({ name, version }) => before.get(name)?.requested === version);
    if (!isSame) return undefined;
    const dependencies = wanted.map((each) => ({ ...each, resolved: before.get(each.name)?.resolved ?? "" }));
    return { lockHash: build.lock_hash, dependencies };
  }

  async #rememberLock(lockHash: string, lock: string): Promise<void> {
    const { store, artefacts, clock } = this.#options;
    const { sha256 } = await artefacts.put(Readable.from([Buffer.from(lock)]), maxLockBytes);
    const now = clock.next();
    await store
      .insertInto("dependency_set")
      .values({ lock_hash: lockHash, lock_sha256: sha256, folder: null, bytes: 0, created_at: now, last_used_at: now })
      .onConflict((conflict) => conflict.column("lock_hash").doUpdateSet({ last_used_at: now }))
      .execute();
  }

  /**
   * Puts back what an earlier process had claimed. Only one control process at a time uses a data folder, so nothing
   * works on these builds any more.
   */
  async takeOver(): Promise<void> {
    await this.#options.store
      .updateTable("build")
      .set({ claimed_until: null })
      .where("status", "=", "building")
      .execute();
  }

  wake(): void {
    if (this.#isStopped) return;
    this.#isWanted = true;
    if (this.#builders.size >= maxBuilders) return;
    const builder = this.#work().finally(() => this.#builders.delete(builder));
    this.#builders.add(builder);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await Promise.all(this.#builders);
  }

  async #work(): Promise<void> {
    while (this.#isWanted && !this.#isStopped) {
      this.#isWanted = false;
      // A database that is away for a moment leaves the queue as it is.
      const build = await this.#claim().catch(() => undefined);
      if (build === undefined) continue;
      this.#isWanted = true;
      await this.#make(build);
    }
  }

  async #claim(): Promise<Row<"build"> | undefined> {
    const { store, clock } = this.#options;
    const now = clock.next();
    const next = store
      .selectFrom("build")
      .select("sid")
      .where("status", "=", "building")
      .where((row) => row.or([row("claimed_until", "is", null), row("claimed_until", "<", now)]))
      .orderBy("created_at")
      .limit(1);
    return await store
      .updateTable("build")
      .set({ claimed_until: now + leaseMs })
      .where("sid", "=", next)
      .returningAll()
      .executeTakeFirst();
  }

  async #make(build: Row<"build">): Promise<void> {
    const renewal = setInterval(() => void this.#renew(build.sid), leaseMs / 3);
    try {
      const folder = await this.ensureLaidOut(build.sid);
      const { failures } = await this.#options.examine(await this.#options.specOf(build, folder));
      const warnings = failures.map(({ path, message }) => `${path} does not load: ${message}`);
      await this.#end(build.sid, { status: "completed", warnings: JSON.stringify(warnings) });
    } catch (error) {
      // The next process makes the build.
      if (this.#isStopped) return;
      const reason = (error as Error).message.slice(0, maxReasonLength);
      await this.#end(build.sid, { status: "failed", reason }).catch(() => undefined);
    } finally {
      clearInterval(renewal);
    }
  }

  async #renew(sid: string): Promise<void> {
    const { store } = this.#options;
    await store
      .updateTable("build")
      .set({ claimed_until: Date.now() + leaseMs })
      .where("sid", "=", sid)
      .where("status", "=", "building")
      .execute()
      .catch(() => undefined);
  }

  async #end(sid: string, change: Partial<Pick<Row<"build">, "status" | "reason" | "warnings">>): Promise<void> {
    const { store, clock } = this.#options;
    await store
      .updateTable("build")
      .set({ ...change, claimed_until: null, updated_at: clock.next() })
      .where("sid", "=", sid)
      .execute();
  }

  /**
   * Installs the dependencies and lays out the files of a build, unless that was done.
   * @returns the absolute path of the build's folder.
   * @throws Error in words for people.
   */
  async ensureLaidOut(buildSid: string): Promise<string> {
    const { store, artefacts, dataFolder } = this.#options;
    const folders = { builds: join(dataFolder, "builds"), staging: join(dataFolder, "staging") };
    const found = await findLayout(buildSid, folders);
    if (found !== undefined) return found;
    const versions = await store
      .selectFrom("build_version")
      .innerJoin("version", "version.sid", "build_version.version_sid")
      .selectAll("version")
      .where("build_version.build_sid", "=", buildSid)
      .execute();
    const dependencies = await store
      .selectFrom("build_dependency")
      .selectAll()
      .where("build_sid", "=", buildSid)
      .execute();
    const { lock_hash: lockHash } = await store
      .selectFrom("build")
      .select("lock_hash")
      .where("sid", "=", buildSid)
      .executeTakeFirstOrThrow();
    const content: LayoutContent = {
      buildSid,
      versions,
      dependencies: Object.fromEntries(dependencies.map(({ name, resolved }) => [name, resolved ?? "*"])),
      modules: lockHash === null ? undefined : await this.#ensureInstalled(lockHash, dependencies),
    };
    return await layOut(content, artefacts, folders);
  }

  /** Builds with the same lock wait for one installation. */
  async #ensureInstalled(lockHash: string, dependencies: readonly Row<"build_dependency">[]): Promise<string> {
    let installation = this.#installing.get(lockHash);
    if (installation === undefined) {
      installation = this.#install(lockHash, dependencies).finally(() => this.#installing.delete(lockHash));
      this.#installing.set(lockHash, installation);
    }
    return await installation;
  }

  async #install(lockHash: string, dependencies: readonly Row<"build_dependency">[]): Promise<string> {
    const { store, artefacts, dataFolder, allowedScripts, clock } = this.#options;
    const sets = join(dataFolder, "dependencies");
    const known = await store
      .selectFrom("dependency_set")
      .selectAll()
      .where("lock_hash", "=", lockHash)
      .executeTakeFirstOrThrow();
    // A restored backup has the locks, but not the packages.
    if (known.folder !== null && (await exists(join(sets, known.folder)))) {
      return join(sets, known.folder, "node_modules");
    }
    const lock = await text(await artefacts.get(known.lock_sha256));
    const wanted = dependencies.filter(({ name }) => name !== handlerPackage);
    const input = { lock, allowedScripts, dependencies: requestedOf(wanted) };
    return await this.#inTaskFolder(async (folder) => {
      const result = await this.#options.runTask({ program: "install", input, folder, ...installLimits });
      if (!result.ok) throw new Error(`The dependencies could not be installed. ${result.reason}`);
      const published = await publishSet(folder, sets);
      await store
        .updateTable("dependency_set")
        .set({ folder: published.folder, bytes: published.bytes, last_used_at: clock.next() })
        .where("lock_hash", "=", lockHash)
        .execute();
      return join(sets, published.folder, "node_modules");
    });
  }

  async #runTask(program: BuildTask["program"], input: object): Promise<BuildTaskResult> {
    return await this.#inTaskFolder((folder) =>
      this.#options.runTask({ program, input, folder, ...(program === "resolve" ? resolveLimits : installLimits) }),
    );
  }

  async #inTaskFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
    if (this.#tasks < maxTasks) this.#tasks += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await this.#inNewFolder(use);
    } finally {
      // The place goes to the one that has waited longest.
      const next = this.#waiting.shift();
      if (next === undefined) this.#tasks -= 1;
      else next();
    }
  }

  async #inNewFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
    const folder = join(this.#options.dataFolder, "staging", `task-${randomBytes(12).toString("hex")}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      return await use(folder);
    } finally {
      await removeTree(folder).catch(() => undefined);
    }
  }
}

/** Number of builds that wait or run. */
export async function countBuilding(store: Store): Promise<number> {
  const { count } = await store
    .selectFrom("build")
    .select(sql<number>`count(*)`.as("count"))
    .where("status", "=", "building")
    .executeTakeFirstOrThrow();
  return count;
}

function specsOf(dependencies: readonly RequestedDependency[]): Record<string, string> {
  return Object.fromEntries(dependencies.map(({ name, version }) => [name, version]));
}

function requestedOf(dependencies: readonly Row<"build_dependency">[]): Record<string, string> {
  return Object.fromEntries(dependencies.map(({ name, requested }) => [name, requested]));
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

function refusalOf({ reason, isNetwork }: Extract<BuildTaskResult, { ok: false }>): Error {
  if (isNetwork) {
    return unavailable(`The registry of the dependencies cannot be reached. ${reason} Try again later.`, 30);
  }
  return invalidParameter(`The dependencies cannot be resolved. ${reason}`);
}
