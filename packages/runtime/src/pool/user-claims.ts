/**
 * Which environment has which user, written down where all servers of the machine see it: a folder that only root can use, with
 * one file for each claim. A file outlives its claim: it says whose files that user may have left behind.
 *
 * A server first makes its file, and then looks whether another server has one for the same user. So of two that claim the same
 * user at once, at least one sees the other, and gives way. The name of the file says which process holds the claim, and when that
 * process started, so a server that was killed holds nothing.
 *
 * Servers may have different folders that they can write to, such as a service of systemd that sees most of them read-only. Each
 * server reads all of the folders.
 */
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { factsOf } from "./process-stats.ts";

/** The first one lasts when the machine restarts, as files in `/var/tmp` do: an environment finds its user, and its files, again. */
const defaultFolders = ["/var/lib/offhook-users", "/run/offhook-users", "/tmp/offhook-users"];

export interface ClaimRecord {
  readonly uid: number;
  readonly environment: string;
  /** Whether the server lives that has it. */
  readonly isHeld: boolean;
  /** Of its file. */
  readonly path: string;
}

export interface Claim {
  readonly uid: number;
  release(): void;
}

/** Of this process: two servers in it have claims of their own. */
let claimsMade = 0;

export class UserClaims {
  readonly #folders: readonly string[];
  /** The claims of this process where no folder can be used. */
  readonly #unwritten = new Map<number, ClaimRecord>();

  constructor(folders: readonly string[] = defaultFolders) {
    this.#folders = folders;
  }

  /** Empty where a folder cannot be read now: nothing can be claimed then. */
  list(): ClaimRecord[] {
    try {
      return [...this.#read(), ...this.#unwritten.values()];
    } catch {
      return [];
    }
  }

  /**
   * @param seen what was listed before anybody looked whether the user is free.
   * @returns undefined where another server was faster, or where the claim cannot be written down now.
   */
  claim(uid: number, environment: string, seen: readonly ClaimRecord[]): Claim | undefined {
    const folder = this.#folders.find(isUsable);
    if (folder === undefined) return this.#claimUnwritten(uid, environment);
    const knownPaths = new Set(seen.map((record) => record.path));
    let path: string | undefined;
    try {
      path = join(folder, [uid, environment, process.pid, ownStart(), ++claimsMade].join("."));
      writeFileSync(path, "", { flag: "wx", mode: 0o600 });
      const others = this.#read(uid).filter((record) => record.path !== path);
      // An unknown record means that the user was claimed and released meanwhile. Its traces were not looked for.
      if (!others.some((other) => other.isHeld || !knownPaths.has(other.path))) {
        for (const other of others) remove(other.path);
        return { uid, release: () => release(path as string, `${uid}.${environment}`) };
      }
    } catch {
      // No descriptor, or no room on the disk.
    }
    if (path !== undefined) remove(path);
    return undefined;
  }

  /** @param uid of those; undefined: all. @throws where a folder that is there cannot be read. */
  #read(uid?: number): ClaimRecord[] {
    return this.#folders.filter(isSafe).flatMap((folder) => recordsIn(folder, uid));
  }

  /** When a claim was made or given back, in milliseconds since 1970; 0 where there was none. */
  changedAt(record: ClaimRecord | undefined): number {
    if (record === undefined || record.path === "") return 0;
    return lstatSync(record.path, { throwIfNoEntry: false })?.ctimeMs ?? 0;
  }

  #claimUnwritten(uid: number, environment: string): Claim | undefined {
    if (this.#unwritten.get(uid)?.isHeld === true) return undefined;
    this.#unwritten.set(uid, { uid, environment, isHeld: true, path: "" });
    return { uid, release: () => void this.#unwritten.set(uid, { uid, environment, isHeld: false, path: "" }) };
  }
}

/** Makes the folder if it is missing. */
function isUsable(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch {
    // It is there already, perhaps made by another server just now. Or it cannot be made.
  }
  try {
    // Even root may not, where it is mounted read-only.
    accessSync(folder, constants.W_OK);
    return isSafe(folder);
  } catch {
    return false;
  }
}

/** A folder that another user made, or can write to, may say anything. */
function isSafe(folder: string): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === process.geteuid?.() && (stats.mode & 0o077) === 0;
}

/** @param uid of those; undefined: all. */
function recordsIn(folder: string, uid?: number): ClaimRecord[] {
  const names = readdirSync(folder);
  const wanted = uid === undefined ? names : names.filter((name) => name.startsWith(`${uid}.`));
  return wanted.flatMap((name) => recordOf(folder, name) ?? []);
}

/** `60706.ZE…` of one that was given back, `60706.ZE….PID.START.NUMBER` of one that may be held. */
function recordOf(folder: string, name: string): ClaimRecord | undefined {
  const [uid, environment, pid, startedAt] = name.split(".");
  if (environment === undefined || !/^\d+$/.test(uid ?? "")) return undefined;
  const isHeld = pid !== undefined && isLive(Number(pid), startedAt);
  return { uid: Number(uid), environment, isHeld, path: join(folder, name) };
}

function isLive(pid: number, startedAt: string | undefined): boolean {
  if (pid === process.pid) return startedAt === ownStart();
  const [boot] = (startedAt ?? "").split("_");
  if (boot !== bootId()) return false;
  const facts = factsOf(pid);
  // It is gone, or this process has no descriptor left to read when it started.
  return facts === undefined ? existsSync(`/proc/${pid}`) : startedAt === `${boot}_${facts.startedAt}`;
}

let knownBootId: string | undefined;

/**
 * Changes when the machine restarts. The numbers of processes, and when they started after that, may be the same each time.
 * @throws where this process has no descriptor left.
 */
function bootId(): string {
  return (knownBootId ??= readBootId());
}

function readBootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

let knownOwnStart: string | undefined;

/** @throws where this process has no descriptor left. */
function ownStart(): string {
  if (knownOwnStart !== undefined) return knownOwnStart;
  const facts = factsOf(process.pid);
  if (facts === undefined) throw new Error("the system does not say when this process started");
  return (knownOwnStart = `${bootId()}_${facts.startedAt}`);
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Another server has removed it, it was never made, or its folder is read-only.
  }
}

/** The name without a process says that nobody holds the claim. */
function release(path: string, freeName: string): void {
  try {
    renameSync(path, join(dirname(path), freeName));
  } catch {
    // The folder has been cleared.
  }
}
