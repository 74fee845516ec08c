/**
 * The process that user code sees. Calls that end the process or start others are reported to the pool first. The
 * environment and the working directory are restored after each invocation.
 *
 * This serves diagnosis and cleanup. It does not contain hostile code.
 */
import { send } from "./outlet.ts";

const childProcess = process.getBuiltinModule("node:child_process");
const { syncBuiltinESMExports } = process.getBuiltinModule("node:module");

const fs = process.getBuiltinModule("node:fs");

interface ReallyExit {
  reallyExit(code?: number): never;
}

/** Reports calls that end this process, so that the pool knows the cause. */
export function announceExits(): void {
  const { abort, kill } = process;
  // `process.exit` calls this after its listeners. Code may also call it directly, to skip the listeners.
  const { reallyExit } = process as unknown as ReallyExit;
  (process as unknown as ReallyExit).reallyExit = (code) => {
    send({ kind: "exiting", how: "exit", code: Number(code) || 0 });
    return Reflect.apply(reallyExit, process, [code]);
  };
  process.abort = () => {
    send({ kind: "exiting", how: "abort", code: 0 });
    return abort();
  };
  process.kill = (pid, signal) => {
    const endsOwnGroup = pid === process.pid || pid === 0 || pid === -process.pid;
    if (endsOwnGroup && signal !== 0) send({ kind: "exiting", how: "kill", code: 0 });
    return kill(pid, signal);
  };
}

/**
 * Watches for child processes. A child may leave something behind that no handle shows (`execSync("server &")`). So an
 * isolate that has started one is not reused.
 */
export class ChildWatch {
  #isUsed = false;

  /** True once a child process was started, even if it has ended. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  install(): void {
    const prototype = (
      childProcess.ChildProcess as unknown as { prototype: { spawn(options: unknown): unknown; pid?: number } }
    ).prototype;
    const { spawn } = prototype;
    const used = (): void => void (this.#isUsed = true);
    prototype.spawn = function (options) {
      used();
      const result = Reflect.apply(spawn, this, [options]);
      // A detached child leads its own process group. The pool must know the group to end it.
      if (this.pid !== undefined) send({ kind: "spawned", pid: this.pid });
      return result;
    };
    for (const name of ["spawnSync", "execSync", "execFileSync"] as const) {
      const original = childProcess[name] as (...args: unknown[]) => unknown;
      Object.assign(childProcess, {
        [name]: (...args: unknown[]) => {
          used();
          return original(...args);
        },
      });
    }
    syncBuiltinESMExports();
  }
}

/** Files that may stay open, such as a log file or a database. They are harmless until descriptors run out. */
const maxFilesLeft = 256;

/**
 * Watches for files that are left open. Only the kernel knows how many there are. It is asked only if files were
 * opened.
 */
export class FileWatch {
  #isUsed = false;
  #openBefore = 0;

  install(): void {
    const used = (): void => void (this.#isUsed = true);
    // Not `fs.promises`: reading it takes 7 ms, and the garbage collector closes its files.
    for (const name of ["open", "openSync"] as const) {
      const original = fs[name] as (...args: unknown[]) => unknown;
      Object.assign(fs, {
        [name]: (...args: unknown[]) => {
          used();
          return original(...args);
        },
      });
    }
    syncBuiltinESMExports();
    this.#openBefore = countOpen();
  }

  /** Describes the open files if there are too many, for people: `1000 files`. Otherwise empty. */
  find(): string {
    if (!this.#isUsed) return "";
    this.#isUsed = false;
    const left = countOpen() - this.#openBefore;
    return left > maxFilesLeft ? `${left} files` : "";
  }
}

/** Counts open descriptors. Returns 0 on systems without `/proc`. */
function countOpen(): number {
  try {
    return fs.readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}

/** Restores `process.env`, the working directory and the file mask for the next invocation. */
export class ProcessState {
  #environment: Record<string, string | undefined>;
  #folder = process.cwd();
  readonly #mask = process.umask();
  #isMaskTouched = false;
  #isTouched = false;
  readonly #real = process.env;
  readonly #prototype: object | null = Object.getPrototypeOf(this.#real) as object | null;

  /** @param isEvaluating whether module scope is running. Its changes stay. */
  constructor(variables: Readonly<Record<string, string>>, isEvaluating: () => boolean) {
    for (const [name, value] of Object.entries(variables)) this.#real[name] = value;
    this.#environment = { ...this.#real };
    const { umask } = process;
    // Reading the mask would take two system calls, because it means setting it twice. So this records its use instead.
    process.umask = (mask?: string | number) => {
      this.#isMaskTouched = true;
      return mask === undefined ? umask() : umask(mask);
    };
    const touch = (key?: string | symbol): void => {
      this.#isTouched = true;
      if (key !== undefined && isEvaluating()) this.#keepVariable(String(key));
    };
    const { loadEnvFile } = process;
    // It changes the environment without using this object.
    process.loadEnvFile = (...args: Parameters<typeof loadEnvFile>) => {
      loadEnvFile(...args);
      touch();
      if (isEvaluating()) this.#environment = { ...this.#real };
    };
    // Comparing the environment costs as much as a small function. With a proxy, an unchanged one costs nothing.
    process.env = new Proxy(this.#real, {
      set(target, key, value) {
        const isDone = Reflect.set(target, key, value);
        touch(key);
        return isDone;
      },
      deleteProperty(target, key) {
        const isDone = Reflect.deleteProperty(target, key);
        touch(key);
        return isDone;
      },
      setPrototypeOf(target, prototype) {
        touch();
        return Reflect.setPrototypeOf(target, prototype);
      },
      defineProperty(target, key, descriptor) {
        const isDone = Reflect.defineProperty(target, key, descriptor);
        touch(key);
        return isDone;
      },
    });
  }

  #keepVariable(name: string): void {
    const value = this.#real[name];
    if (value === undefined) delete this.#environment[name];
    else this.#environment[name] = value;
  }

  /** Accepts the changes of module scope. */
  save(): void {
    if (this.#isTouched) this.#environment = { ...this.#real };
    this.#isTouched = false;
    this.#folder = currentFolder() ?? this.#folder;
  }

  /** @throws if the working directory was changed and the project's folder no longer exists. */
  restore(): void {
    this.#restoreFolder();
    process.exitCode = undefined;
    if (this.#isMaskTouched) process.umask(this.#mask);
    this.#isMaskTouched = false;
    if (!this.#isTouched) return;
    Object.setPrototypeOf(this.#real, this.#prototype);
    for (const name of Object.keys(this.#real)) {
      if (!Object.hasOwn(this.#environment, name)) delete this.#real[name];
    }
    for (const [name, value] of Object.entries(this.#environment)) {
      if (this.#real[name] !== value) this.#real[name] = value;
    }
    this.#isTouched = false;
  }

  #restoreFolder(): void {
    if (currentFolder() === this.#folder) return;
    try {
      process.chdir(this.#folder);
    } catch (error) {
      throw new Error(`the working directory was changed, and ${this.#folder} no longer exists`, { cause: error });
    }
  }
}

/** Returns the working directory. Undefined if that folder was removed. */
function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
