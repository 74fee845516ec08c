/** What an isolate gives up before the first line of user code runs. */
import type { Setup } from "../protocol/messages.ts";

const { closeSync } = process.getBuiltinModule("node:fs");

/** Numbers of descriptors that the server inherited, and that are not ours: see the pool's `launch.ts`. */
export const inheritedVariable = "OFFHOOK_INHERITED_DESCRIPTORS";

/** Closes them, first of all: a file that only root may read, or somebody's lock, can be among them. */
export function closeInherited(): void {
  for (const number of (process.env[inheritedVariable] ?? "").split(" ")) {
    if (number === "") continue;
    try {
      closeSync(Number(number));
    } catch {
      // It is closed already.
    }
  }
}

/**
 * Becomes the service's user. Until here the process was the server's, which lets Offhook's own code lie where only
 * that one can read, and has a welcome effect: the kernel keeps the memory of a process that changed its user from
 * others of the same user, so that one isolate cannot read another.
 * @throws where the system refuses; the isolate must not go on then.
 */
export function becomeUser({ uid, gid }: NonNullable<Setup["user"]>): void {
  process.setgroups?.([]);
  process.setgid?.(gid);
  process.setuid?.(uid);
  if (process.getuid?.() !== uid || process.getgid?.() !== gid)
    throw new Error(`The isolate could not become user ${uid}`);
}
