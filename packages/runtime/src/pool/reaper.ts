/**
 * Ends isolates whose gateway is gone without having said goodbye. An isolate notices that itself when its pipe
 * closes, but not while its loop is busy: `while (true)` would go on for ever. So a shell, which is small and does
 * nothing else, reads the numbers of the process groups there are, and kills them when its own pipe closes.
 */
import { spawn, type ChildProcess } from "node:child_process";

/** `+ 12` and `- 12` are groups that begin and end. */
const script = `
groups=
while read -r what group; do
  case $what in
    +) groups="$groups $group" ;;
    -)
      rest=
      for each in $groups; do [ "$each" = "$group" ] || rest="$rest $each"; done
      groups=$rest
      ;;
  esac
done
for each in $groups; do kill -9 "-$each" 2>/dev/null; done`;

export class Reaper {
  #shell: ChildProcess | undefined;
  #isStopped = false;

  /** The process leads a group, which must not outlive this process. */
  watch(pid: number): void {
    if (this.#isStopped) return;
    this.#shell ??= startShell();
    this.#shell.stdin?.write(`+ ${pid}\n`);
  }

  /** The group is gone: its number may be given to another. */
  forget(pid: number): void {
    this.#shell?.stdin?.write(`- ${pid}\n`);
  }

  /** Ends what it still knows of, and itself. */
  stop(): void {
    this.#isStopped = true;
    this.#shell?.stdin?.end();
    this.#shell = undefined;
  }
}

/** In a group of its own, or Ctrl+C would end it before the server has drained. */
function startShell(): ChildProcess {
  const shell = spawn("/bin/sh", ["-c", script], { detached: true, stdio: ["pipe", "ignore", "ignore"], env: {} });
  // Where there is no such shell, isolates end as well as they can by themselves.
  shell.on("error", () => {});
  shell.stdin.on("error", () => {});
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return shell;
}
