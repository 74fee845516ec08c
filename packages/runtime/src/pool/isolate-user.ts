/**
 * The user that isolates run as. Where the server is root, that is one of the service's own: functions can then neither
 * signal the server nor read its memory or environment, nor reach what belongs to anybody else.
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
  /** `auto`: one of its own where that is possible. `same`: the server's. Else a name or a number, which has to be possible. */
  readonly setting: string;
  /** The service, as notices name it. */
  readonly sid: string;
  /** Files and folders that the user has to be able to read. */
  readonly reads: readonly string[];
}

/** Numbers that neither distributions nor systemd give to anybody. */
const firstUid = 60_706;
const lastUid = 61_183;
/** The capabilities CAP_KILL, CAP_SETGID and CAP_SETUID. */
const needed = 0b1110_0000n;

/**
 * - `same`: the server's.
 * - `own`: one for each environment, of those that `userRange` returns.
 * - `named`: this one.
 */
export type ChosenUser =
  | { readonly kind: "same" }
  | { readonly kind: "own" }
  | { readonly kind: "named"; readonly user: IsolateUser };

/** @throws OffhookError `isolate-user-unavailable` where a certain user is asked for, in vain. */
export function chooseIsolateUser({ setting, sid, reads }: UserChoice): ChosenUser {
  if (setting === "same") return { kind: "same" };
  const isRoot = process.platform === "linux" && process.getuid?.() === 0;
  if (setting === "auto") {
    if (!isRoot) return { kind: "same" };
    // What one of them may do, they all may.
    const [uid = firstUid] = userRange();
    const obstacle = obstacleFor({ uid, gid: uid }, reads);
    if (obstacle === undefined) return { kind: "own" };
    const message = `Isolates run as root, the server's user: ${obstacle}`;
    notices.publish({ service: sid, level: "warn", code: "isolate-user-unavailable", message });
    return { kind: "same" };
  }
  const user = namedUser(setting);
  if (user === undefined) throw new OffhookError("isolate-user-unavailable", `there is no user ${setting}`);
  if (user.uid === process.getuid?.()) return { kind: "same" };
  const obstacle = isRoot
    ? obstacleFor(user, reads)
    : "only root can start processes of another user, and only on Linux";
  if (obstacle !== undefined) throw new OffhookError("isolate-user-unavailable", `${setting}: ${obstacle}`);
  return { kind: "named", user };
}

/** The users that services can have for themselves. In a container's user namespace, not every number stands for somebody. */
export function userRange(): number[] {
  const all = Array.from({ length: lastUid - firstUid + 1 }, (_, index) => firstUid + index);
  const [uids, gids] = [readMap("/proc/self/uid_map"), readMap("/proc/self/gid_map")];
  return all.filter((id) => isMapped(uids, id) && isMapped(gids, id));
}

/** What the system's list of users says of the isolates' one. */
export interface Account {
  readonly name: string;
  /** Whether the list has it: where it does not, the system knows neither a name nor a home. */
  readonly isListed: boolean;
}

/** The name of a user that has none. */
const unlistedName = "offhook";

/** @param user undefined for the server's own. */
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

/** What keeps isolates from running as that user, if anything. */
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

/** The first number and the count of each part. */
type IdMap = readonly (readonly number[])[];

function readMap(path: string): IdMap {
  const lines = readOr(path, "0 0 4294967295").split("\n");
  return lines.map((line) => line.trim().split(/\s+/).map(Number));
}

function isMapped(map: IdMap, id: number): boolean {
  return map.some(([first = 0, , count = 0]) => id >= first && id < first + count);
}

/** The file, or the folder on the way to one, that the user cannot read or pass. Access lists beyond the mode are not seen. */
function hiddenPart(user: IsolateUser, paths: readonly string[]): string | undefined {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let at = dirname(path); !folders.has(at); at = dirname(at)) folders.add(at);
  }
  return [...folders].find((folder) => !mayUse(user, folder, 0o1)) ?? paths.find((path) => !mayUse(user, path, 0o4));
}

/** Whether the user may pass the folder, and all that it is in. */
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
