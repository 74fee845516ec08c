/**
 * The user that isolates run as. If the server is root, each service gets its own user. Then functions cannot signal
 * the server, read its memory or environment, or access files and processes of other users.
 */
import { readFileSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { OffhookError } from "../offhook-error.ts";
import { notices } from "../observe/channels.ts";

export interface IsolateUser {
  readonly uid: number;
  readonly gid: number;
}

export interface UserChoice {
  /**
   * `auto`: a user of its own if possible. `same`: the server's user. Any other text is a name or a number, and
   * that user must be usable.
   */
  readonly setting: string;
  /** The service's name in notices. */
  readonly sid: string;
  /** Files and folders that the user must be able to read. */
  readonly reads: readonly string[];
}

/** The range of numbers that neither distributions nor systemd assign. */
const firstUid = 60_706;
const lastUid = 61_181;
/** The users of a server of many services, from the same range. No isolate gets them. */
const serviceUid = 61_182;
const buildUid = 61_183;
/** The capabilities CAP_KILL, CAP_SETGID and CAP_SETUID. */
const needed = 0b1110_0000n;

/**
 * - `same`: the server's user.
 * - `own`: one user for each environment, from `userRange`.
 * - `named`: this user.
 */
export type ChosenUser =
  | { readonly kind: "same" }
  | { readonly kind: "own" }
  | { readonly kind: "named"; readonly user: IsolateUser };

/** @throws OffhookError `isolate-user-unavailable` if the setting names a user that cannot be used. */
export function chooseIsolateUser({ setting, sid, reads }: UserChoice): ChosenUser {
  if (setting === "same") return { kind: "same" };
  const isRoot = process.platform === "linux" && process.getuid?.() === 0;
  if (setting === "auto") {
    if (!isRoot) return { kind: "same" };
    // All users of the range have the same permissions, so testing one is enough.
    const [uid = firstUid] = userRange();
    const obstacle = obstacleFor({ uid, gid: uid }, reads);
    if (obstacle === undefined) return { kind: "own" };
    const message = `Isolates run as root, the server's user: ${obstacle}`;
    notices.publish({ service: sid, level: "warn", code: "isolate-user-unavailable", message });
    return { kind: "same" };
  }
  const user = namedUser(setting);
  if (user === undefined) throw new OffhookError("isolate-user-unavailable", `user ${setting} does not exist`);
  if (user.uid === process.getuid?.()) return { kind: "same" };
  const obstacle = isRoot
    ? obstacleFor(user, reads)
    : "only root can start processes of another user, and only on Linux";
  if (obstacle !== undefined) throw new OffhookError("isolate-user-unavailable", `${setting}: ${obstacle}`);
  return { kind: "named", user };
}

/**
 * The users as which a server of many services runs what needs no privileges: its database and API, and the programs of
 * builds. Undefined if the server is not root: then everything runs as its own user.
 */
export function serviceUsers(): { readonly service: IsolateUser; readonly build: IsolateUser } | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  const [uids, gids] = [readMap("/proc/self/uid_map"), readMap("/proc/self/gid_map")];
  if (![serviceUid, buildUid].every((id) => isMapped(uids, id) && isMapped(gids, id))) return undefined;
  return { service: { uid: serviceUid, gid: serviceUid }, build: { uid: buildUid, gid: buildUid } };
}

/** The users that services can have to themselves. In a container's user namespace, some numbers are not mapped. */
export function userRange(): number[] {
  const all = Array.from({ length: lastUid - firstUid + 1 }, (_, index) => firstUid + index);
  const [uids, gids] = [readMap("/proc/self/uid_map"), readMap("/proc/self/gid_map")];
  return all.filter((id) => isMapped(uids, id) && isMapped(gids, id));
}

/** The isolates' user, in the system's list of users. */
export interface Account {
  readonly name: string;
  /** Whether the list has the user. If not, the system knows neither a name nor a home. */
  readonly isListed: boolean;
}

/** The name of a user without one in the list. */
const unlistedName = "offhook";

/** @param user undefined for the server's user. */
export function accountOf(user: IsolateUser | undefined): Account {
  const name = user === undefined ? ownName() : listedName(user.uid);
  return { name: name ?? unlistedName, isListed: name !== undefined };
}

function ownName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

function listedName(wanted: number): string | undefined {
  for (const line of readOr("/etc/passwd", "").split("\n")) {
    const [name, , uid] = line.split(":");
    if (Number(uid) === wanted && name !== undefined && name !== "") return name;
  }
  return undefined;
}

function namedUser(setting: string): IsolateUser | undefined {
  const isNumber = /^\d+$/.test(setting);
  for (const line of readOr("/etc/passwd", "").split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if ((isNumber ? uid : name) === setting) return { uid: Number(uid), gid: Number(gid) };
  }
  return isNumber ? { uid: Number(setting), gid: Number(setting) } : undefined;
}

/** The reason why isolates cannot run as this user. Undefined if they can. */
function obstacleFor(user: IsolateUser, reads: readonly string[]): string | undefined {
  const capabilities = /^CapEff:\s*([0-9a-f]+)/m.exec(readOr("/proc/self/status", ""))?.[1];
  if ((BigInt(`0x${capabilities ?? "0"}`) & needed) !== needed) {
    return "the server lacks the capabilities CAP_KILL, CAP_SETGID or CAP_SETUID";
  }
  if (!isMapped(readMap("/proc/self/uid_map"), user.uid) || !isMapped(readMap("/proc/self/gid_map"), user.gid)) {
    return `user ${user.uid} does not exist in this container`;
  }
  const hidden = hiddenPart(user, reads);
  return hidden === undefined ? undefined : `user ${user.uid} may not read ${hidden}`;
}

/** The first number and the count of each mapped range. */
type IdMap = readonly (readonly number[])[];

function readMap(path: string): IdMap {
  const lines = readOr(path, "0 0 4294967295").split("\n");
  return lines.map((line) => line.trim().split(/\s+/).map(Number));
}

function isMapped(map: IdMap, id: number): boolean {
  return map.some(([first = 0, , count = 0]) => id >= first && id < first + count);
}

/** A file that the user cannot read, or a folder above it that they cannot enter. Only looks at modes, not at ACLs. */
function hiddenPart(user: IsolateUser, paths: readonly string[]): string | undefined {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let at = dirname(path); !folders.has(at); at = dirname(at)) folders.add(at);
  }
  return [...folders].find((folder) => !mayUse(user, folder, 0o1)) ?? paths.find((path) => !mayUse(user, path, 0o4));
}

/** Whether the user may enter the folder and all folders above it. */
export function mayEnter(user: IsolateUser, folder: string): boolean {
  return foldersAbove(join(folder, ".any")).every((each) => mayUse(user, each, 0o1));
}

function foldersAbove(path: string): string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...foldersAbove(folder)];
}

function mayUse({ uid, gid }: IsolateUser, path: string, bit: number): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  const shift = stats.uid === uid ? 6 : stats.gid === gid ? 3 : 0;
  const wanted = stats.isDirectory() && bit === 0o4 ? 0o5 : bit;
  return ((stats.mode >> shift) & wanted) === wanted;
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return fallback;
  }
}
