/**
 * The user as functions see it, where the system's list has no entry for it. `os.userInfo()` throws there, and so does
 * `os.homedir()` without a `HOME`. Packages ask for both while they load.
 */
import type { UserInfo } from "node:os";

/** Before user code runs, and before the exports of Node's modules are brought in step with what was replaced. */
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
