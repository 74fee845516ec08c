/**
 * Ends isolates whose gateway is gone without having said goodbye. An isolate notices that itself when its pipe
 * closes, but not while its loop is busy: `while (true)` would go on for ever. So a shell, which is small and does
 * nothing else, reads the numbers of the process groups there are, and kills them when its own pipe closes.
 */
import { spawn, type ChildProcess } from "node:child_process";
import type { Writable } from "node:stream";

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
  readonly #program: string;
  readonly #groups = new Set<number>();
  #shell: ChildProcess | undefined;
  #isStopped = false;

  constructor(program = "/bin/sh") {
    this.#program = program;
  }

  /** The process leads a group, which must not outlive this process. */
  watch(pid: number): void {
    if (this.#isStopped) return;
    this.#groups.add(pid);
    if (this.#shell === undefined) this.#start();
    else this.#tell(`+ ${pid}`);
  }

  /** The group is gone: its number may be given to another. */
  forget(pid: number): void {
    if (this.#groups.delete(pid)) this.#tell(`- ${pid}`);
  }

  /** Ends what it still knows of, and itself. */
  stop(): void {
    this.#isStopped = true;
    this.#shell?.stdin?.end();
  }

  /** In a group of its own, or Ctrl+C would end it before the server has drained. */
  #start(): void {
    const shell = spawn(this.#program, ["-c", script], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
      env: {},
    });
    this.#shell = shell;
    // Where there is no such shell, isolates end as well as they can by themselves. One that was ended is replaced with
    // the next isolate.
    const onGone = (): void => void (this.#shell = undefined);
    shell.on("error", onGone);
    shell.on("exit", onGone);
    shell.unref();
    // There is none where there are no descriptors left.
    const stdin = shell.stdin as (Writable & { unref(): void }) | undefined;
    stdin?.on("error", () => {});
    stdin?.unref();
    for (const pid of this.#groups) this.#tell(`+ ${pid}`);
  }

  #tell(line: string): void {
    this.#shell?.stdin?.write(`${line}\n`);
  }
}
