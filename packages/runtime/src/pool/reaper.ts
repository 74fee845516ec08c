/**
 * Kills isolates whose gateway was killed. An isolate notices that itself when its pipe closes, but not while its event
 * loop is busy: `while (true)` would run forever. So a small shell reads the list of process groups, and kills them
 * when its own pipe closes. It also removes the isolates' folders.
 *
 * A group is identified by its leader's number and start time: `12/3456` on Linux, where the gateway sends both.
 * Elsewhere the shell asks `ps` for the time. It never kills a process with that number and a different time.
 */
import type { ChildProcess } from "node:child_process";
import type { Writable } from "node:stream";
import { sealed } from "./descriptors.ts";
import { factsOf } from "./process-stats.ts";
import { spawnChild } from "./spawn-child.ts";
import { StartBackoff } from "./start-backoff.ts";

/**
 * - `group 12/3456`: kill this group, even if its leader is gone and other members are not.
 * - `child 12/3456`: kill this group if its leader still exists. The gateway does not notice when the leader ends.
 * - `folder /a`: remove this folder.
 * - `forget 12/`, `forget-folder /a`: remove it from the list.
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

/** If a shell ran for this long, its exit does not count as a failed start. */
const provenMs = 10_000;

export class Reaper {
  readonly #program: string;
  /** The shell's input line for each group, by the number of the leader. */
  readonly #groups = new Map<number, string>();
  readonly #folders = new Set<string>();
  #shell: ChildProcess | undefined;
  #isStopped = false;
  readonly #backoff = new StartBackoff();
  #retry: NodeJS.Timeout | undefined;

  constructor(program = "/bin/sh") {
    this.#program = program;
  }

  /**
   * Watches the group of a child of this process. It must not outlive this process. Call `forget` when it has ended.
   */
  watch(pid: number): void {
    this.#watch(pid, `group ${pid}/${process.platform === "linux" ? (factsOf(pid)?.startedAt ?? "") : ""}`);
  }

  /** The same for a grandchild, whose end this process may not notice. */
  watchChild(pid: number, startedAt: string): void {
    this.#watch(pid, `child ${pid}/${startedAt.replaceAll(" ", "")}`);
  }

  #watch(pid: number, line: string): void {
    if (this.#isStopped) return;
    this.#groups.set(pid, line);
    if (this.#shell === undefined) this.#start();
    else this.#write(line);
  }

  /** The group is gone. The system may reuse its number. */
  forget(pid: number): void {
    if (this.#groups.delete(pid)) this.#write(`forget ${pid}/`);
  }

  /** Watches a folder. It must not outlive this process. */
  watchFolder(folder: string): void {
    // One line cannot contain it.
    if (folder.includes("\n")) return;
    this.#folders.add(folder);
    this.#write(`folder ${folder}`);
  }

  forgetFolder(folder: string): void {
    if (this.#folders.delete(folder)) this.#write(`forget-folder ${folder}`);
  }

  /** Kills the groups that it still watches, and ends the shell. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    this.#shell?.stdin?.end();
  }

  /** The shell has a process group of its own. Without that, Ctrl+C would end it before the server has drained. */
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
    // Without free descriptors there is no stream.
    const stdin = shell.stdin as (Writable & { unref(): void }) | null | undefined;
    stdin?.on("error", () => {});
    stdin?.unref();
    for (const folder of this.#folders) this.#write(`folder ${folder}`);
    for (const line of this.#groups.values()) this.#write(line);
  }

  /**
   * The shell was ended from outside, or could not be started. Starts another one after a pause, or at once with the
   * next isolate. Without a shell, isolates have to notice the end of the gateway themselves.
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
