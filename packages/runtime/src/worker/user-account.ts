/**
 * Describes the user to functions if the system has no entry for it. Without this, `os.userInfo()` throws, and so does
 * `os.homedir()` without a `HOME`. Packages call both while they load.
 */
import type { UserInfo } from "node:os";

/** Called before user code runs, and before `syncBuiltinESMExports` copies replaced functions to ES module exports. */
export function describeUser(username: string): void {
  const os = process.getBuiltinModule("node:os");
  const home = process.env["HOME"] ?? "/tmp";
  const { homedir } = os;
  const { getuid, getgid } = process;
  const toBytes = Buffer.from;
  const uid = getuid?.() ?? -1;
  const gid = getgid?.() ?? -1;
  os.userInfo = ((options?: { encoding?: string } | null): UserInfo<string> | UserInfo<Buffer> => {
    if (options?.encoding !== "buffer") return { uid, gid, username, homedir: home, shell: "/bin/sh" };
    return { uid, gid, username: toBytes(username), homedir: toBytes(home), shell: toBytes("/bin/sh") };
  }) as typeof os.userInfo;
  os.homedir = () => {
    try {
      return homedir();
    } catch {
      return home;
    }
  };
}
