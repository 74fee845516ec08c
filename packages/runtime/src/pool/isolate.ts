/**
 * An isolate seen from outside: a child process that leads its own process group. Messages use two socket pairs
 * (descriptor 3 towards the isolate, 4 from it). This class knows nothing about invocations; `slot.ts` does.
 */
import type { ChildProcess } from "node:child_process";
import { accessSync } from "node:fs";
import type { Socket } from "node:net";
import { noteYoungGarbage } from "../garbage.ts";
import { filesLoaded } from "../observe/channels.ts";
import { pagesFor } from "../page-memory.ts";
import { isFromIsolate } from "../protocol/checks.ts";
import { FrameError, FrameReader, FrameWriter } from "../protocol/frames.ts";
import type { Exiting, ToIsolate } from "../protocol/messages.ts";
import { TokenBucket } from "./token-bucket.ts";
import type { Debugging } from "./debugging.ts";
import { IsolateInput, type ReadProgress } from "./isolate-input.ts";
import type { IsolateLike, IsolateListener } from "./isolate-like.ts";
import type { IsolateUser } from "./isolate-user.ts";
import { launchOf, type LaunchOptions } from "./launch.ts";
import { lowerPriority } from "./priority.ts";
import { ProcessGroup } from "./process-group.ts";
import { cpuMs, mainThreadOf, residentBytes, type MainThread } from "./process-stats.ts";
import type { Reaper } from "./reaper.ts";
import { ReportedChildren } from "./reported-children.ts";
import type { ScratchFolders } from "./scratch.ts";
import { failedChild, spawnChild } from "./spawn-child.ts";

/** The size of the largest single read. */
const fullReadBytes = 65_536;

export interface IsolateOptions {
  /** Sid of the service, as events name it. */
  readonly service: string;
  readonly launch: LaunchOptions;
  /** Absolute path of the project, the working directory. */
  readonly folder: string;
  readonly scratch: ScratchFolders;
  /** The user that it changes to. Undefined: it keeps the server's user. */
  readonly user: IsolateUser | undefined;
  /** Maximum length of a frame from the isolate. */
  readonly maxFrameBytes: number;
  /** Maximum length of the part of a frame that is parsed. */
  readonly maxHeadBytes: number;
  /** Gets every process group that must end with this process. */
  readonly reaper: Reaper;
  /** Undefined without a debugger. */
  readonly debugging?: Debugging | undefined;
}

/** How long to read pipes after the process has ended, if other processes still have them open. */
const drainMs = 250;
/** How often that time is extended while data still arrives. */
const maxDrains = 8;
const maxStderrTail = 500;
/**
 * The rate of messages that an isolate may send unasked, counted in frames and parsed kilobytes, without output. Most
 * are reports of child processes. An isolate that sends more only keeps the gateway busy.
 */
const burstOfFrames = 2_500;
const framesPerSecond = 1_000;

export class Isolate implements IsolateLike {
  readonly #process: ChildProcess;
  readonly #inlet: Socket | undefined;
  readonly #listener: IsolateListener;
  readonly #reaper: Reaper;
  readonly #scratch: ScratchFolders;
  readonly #service: string;
  /** The project's folder. */
  readonly #projectFolder: string;
  readonly #debugging: Debugging | undefined;
  /** The isolate's own folder. */
  #folder: string | undefined;
  readonly #group: ProcessGroup | undefined;
  /** Undefined if the isolate may not start processes. */
  readonly #children: ReportedChildren | undefined;
  /** Frames, standard output and standard error. */
  readonly #inputs: readonly ReadProgress[];
  /** Set when the process is gone. From then on, the system may give its number to another process. */
  #isGone = false;
  #announced: Exiting | undefined;
  #protocolError: Error | undefined;
  #startError: Error | undefined;
  #isOutOfHeap = false;
  #stderrTail = "";
  #hasEnded = false;
  #drainTimer: NodeJS.Timeout | undefined;
  readonly #frameBudget = new TokenBucket(burstOfFrames, framesPerSecond);
  readonly #writer = new FrameWriter();
  #isFlushDue = false;

  constructor(options: IsolateOptions, listener: IsolateListener) {
    this.#listener = listener;
    this.#reaper = options.reaper;
    this.#scratch = options.scratch;
    this.#debugging = options.debugging;
    this.#service = options.service;
    this.#projectFolder = options.folder;
    this.#process = this.#launch(options);
    if (this.pid !== 0) {
      this.#group = new ProcessGroup(this.pid);
      this.#reaper.watch(this.pid);
      if (options.launch.readable === undefined) this.#children = new ReportedChildren(this.pid, this.#reaper);
    }
    // If the process could not be started, there are no streams.
    const [, stdout, stderr, inlet, outlet] = this.#process.stdio as unknown as (Socket | undefined)[];
    this.#inlet = inlet;
    inlet?.on("error", ignoreBrokenPipe);
    this.#inputs = [
      this.#readFrames(outlet, options),
      this.#readRaw(stdout, "stdout"),
      this.#readRaw(stderr, "stderr"),
    ];
    this.#process.on("error", (error) => this.#end(null, null, explain(error, options.folder)));
    this.#process.on("exit", (code, signal) => this.#onExit(code, signal));
  }

  #launch({ launch, scratch, user, folder }: IsolateOptions): ChildProcess {
    try {
      this.#folder = scratch.make(user);
    } catch (error) {
      // Only a hardened isolate needs the folder.
      if (launch.readable !== undefined) return failedChild(error);
    }
    const { program, args, environment } = launchOf(launch, this.#folder);
    return spawnChild(program, args, {
      cwd: folder,
      env: environment,
      // In a process group of its own. Its children can be killed with it, and it cannot signal our group with pid 0.
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  send(message: ToIsolate, body?: Uint8Array): void {
    if (this.#inlet === undefined) return;
    // Not `nextTick`, which runs after each socket's data. `setImmediate` makes one batch of the requests of all
    // sockets.
    if (!this.#isFlushDue) setImmediate(this.#flush);
    this.#isFlushDue = true;
    // The isolate may answer with a long error.
    this.#frameBudget.add(burstOfFrames);
    this.#writer.add(message, body);
  }

  readonly #flush = (): void => {
    this.#isFlushDue = false;
    const frames = this.#writer.take();
    if (this.#inlet?.destroyed === false) this.#inlet.write(frames);
  };

  kill(): void {
    if (this.#isGone || this.pid === 0) return;
    this.#group?.signal("SIGKILL");
    this.#process.kill("SIGKILL");
  }

  cpuMs(): number | undefined {
    return cpuMs(this.pid);
  }

  mainThread(): MainThread | undefined {
    return mainThreadOf(this.pid);
  }

  residentBytes(): number | undefined {
    return residentBytes(this.pid);
  }

  lowerPriority(): void {
    lowerPriority(this.pid);
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    this.#isGone = true;
    // Its children must not hold its pipes open or keep running.
    this.#group?.signal("SIGKILL");
    this.#children?.end();
    this.#reaper.forget(this.pid);
    this.#process.once("close", () => whenAllRead(this.#inputs, () => this.#end(code, signal)));
    this.#awaitDrain(maxDrains, () => this.#end(code, signal));
  }

  /** Limits the wait for `close`. A child that has left the process group may hold the pipes open forever. */
  #awaitDrain(drains: number, onDrained: () => void): void {
    const before = chunksRead(this.#inputs);
    // One turn later, so that data that has arrived meanwhile is read first.
    const onTime = (): void => {
      if (this.#hasEnded) return;
      if (chunksRead(this.#inputs) > before && drains > 1) this.#awaitDrain(drains - 1, onDrained);
      else onDrained();
    };
    this.#drainTimer = setTimeout(() => setImmediate(onTime), drainMs);
  }

  #readFrames(outlet: Socket | undefined, { maxFrameBytes, maxHeadBytes }: IsolateOptions): ReadProgress {
    const reader = new FrameReader<unknown>((message, body, headBytes) => this.#receive(message, body, headBytes), {
      maxFrameBytes,
      maxHeadBytes,
      allocate: pagesFor,
    });
    return new IsolateInput<Buffer>(outlet, (chunk, mayContinue) => {
      if (this.#protocolError !== undefined) return false;
      // A part of a long reply, which is copied.
      if (chunk !== undefined && chunk.length >= fullReadBytes) noteYoungGarbage(chunk.length);
      try {
        return chunk === undefined ? reader.readOn(mayContinue) : reader.push(chunk, mayContinue);
      } catch (error) {
        this.#protocolError = error as Error;
        this.kill();
        return false;
      }
    });
  }

  #receive(message: unknown, body: Buffer, headBytes: number): void {
    if (!isFromIsolate(message)) throw new FrameError("it sent an invalid message");
    const cost = (message.kind === "output" ? 0 : 1) + Math.floor(headBytes / 1_024);
    if (!this.#frameBudget.take(cost)) throw new FrameError("it sent too many messages");
    if (message.kind === "spawned") this.#children?.add(message.pid);
    else if (message.kind === "exiting") {
      this.#announced = message;
      this.#debugging?.onExiting();
    } else if (message.kind === "debugger") this.#debugging?.onMessage(message);
    else if (message.kind === "files-loaded")
      filesLoaded.publish({ service: this.#service, folder: this.#projectFolder, files: message.files });
    this.#listener.onMessage(message, body);
  }

  #readRaw(stream: Socket | undefined, name: "stdout" | "stderr"): ReadProgress {
    stream?.setEncoding("utf8");
    return new IsolateInput<string>(stream, (raw = "") => {
      const text = this.#debugging?.withoutNotes(raw) ?? raw;
      if (text === "") return false;
      if (name === "stderr") {
        this.#stderrTail = text.slice(-maxStderrTail).trim();
        if (text.includes("heap out of memory")) this.#isOutOfHeap = true;
      }
      this.#listener.onRawOutput(name, text);
      return false;
    });
  }

  #end(code: number | null, signal: NodeJS.Signals | null, startError?: Error): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#drainTimer);
    this.#startError = startError;
    for (const stream of this.#process.stdio) stream?.destroy();
    if (this.#folder !== undefined) this.#scratch.remove(this.#folder);
    this.#listener.onExit({
      code,
      signal,
      announced: this.#announced,
      isOutOfHeap: this.#isOutOfHeap,
      stderrTail: this.#stderrTail,
      startError: this.#startError,
      protocolError: this.#protocolError,
    });
  }
}

function chunksRead(inputs: readonly ReadProgress[]): number {
  return inputs.reduce((sum, input) => sum + input.chunksRead, 0);
}

function whenAllRead([first, ...others]: readonly ReadProgress[], onRead: () => void): void {
  if (first === undefined) onRead();
  else first.whenRead(() => whenAllRead(others, onRead));
}

/** Checks whether the working directory is gone. The system reports that as if the program was missing. */
function explain(error: Error, folder: string): Error {
  try {
    accessSync(`${folder}/.`);
    return error;
  } catch (cause) {
    return new Error(`the project's folder cannot be entered: ${(cause as Error).message}`, { cause });
  }
}

/** The process has ended. `exit` reports it. */
function ignoreBrokenPipe(): void {}
