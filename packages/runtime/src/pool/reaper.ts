/**
 * Ends isolates whose gateway is gone without having said goodbye. An isolate notices that itself when its pipe
 * closes, but not while its loop is busy: `while (true)` would go on for ever. So a shell, which is small and does
 * nothing else, reads the numbers of the process groups there are, and kills them when its own pipe closes.
 */
import type { ChildProcess } from "node:child_process";
import type { Writable } from "node:stream";
import { spawnChild } from "./spawn-child.ts";
import { StartBackoff } from "./start-backoff.ts";

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

/** A shell that has lived for so long ended by no fault of its own. */
const provenMs = 10_000;

export class Reaper {
  readonly #program: string;
  readonly #groups = new Set<number>();
  #shell: ChildProcess | undefined;
  #isStopped = false;
  readonly #backoff = new StartBackoff();
  #retry: NodeJS.Timeout | undefined;

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
    clearTimeout(this.#retry);
    this.#shell?.stdin?.end();
  }

  /** In a group of its own, or Ctrl+C would end it before the server has drained. */
  #start(): void {
    const shell = spawnChild(this.#program, ["-c", script], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
      env: {},
    });
    this.#shell = shell;
    const startedAt = performance.now();
    const onGone = (): void => {
      if (this.#shell === shell) this.#replace(performance.now() - startedAt);
    };
    shell.on("error", onGone);
    shell.on("exit", onGone);
    shell.unref();
    // There is none where there are no descriptors left.
    const stdin = shell.stdin as (Writable & { unref(): void }) | null | undefined;
    stdin?.on("error", () => {});
    stdin?.unref();
    for (const pid of this.#groups) this.#tell(`+ ${pid}`);
  }

  /**
   * Somebody ended it, or it could not be started: another one, sooner or later, and with the next isolate at once.
   * Where there is no such shell, isolates end as well as they can by themselves.
   */
  #replace(livedMs: number): void {
    this.#shell = undefined;
    if (this.#isStopped) return;
    if (livedMs > provenMs) this.#backoff.onStarted();
    this.#backoff.onFailed();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      if (this.#shell === undefined && this.#groups.size > 0) this.#start();
    }, this.#backoff.delayMs).unref();
  }

  #tell(line: string): void {
    this.#shell?.stdin?.write(`${line}\n`);
  }
}
