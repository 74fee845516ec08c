/**
 * An isolate seen from outside: a child process that leads its own process group, spoken to over two
 * socket pairs (descriptor 3 towards it, 4 from it). It knows nothing of invocations; `slot.ts` does.
 */
import type { ChildProcess } from "node:child_process";
import { accessSync } from "node:fs";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { FrameReader, FrameWriter } from "../protocol/frames.ts";
import type { Exiting, FromIsolate, ToIsolate } from "../protocol/messages.ts";
import { launch } from "./launch.ts";
import { groupOf } from "./process-stats.ts";
import type { Reaper } from "./reaper.ts";

export interface IsolateOptions {
  /** The Node binary. */
  readonly node: string;
  /** Absolute path of the project, the working directory. */
  readonly folder: string;
  /** Limit of the heap, in MB. */
  readonly memoryMb: number;
  /** Where compiled code is kept between starts; undefined: nowhere. */
  readonly compileCache: string | undefined;
  /** Extra certificates, if the service asks for them; Node reads them at start only. */
  readonly extraCaCerts: string | undefined;
  /** No frame of an isolate may be longer. */
  readonly maxFrameBytes: number;
  /** Told of every process group that has to end with this process. */
  readonly reaper: Reaper;
}

/** How a process ended, told apart by data. */
export interface IsolateExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What its own code said it was about to do. */
  readonly announced: Exiting | undefined;
  /** V8 gave up for want of heap. */
  readonly isOutOfHeap: boolean;
  /** Why no process came to be. */
  readonly startError: Error | undefined;
  /** What it said was not of the protocol. */
  readonly protocolError: Error | undefined;
}

export interface IsolateListener {
  onMessage(message: FromIsolate, body: Buffer): void;
  /** Output that did not go through the console: native code, children, the last words of V8. */
  onRawOutput(stream: "stdout" | "stderr", text: string): void;
  /** Once, last: nothing comes after it. */
  onExit(exit: IsolateExit): void;
}

const entry = fileURLToPath(
  new URL(`../worker/entry${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url),
);

/** How long after the end of a process its pipes may still hold something to read. */
const drainMs = 250;

export class Isolate {
  readonly #process: ChildProcess;
  readonly #inlet: Socket | undefined;
  readonly #listener: IsolateListener;
  readonly #reaper: Reaper;
  #children: number[] = [];
  #announced: Exiting | undefined;
  #protocolError: Error | undefined;
  #startError: Error | undefined;
  #isOutOfHeap = false;
  #hasEnded = false;
  readonly #writer = new FrameWriter();
  #isFlushDue = false;

  constructor(options: IsolateOptions, listener: IsolateListener) {
    this.#listener = listener;
    this.#reaper = options.reaper;
    this.#process = launch(options.node, flagsFor(options), {
      cwd: options.folder,
      env: environmentFor(options),
      // A group of its own: what it starts can be ended with it, and it cannot signal ours by pid 0.
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
    });
    if (this.pid !== 0) this.#reaper.watch(this.pid);
    // Where the process could not be started there are no streams either.
    const [, stdout, stderr, inlet, outlet] = this.#process.stdio as unknown as (Socket | undefined)[];
    this.#inlet = inlet;
    inlet?.on("error", ignoreBrokenPipe);
    this.#read(outlet, options.maxFrameBytes);
    this.#readRaw(stdout, "stdout");
    this.#readRaw(stderr, "stderr");
    this.#process.on("error", (error) => this.#end(null, null, explain(error, options.folder)));
    this.#process.on("exit", (code, signal) => {
      // What it started must not hold its pipes open, nor go on working.
      this.#endGroups();
      // After a turn more: what has arrived meanwhile is read before it is taken for lost.
      const timer = setTimeout(() => setImmediate(() => this.#end(code, signal)), drainMs);
      this.#process.once("close", () => {
        clearTimeout(timer);
        this.#end(code, signal);
      });
    });
  }

  /** 0 where no process came to be. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Frames of one turn of the loop leave in one write. */
  send(message: ToIsolate, body?: Uint8Array): void {
    if (this.#inlet === undefined) return;
    // Not `nextTick`, which comes after each socket's data: the requests of all sockets that had some are one batch.
    if (!this.#isFlushDue) setImmediate(this.#flush);
    this.#isFlushDue = true;
    this.#writer.add(message, body);
  }

  readonly #flush = (): void => {
    this.#isFlushDue = false;
    const frames = this.#writer.take();
    if (this.#inlet?.destroyed === false) this.#inlet.write(frames);
  };

  /** Ends the process and everything it started. `onExit` follows. */
  kill(): void {
    if (this.#hasEnded || this.pid === 0) return;
    signalGroup(this.pid);
    this.#process.kill("SIGKILL");
  }

  #endGroups(): void {
    if (this.pid === 0) return;
    signalGroup(this.pid);
    // One that was started detached leads its own group. A number that was given away again is not ours:
    // only a process that still leads the group of its number is taken for the one we were told of.
    for (const pid of this.#children) if (groupOf(pid) === pid) signalGroup(pid);
    for (const pid of [this.pid, ...this.#children]) this.#reaper.forget(pid);
  }

  #read(outlet: Socket | undefined, maxFrameBytes: number): void {
    const reader = new FrameReader<FromIsolate>((message, body) => this.#receive(message, body), maxFrameBytes);
    outlet?.on("data", (chunk: Buffer) => {
      if (this.#protocolError !== undefined) return;
      try {
        reader.push(chunk);
      } catch (error) {
        this.#protocolError = error as Error;
        this.kill();
      }
    });
    outlet?.on("error", ignoreBrokenPipe);
  }

  #receive(message: FromIsolate, body: Buffer): void {
    if (message.kind === "spawned") this.#onSpawned(message.pid);
    else if (message.kind === "exiting") this.#announced = message;
    this.#listener.onMessage(message, body);
  }

  #onSpawned(pid: number): void {
    this.#children.push(pid);
    if (groupOf(pid) === pid) this.#reaper.watch(pid);
  }

  #readRaw(stream: Socket | undefined, name: "stdout" | "stderr"): void {
    stream?.setEncoding("utf8");
    stream?.on("data", (text: string) => {
      if (name === "stderr" && text.includes("heap out of memory")) this.#isOutOfHeap = true;
      this.#listener.onRawOutput(name, text);
    });
    stream?.on("error", ignoreBrokenPipe);
  }

  #end(code: number | null, signal: NodeJS.Signals | null, startError?: Error): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#startError = startError;
    for (const stream of this.#process.stdio) stream?.destroy();
    this.#listener.onExit({
      code,
      signal,
      announced: this.#announced,
      isOutOfHeap: this.#isOutOfHeap,
      startError: this.#startError,
      protocolError: this.#protocolError,
    });
  }
}

function flagsFor(options: IsolateOptions): string[] {
  // Without its second flag a signal opens a debugger, to whoever may connect on loopback.
  return [
    `--max-old-space-size=${options.memoryMb}`,
    "--disable-sigusr1",
    "--disable-warning=ExperimentalWarning",
    entry,
  ];
}

/**
 * From scratch: nothing of the host's environment gets in. The service's variables are not here either
 * but come with the setup, so that no list of processes shows them.
 */
function environmentFor(options: IsolateOptions): NodeJS.ProcessEnv {
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    LANG: "en_US.UTF-8",
    TZ: "UTC",
    // One heap for all threads instead of one each: a third of a megabyte less.
    MALLOC_ARENA_MAX: "1",
    ...(options.compileCache !== undefined && { NODE_COMPILE_CACHE: options.compileCache }),
    ...(options.extraCaCerts !== undefined && { NODE_EXTRA_CA_CERTS: options.extraCaCerts }),
  };
}

/** Where the working directory is gone, the system says the same of the program. */
function explain(error: Error, folder: string): Error {
  try {
    accessSync(`${folder}/.`);
    return error;
  } catch (cause) {
    return new Error(`the project's folder cannot be entered: ${(cause as Error).message}`, { cause });
  }
}

function signalGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Already gone.
  }
}

/** The process has ended; `exit` tells of it. */
function ignoreBrokenPipe(): void {}
