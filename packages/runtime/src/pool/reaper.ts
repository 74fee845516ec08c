/**
 * Ends isolates whose gateway was killed. An isolate notices that itself when its pipe closes, but not while its loop is
 * busy: `while (true)` would go on for ever. So a shell, which is small and does nothing else, reads which process groups
 * there are, and kills them when its own pipe closes. It removes the isolates' folders, too.
 *
 * A group is known by the number of its leader and by when that started: `12/3456` on Linux, where the gateway says both.
 * Elsewhere the shell asks `ps` for the time. When it kills, a process with that number and another time is left alone.
 */
import type { ChildProcess } from "node:child_process";
import type { Writable } from "node:stream";
import { sealed } from "./descriptors.ts";
import { factsOf } from "./process-stats.ts";
import { spawnChild } from "./spawn-child.ts";
import { StartBackoff } from "./start-backoff.ts";

/**
 * - `group 12/3456`: kill this group, also where its leader is gone and others in it are not.
 * - `child 12/3456`: kill this group if its leader is still there. Nobody notices when that ends.
 * - `folder /a`: remove this folder.
 * - `forget 12/`, `forget-folder /a`: none of it any more.
 */
const script = `
started() {
  stat=
  if [ -e /proc/self/stat ]; then
    { while read -r line; do stat="$stat $line"; done; } 2>/dev/null <"/proc/$1/stat"
    set -- \${stat##*) }
    started=\${20}
  else
    started=$(ps -o lstart= -p "$1" | tr -d ' ')
  fi
} 2>/dev/null
groups=
while read -r what each; do
  case $what in
    group | child)
      case $each in
        */) started "\${each%/}"; each=$each$started ;;
      esac
      groups="$groups $what/$each"
      ;;
    folder) set -- "$@" "$each" ;;
    forget-folder)
      for known; do
        shift
        [ "$known" = "$each" ] || set -- "$@" "$known"
      done
      ;;
    forget)
      rest=
      for known in $groups; do
        case $known in
          */"$each"*) ;;
          *) rest="$rest $known" ;;
        esac
      done
      groups=$rest
      ;;
  esac
done
for each in $groups; do
  what=\${each%%/*}
  each=\${each#*/}
  pid=\${each%%/*}
  started "$pid"
  case $started in
    "\${each#*/}") kill -9 "-$pid" 2>/dev/null ;;
    "") [ "$what" = group ] && kill -9 "-$pid" 2>/dev/null ;;
  esac
done
[ $# -eq 0 ] || rm -rf "$@"`;

/** A shell that has lived for so long ended by no fault of its own. */
const provenMs = 10_000;

export class Reaper {
  readonly #program: string;
  /** The line that tells the shell of each. */
  readonly #groups = new Map<number, string>();
  readonly #folders = new Set<string>();
  #shell: ChildProcess | undefined;
  #isStopped = false;
  readonly #backoff = new StartBackoff();
  #retry: NodeJS.Timeout | undefined;

  constructor(program = "/bin/sh") {
    this.#program = program;
  }

  /** A child of this process leads a group, which must not outlive this process. Somebody has to say when it has ended. */
  watch(pid: number): void {
    this.#watch(pid, `group ${pid}/${process.platform === "linux" ? (factsOf(pid)?.startedAt ?? "") : ""}`);
  }

  /** The same for the child of a child, of which nobody may learn that it has ended. */
  watchChild(pid: number, startedAt: string): void {
    this.#watch(pid, `child ${pid}/${startedAt.replaceAll(" ", "")}`);
  }

  #watch(pid: number, line: string): void {
    if (this.#isStopped) return;
    this.#groups.set(pid, line);
    if (this.#shell === undefined) this.#start();
    else this.#write(line);
  }

  /** The group is gone: its number may be given to another. */
  forget(pid: number): void {
    if (this.#groups.delete(pid)) this.#write(`forget ${pid}/`);
  }

  /** The folder must not outlive this process. */
  watchFolder(folder: string): void {
    // A line cannot hold it.
    if (folder.includes("\n")) return;
    this.#folders.add(folder);
    this.#write(`folder ${folder}`);
  }

  forgetFolder(folder: string): void {
    if (this.#folders.delete(folder)) this.#write(`forget-folder ${folder}`);
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
      stdio: [...sealed(["pipe", "ignore", "ignore"] as const)],
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
    for (const folder of this.#folders) this.#write(`folder ${folder}`);
    for (const line of this.#groups.values()) this.#write(line);
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

  #write(line: string): void {
    this.#shell?.stdin?.write(`${line}\n`);
  }
}
