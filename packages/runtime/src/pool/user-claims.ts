/**
 * Which environment has which user, written down where all servers of the machine see it: a folder that only root can use, with
 * one file for each claim. A file outlives its claim: it says whose files that user may have left behind.
 *
 * A server first makes its file, and then looks whether another server has one for the same user. So of two that claim the same
 * user at once, at least one sees the other, and gives way. Its name says which process holds it, and when that started, so a
 * server that was killed holds nothing.
 */
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { factsOf } from "./process-stats.ts";

/** The first goes when the machine is restarted, as processes do. */
const defaultFolders = ["/run/offhook-users", "/tmp/offhook-users"];

export interface ClaimRecord {
  readonly uid: number;
  readonly environment: string;
  /** Whether the server lives that has it. */
  readonly isHeld: boolean;
  /** Of the file. */
  readonly name: string;
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

  /** Empty where the folder cannot be read now: nothing can be claimed then. */
  list(): ClaimRecord[] {
    const folder = this.#folder();
    if (folder === undefined) return [...this.#unwritten.values()];
    try {
      return recordsIn(folder);
    } catch {
      return [];
    }
  }

  /**
   * @param seen what was listed before anybody looked whether the user is free.
   * @returns undefined where another server was faster, or where the claim cannot be written down now.
   */
  claim(uid: number, environment: string, seen: readonly ClaimRecord[]): Claim | undefined {
    const folder = this.#folder();
    if (folder === undefined) return this.#claimUnwritten(uid, environment);
    const name = [uid, environment, process.pid, ownStart(), ++claimsMade].join(".");
    const known = new Set(seen.map((record) => record.name));
    try {
      writeFileSync(join(folder, name), "", { flag: "wx", mode: 0o600 });
      const others = recordsIn(folder, uid).filter((record) => record.name !== name);
      // An unknown record means that the user was claimed and released meanwhile. Its traces were not looked for.
      if (!others.some((other) => other.isHeld || !known.has(other.name))) {
        for (const other of others) remove(folder, other.name);
        return { uid, release: () => rename(folder, name, `${uid}.${environment}`) };
      }
    } catch {
      // No descriptor, or no room on the disk.
    }
    remove(folder, name);
    return undefined;
  }

  /** When a claim was made or given back, in milliseconds since 1970; 0 where there was none. */
  changedAt(record: ClaimRecord | undefined): number {
    const folder = this.#folder();
    if (record === undefined || folder === undefined) return 0;
    return lstatSync(join(folder, record.name), { throwIfNoEntry: false })?.ctimeMs ?? 0;
  }

  #claimUnwritten(uid: number, environment: string): Claim | undefined {
    if (this.#unwritten.get(uid)?.isHeld === true) return undefined;
    this.#unwritten.set(uid, { uid, environment, isHeld: true, name: "" });
    return { uid, release: () => void this.#unwritten.set(uid, { uid, environment, isHeld: false, name: "" }) };
  }

  #folder(): string | undefined {
    return this.#folders.find(isUsable);
  }
}

/** Makes the folder if it is missing. A folder that another user made, or can write to, is not safe. */
function isUsable(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch {
    // It is there already, perhaps made by another server just now. Or it cannot be made.
  }
  try {
    // Even root may not, where it is mounted read-only.
    accessSync(folder, constants.W_OK);
    const stats = lstatSync(folder);
    return stats.isDirectory() && stats.uid === process.geteuid?.() && (stats.mode & 0o077) === 0;
  } catch {
    return false;
  }
}

/** @param uid of those; undefined: all. */
function recordsIn(folder: string, uid?: number): ClaimRecord[] {
  const names = readdirSync(folder);
  const wanted = uid === undefined ? names : names.filter((name) => name.startsWith(`${uid}.`));
  return wanted.flatMap((name) => recordOf(name) ?? []);
}

/** `60706.ZE…` of one that was given back, `60706.ZE….PID.START.NUMBER` of one that may be held. */
function recordOf(name: string): ClaimRecord | undefined {
  const [uid, environment, pid, startedAt] = name.split(".");
  if (environment === undefined || !/^\d+$/.test(uid ?? "")) return undefined;
  const isHeld = pid !== undefined && isLive(Number(pid), startedAt);
  return { uid: Number(uid), environment, isHeld, name };
}

function isLive(pid: number, startedAt: string | undefined): boolean {
  const start = pid === process.pid ? ownStart() : factsOf(pid)?.startedAt;
  // It is gone, or this process has no descriptor left to read when it started.
  return start === undefined ? existsSync(`/proc/${pid}`) : start === startedAt;
}

let knownOwnStart: string | undefined;

function ownStart(): string {
  return (knownOwnStart ??= factsOf(process.pid)?.startedAt ?? "");
}

function remove(folder: string, name: string): void {
  try {
    unlinkSync(join(folder, name));
  } catch {
    // Another server has removed it, or it was never made.
  }
}

function rename(folder: string, name: string, to: string): void {
  try {
    renameSync(join(folder, name), join(folder, to));
  } catch {
    // The folder has been cleared.
  }
}
