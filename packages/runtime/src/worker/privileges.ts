/** Privileges that an isolate gives up before user code runs: inherited descriptors, and the server's user. */
import type { Setup } from "../protocol/messages.ts";

const { closeSync } = process.getBuiltinModule("node:fs");

/** Lists the descriptors that the server inherited from its own parent; see the pool's `launch.ts`. */
export const inheritedVariable = "OFFHOOK_INHERITED_DESCRIPTORS";

/** Closes them before anything else. One may be a file that only root can read, or a lock of another program. */
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
 * Changes to the service's user. Until now the process ran as the server's user, so Offhook's code can be in a folder
 * that only the server can read. This also protects memory: after a change of user, the kernel denies other processes
 * of that user access to the process's memory. So one isolate cannot read another.
 * @throws if the system refuses. The isolate must not continue then.
 */
export function becomeUser({ uid, gid }: NonNullable<Setup["user"]>): void {
  process.setgroups?.([]);
  process.setgid?.(gid);
  process.setuid?.(uid);
  if (process.getuid?.() !== uid || process.getgid?.() !== gid)
    throw new Error(`The isolate could not become user ${uid}`);
}
