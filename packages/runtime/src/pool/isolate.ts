/**
 * An isolate seen from outside: a child process that leads its own process group, spoken to over two
 * socket pairs (descriptor 3 towards it, 4 from it). It knows nothing of invocations; `slot.ts` does.
 */
import type { ChildProcess } from "node:child_process";
import { accessSync } from "node:fs";
import type { Socket } from "node:net";
import { noteYoungGarbage } from "../garbage.ts";
import { pagesFor } from "../page-memory.ts";
import { isFromIsolate } from "../protocol/checks.ts";
import { FrameError, FrameReader, FrameWriter } from "../protocol/frames.ts";
import type { Exiting, FromIsolate, ToIsolate } from "../protocol/messages.ts";
import type { Debugging } from "./debugging.ts";
import type { IsolateUser } from "./isolate-user.ts";
import { launchOf, type LaunchOptions } from "./launch.ts";
import { groupOf, userOf } from "./process-stats.ts";
import type { Reaper } from "./reaper.ts";
import { Scratch } from "./scratch.ts";
import { failedChild, spawnChild } from "./spawn-child.ts";

/** As much as is read at once. */
const fullReadBytes = 65_536;

export interface IsolateOptions {
  readonly launch: LaunchOptions;
  /** Absolute path of the project, the working directory. */
  readonly folder: string;
  /** Whom the isolate will be; undefined: this process's user. */
  readonly user: IsolateUser | undefined;
  /** No frame of an isolate may be longer. */
  readonly maxFrameBytes: number;
  /** Told of every process group that has to end with this process. */
  readonly reaper: Reaper;
  /** Absent where nobody debugs. */
  readonly debugging?: Debugging | undefined;
}

/** How a process ended, told apart by data. */
export interface IsolateExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What its own code said it was about to do. */
  readonly announced: Exiting | undefined;
  /** V8 gave up for want of heap. */
  readonly isOutOfHeap: boolean;
  /** The end of what it last wrote to its standard error, if anything. */
  readonly lastWords: string;
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

/** How long after the end of a process its pipes may still hold something to read. */
const drainMs = 250;
const lastWordsLength = 500;

export class Isolate {
  readonly #process: ChildProcess;
  readonly #inlet: Socket | undefined;
  readonly #listener: IsolateListener;
  readonly #reaper: Reaper;
  readonly #user: IsolateUser | undefined;
  readonly #debugging: Debugging | undefined;
  #scratch: Scratch | undefined;
  #children: number[] = [];
  #announced: Exiting | undefined;
  #protocolError: Error | undefined;
  #startError: Error | undefined;
  #isOutOfHeap = false;
  #lastWords = "";
  #hasEnded = false;
  readonly #writer = new FrameWriter();
  #isFlushDue = false;

  constructor(options: IsolateOptions, listener: IsolateListener) {
    this.#listener = listener;
    this.#reaper = options.reaper;
    this.#user = options.user;
    this.#debugging = options.debugging;
    this.#process = this.#launch(options);
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

  #launch({ launch, user, folder }: IsolateOptions): ChildProcess {
    try {
      if (launch.readable !== undefined) this.#scratch = new Scratch(user);
    } catch (error) {
      return failedChild(error);
    }
    const { program, args, environment } = launchOf(launch, this.#scratch?.folder);
    return spawnChild(program, args, {
      cwd: folder,
      env: environment,
      // A group of its own: what it starts can be ended with it, and it cannot signal ours by pid 0.
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
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
    const reader = new FrameReader<unknown>((message, body) => this.#receive(message, body), maxFrameBytes, pagesFor);
    outlet?.on("data", (chunk: Buffer) => {
      if (this.#protocolError !== undefined) return;
      // Part of a long reply, which is copied.
      if (chunk.length >= fullReadBytes) noteYoungGarbage(chunk.length);
      try {
        reader.push(chunk);
      } catch (error) {
        this.#protocolError = error as Error;
        this.kill();
      }
    });
    outlet?.on("error", ignoreBrokenPipe);
  }

  #receive(message: unknown, body: Buffer): void {
    if (!isFromIsolate(message)) throw new FrameError("a message that makes no sense");
    if (message.kind === "spawned") this.#onSpawned(message.pid);
    else if (message.kind === "exiting") {
      this.#announced = message;
      this.#debugging?.onExiting();
    } else if (message.kind === "debugger") this.#debugging?.onMessage(message);
    this.#listener.onMessage(message, body);
  }

  /** User code can say this too, of any process: ours to end are those that the isolate's user could end himself. */
  #onSpawned(pid: number): void {
    if (this.#scratch !== undefined || (this.#user !== undefined && userOf(pid) !== this.#user.uid)) return;
    this.#children.push(pid);
    if (groupOf(pid) === pid) this.#reaper.watch(pid);
  }

  #readRaw(stream: Socket | undefined, name: "stdout" | "stderr"): void {
    stream?.setEncoding("utf8");
    stream?.on("data", (raw: string) => {
      const text = this.#debugging?.withoutNotes(raw) ?? raw;
      if (text === "") return;
      if (name === "stderr") {
        this.#lastWords = text.slice(-lastWordsLength).trim();
        if (text.includes("heap out of memory")) this.#isOutOfHeap = true;
      }
      this.#listener.onRawOutput(name, text);
    });
    stream?.on("error", ignoreBrokenPipe);
  }

  #end(code: number | null, signal: NodeJS.Signals | null, startError?: Error): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#startError = startError;
    for (const stream of this.#process.stdio) stream?.destroy();
    this.#scratch?.remove();
    this.#listener.onExit({
      code,
      signal,
      announced: this.#announced,
      isOutOfHeap: this.#isOutOfHeap,
      lastWords: this.#lastWords,
      startError: this.#startError,
      protocolError: this.#protocolError,
    });
  }
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
