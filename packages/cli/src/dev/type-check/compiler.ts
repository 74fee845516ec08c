/**
 * The project's own TypeScript compiler, as a process that takes only what others leave: a low priority, limited memory,
 * one at a time. It ends with this process, however this process ends.
 */
import { spawn } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { constants, setPriority } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

import { sealed } from "@offhook/runtime/internal/descriptors";
import { ProcessGroup } from "@offhook/runtime/internal/process-group";
import { Reaper } from "@offhook/runtime/internal/reaper";

import type { Check, CheckEnd } from "./type-check.ts";

const maxMemoryMb = 1_024;
const timeoutMs = 120_000;

/** With `--pretty false`, each error has one such line. */
const errorLine = /^(?:.+\(\d+,\d+\): )?error TS\d+: /;

/** @returns the file of `tsc`. Undefined if the project has no compiler. */
async function findCompiler(folder: string): Promise<string | undefined> {
  try {
    const manifest = createRequire(join(folder, "package.json")).resolve("typescript/package.json");
    const { bin } = JSON.parse(await readFile(manifest, "utf8")) as { bin?: { tsc?: string } };
    return bin?.tsc === undefined ? undefined : join(dirname(manifest), bin.tsc);
  } catch {
    return undefined;
  }
}

/** The project's script that runs the compiler, or the compiler itself. */
export async function checkCommand(folder: string): Promise<string> {
  try {
    const { scripts = {} } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
      scripts?: Readonly<Record<string, string>>;
    };
    const names = ["check", "typecheck", "type-check", "check-types", "types"];
    const name = names.find((each) => /\btsc\b/.test(scripts[each] ?? ""));
    if (name !== undefined) return `npm run ${name}`;
  } catch {
    // Without package.json, there are no scripts.
  }
  return "npx tsc --noEmit";
}

export class Compiler {
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #reaper = new Reaper();

  constructor(folder: string, environment: Readonly<Record<string, string | undefined>>) {
    this.#folder = folder;
    this.#environment = environment;
  }

  async start(): Promise<Check | undefined> {
    const program = await findCompiler(this.#folder);
    return program === undefined ? undefined : this.#spawn(program, await ownerOf(this.#folder));
  }

  stop(): void {
    this.#reaper.stop();
  }

  #spawn(program: string, owner: { uid: number; gid: number } | undefined): Check {
    const { PATH, HOME, TMPDIR } = this.#environment;
    const limit = `--max-old-space-size=${maxMemoryMb}`;
    // Since version 7, the compiler is a Go program, which tries to stay below its limit.
    const env = {
      ...(PATH && { PATH }),
      ...(HOME && { HOME }),
      ...(TMPDIR && { TMPDIR }),
      GOMEMLIMIT: `${maxMemoryMb}MiB`,
    };
    const child = spawn(process.execPath, [limit, program, "--noEmit", "--pretty", "false", "-p", this.#folder], {
      cwd: this.#folder,
      env,
      detached: true,
      stdio: [...sealed(["ignore", "pipe", "pipe"] as const)],
      ...owner,
    });
    const { pid } = child;
    const group = pid === undefined ? undefined : new ProcessGroup(pid);
    if (pid !== undefined) {
      this.#reaper.watch(pid);
      lowerPriority(pid);
    }
    let errors = 0;
    let lastLine = "";
    let isTooSlow = false;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      stream.on("error", () => {});
      createInterface({ input: stream }).on("line", (line) => {
        if (errorLine.test(line)) errors++;
        else if (line.trim() !== "") lastLine = line.slice(0, 200);
      });
    }
    const timer = setTimeout(() => {
      isTooSlow = true;
      group?.signal("SIGKILL");
    }, timeoutMs).unref();
    const { promise: ended, resolve } = Promise.withResolvers<CheckEnd>();
    child.once("error", (error) => resolve({ failure: error.message }));
    child.once("exit", () => group?.signal("SIGKILL"));
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (pid !== undefined) this.#reaper.forget(pid);
      const how = isTooSlow ? "it took more than 2 minutes" : `the compiler exited (${signal ?? `exit code ${code}`})`;
      if (code === 0 || errors > 0) resolve({ errors });
      else resolve({ failure: lastLine === "" ? how : `${how}: ${lastLine}` });
    });
    return { ended, kill: () => group?.signal("SIGKILL") };
  }
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has already exited.
  }
}

/** For root, the owner of the folder: a package of the project does not get more rights than its author has. */
async function ownerOf(folder: string): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = await stat(folder);
  return { uid, gid };
}
