/**
 * The process seen by user code: what ends it or starts others is told to the pool first, and its
 * environment and working directory are put back after each invocation.
 *
 * This is for telling things apart and for cleaning up, not for keeping hostile code in.
 */
import { send } from "./outlet.ts";

const childProcess = process.getBuiltinModule("node:child_process");
const { syncBuiltinESMExports } = process.getBuiltinModule("node:module");

const fs = process.getBuiltinModule("node:fs");

interface ReallyExit {
  reallyExit(code?: number): never;
}

/** Ways to end the own process are announced, so that the pool can say what happened. */
export function announceExits(): void {
  const { abort, kill } = process;
  // What `process.exit` calls after the listeners, and what is called in its place to avoid them.
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
 * Watches for child processes. Whoever starts one may leave something behind that no handle shows
 * (`execSync("server &")`), so an isolate that did is not used again.
 */
export class ChildWatch {
  #isUsed = false;

  /** True once a child process was started, however long ago it ended. */
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
      // One that was started detached leads a group of its own, which the pool has to know to end it.
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

/** Files that may stay open: a log file, a database. They hurt nobody until there are no descriptors left. */
const maxFilesLeft = 256;

/**
 * Watches for files that are left open. Nothing tells how many there are but the kernel, which is asked only
 * where some have been opened.
 */
export class FileWatch {
  #isUsed = false;
  #openBefore = 0;

  install(): void {
    const used = (): void => void (this.#isUsed = true);
    // Not `fs.promises`: to look at it takes 7 ms, and what it opens is closed by the garbage collector.
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

  /** For people: `1000 files`. Empty where there are not too many. */
  find(): string {
    if (!this.#isUsed) return "";
    this.#isUsed = false;
    const left = countOpen() - this.#openBefore;
    return left > maxFilesLeft ? `${left} files` : "";
  }
}

/** 0 where only `lsof` could tell. */
function countOpen(): number {
  try {
    return fs.readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}

/** `process.env`, the working directory and the file mask, as they are to be at the start of an invocation. */
export class ProcessState {
  #environment: Record<string, string | undefined>;
  #folder = process.cwd();
  readonly #mask = process.umask();
  #isMaskTouched = false;
  #isTouched = false;
  readonly #real = process.env;
  readonly #prototype: object | null = Object.getPrototypeOf(this.#real) as object | null;

  /** @param isEvaluating whether module scope is running: what it sets is there to stay. */
  constructor(variables: Readonly<Record<string, string>>, isEvaluating: () => boolean) {
    for (const [name, value] of Object.entries(variables)) this.#real[name] = value;
    this.#environment = { ...this.#real };
    const { umask } = process;
    // Asking for the mask means setting it, twice: two system calls that are better spared.
    process.umask = (mask?: string | number) => {
      this.#isMaskTouched = true;
      return mask === undefined ? umask() : umask(mask);
    };
    const touch = (key?: string | symbol): void => {
      this.#isTouched = true;
      if (key !== undefined && isEvaluating()) this.#keepVariable(String(key));
    };
    const { loadEnvFile } = process;
    // It writes past the object.
    process.loadEnvFile = (...args: Parameters<typeof loadEnvFile>) => {
      loadEnvFile(...args);
      touch();
      if (isEvaluating()) this.#environment = { ...this.#real };
    };
    // Comparing an environment costs as much as a small function; knowing that nobody wrote costs nothing.
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

  /** What module scope did is there to stay. */
  save(): void {
    if (this.#isTouched) this.#environment = { ...this.#real };
    this.#isTouched = false;
    this.#folder = currentFolder() ?? this.#folder;
  }

  /** @throws where the working directory was changed and the project's folder is gone. */
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

/** Undefined where it is gone: who is in a folder that was removed is nowhere. */
function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
