/** Processes that the server has started. They are found by their working directory, which children inherit. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly isZombie: boolean;
  readonly isStopped: boolean;
}

/** Every process with this working directory, and the zombies whose parent is one of them. */
export function processesIn(folder: string): ProcessEntry[] {
  const inside: ProcessEntry[] = [];
  const zombies: ProcessEntry[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "latin1");
      // The name is in parentheses and may have spaces.
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const command = readFileSync(`/proc/${entry}/cmdline`, "latin1").replaceAll("\0", " ").trim();
      const isStopped = state === "T" || state === "t";
      const found = { pid: Number(entry), parent: Number(parent), command, isZombie: state === "Z", isStopped };
      if (found.isZombie) zombies.push(found);
      else if (readlinkSync(`/proc/${entry}/cwd`) === folder) inside.push(found);
    } catch {
      // It has exited meanwhile, or belongs to another user.
    }
  }
  return [...inside, ...zombies.filter(({ parent }) => inside.some(({ pid }) => pid === parent))];
}

export function isIsolate({ command }: ProcessEntry): boolean {
  return /worker\/boot\.[jt]s/.test(command);
}

/** The shell that ends isolates after the gateway has exited. */
export function isReaper({ command }: ProcessEntry): boolean {
  return command.startsWith("/bin/sh -c") && command.includes("read -r what each");
}

export function killAllIn(folder: string): void {
  for (const { pid, isZombie } of processesIn(folder)) {
    if (isZombie) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has exited meanwhile.
    }
  }
}

/** Paths of all files below the folder. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .toSorted();
}
