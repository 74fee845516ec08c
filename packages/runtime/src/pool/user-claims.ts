/**
 * Records which environment has which user, where all servers of the machine see it: in a folder that only root can
 * use, with one file for each claim. A file outlives its claim, because it says whose files that user may have left
 * behind.
 *
 * A server first makes its file, and then checks whether another server has one for the same user. If two servers claim
 * the same user at once, at least one sees the other and withdraws. The name of the file contains the number and start
 * time of the process that holds the claim, so a server that was killed holds nothing.
 *
 * Not every server can write to the same folders: a systemd service may see most of them read-only. Each server reads
 * every folder.
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

/**
 * The first folder survives a restart of the machine, like files in `/var/tmp`. So an environment gets its user and its
 * files back.
 */
const defaultFolders = ["/var/lib/offhook-users", "/run/offhook-users", "/tmp/offhook-users"];

export interface ClaimRecord {
  readonly uid: number;
  readonly environment: string;
  /** Whether the server that made the claim still runs. */
  readonly isHeld: boolean;
  /** Path of its file. */
  readonly path: string;
}

export interface Claim {
  readonly uid: number;
  release(): void;
}

/** Number of claims made by this process. Two servers in it have separate claims. */
let claimsMade = 0;

export class UserClaims {
  readonly #folders: readonly string[];
  /** Claims of this process, used if no folder is usable. */
  readonly #unwritten = new Map<number, ClaimRecord>();

  constructor(folders: readonly string[] = defaultFolders) {
    this.#folders = folders;
  }

  /** Empty if a folder cannot be read now. Then nothing can be claimed. */
  list(): ClaimRecord[] {
    try {
      return [...this.#read(), ...this.#unwritten.values()];
    } catch {
      return [];
    }
  }

  /**
   * @param seen the list from before the check whether the user is free.
   * @returns undefined if another server was faster, or if the claim cannot be recorded now.
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
      // An unknown record means that the user was claimed and released meanwhile. Nobody checked for its new traces.
      if (!others.some((other) => other.isHeld || !knownPaths.has(other.path))) {
        for (const other of others) remove(other.path);
        return { uid, release: () => release(path as string, `${uid}.${environment}`) };
      }
    } catch {
      // No descriptor is free, or the disk is full.
    }
    if (path !== undefined) remove(path);
    return undefined;
  }

  /** @param uid the user of the records. Undefined: all users. @throws if an existing folder cannot be read. */
  #read(uid?: number): ClaimRecord[] {
    return this.#folders.filter(isSafe).flatMap((folder) => recordsIn(folder, uid));
  }

  /** When the claim was made or released, in milliseconds since 1970. 0 if there was none. */
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
    // The folder exists already, perhaps because another server has just made it. Or it cannot be made.
  }
  try {
    // On a read-only mount, not even root may write.
    accessSync(folder, constants.W_OK);
    return isSafe(folder);
  } catch {
    return false;
  }
}

/** Only such a folder can be trusted: no other user has made it or can write to it. */
function isSafe(folder: string): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === process.geteuid?.() && (stats.mode & 0o077) === 0;
}

/** @param uid the user of the records. Undefined: all users. */
function recordsIn(folder: string, uid?: number): ClaimRecord[] {
  const names = readdirSync(folder);
  const wanted = uid === undefined ? names : names.filter((name) => name.startsWith(`${uid}.`));
  return wanted.flatMap((name) => recordOf(folder, name) ?? []);
}

/** The name is `60706.ZE…` for a released claim, and `60706.ZE….PID.START.NUMBER` for one that may be held. */
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
  // The process is gone, or this process has no free descriptor to read its start time.
  return facts === undefined ? existsSync(`/proc/${pid}`) : startedAt === `${boot}_${facts.startedAt}`;
}

let knownBootId: string | undefined;

/**
 * Changes when the machine restarts. The numbers and start times of processes, which count from the restart, may
 * repeat.
 * @throws if this process has no free descriptor.
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

/** @throws if this process has no free descriptor. */
function ownStart(): string {
  if (knownOwnStart !== undefined) return knownOwnStart;
  const facts = factsOf(process.pid);
  if (facts === undefined) throw new Error("the start time of this process is unknown");
  return (knownOwnStart = `${bootId()}_${facts.startedAt}`);
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Another server has removed the file, it was never made, or its folder is read-only.
  }
}

/** A name without a process means that nobody holds the claim. */
function release(path: string, freeName: string): void {
  try {
    renameSync(path, join(dirname(path), freeName));
  } catch {
    // The folder has been cleared.
  }
}
