/**
 * Outlines of source files, for hints. The server makes hints while it answers a failed request, so the caller waits here
 * until a thread has parsed the file. The thread starts with the first file. Only the thread loads the parser.
 */
import { statSync } from "node:fs";
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from "node:worker_threads";

import type { OutlineReader, SourceOutline } from "@offhook/runtime";

import { stackMbFor } from "./parser-limits.ts";

export interface OutlineWorkerData {
  readonly answers: MessagePort;
  readonly signal: Int32Array<SharedArrayBuffer>;
}

interface Answer {
  readonly file: string;
  readonly outline: SourceOutline | undefined;
}

interface CachedOutline {
  readonly version: string;
  readonly outline: SourceOutline | undefined;
}

interface Thread {
  readonly worker: Worker;
  readonly answers: MessagePort;
  readonly signal: Int32Array<SharedArrayBuffer>;
  /** Of the largest file that its stack is enough for. */
  readonly maxBytes: number;
}

const maxBytes = 500_000;
/** The stack of the first thread is enough for this size. A larger file needs a new thread. */
const usualBytes = 50_000;
/** A busy machine starts threads slowly. A thread that takes longer is ended. */
const maxWaitMs = 5_000;
const maxCached = 200;

export class OutlineThread implements OutlineReader {
  readonly #cache = new Map<string, CachedOutline>();
  #thread: Thread | undefined;

  outlineOf(file: string): SourceOutline | undefined {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isFile() !== true || stats.size > maxBytes) return undefined;
    const version = `${stats.mtimeMs} ${stats.size}`;
    const cached = this.#cache.get(file);
    if (cached?.version === version) return cached.outline;
    const outline = this.#ask(file, stats.size);
    if (this.#cache.size >= maxCached) this.#cache.clear();
    this.#cache.set(file, { version, outline });
    return outline;
  }

  /** The thread ends. The next file starts another. */
  close(): void {
    this.#thread?.answers.close();
    void this.#thread?.worker.terminate();
    this.#thread = undefined;
  }

  #ask(file: string, bytes: number): SourceOutline | undefined {
    if (this.#thread !== undefined && this.#thread.maxBytes < bytes) this.close();
    const { worker, answers, signal } = (this.#thread ??= startThread(Math.max(bytes, usualBytes)));
    const before = Atomics.load(signal, 0);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(file);
    Atomics.wait(signal, 0, before, maxWaitMs);
    const answer = receiveMessageOnPort(answers)?.message as Answer | undefined;
    if (answer?.file === file) return answer.outline;
    this.close();
    return undefined;
  }
}

function startThread(bytes: number): Thread {
  const program = import.meta.url.endsWith(".ts") ? "./outline-worker.ts" : "./outline-worker.js";
  const { port1: answers, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(new URL(program, import.meta.url), {
    workerData: { answers: port2, signal } satisfies OutlineWorkerData,
    transferList: [port2],
    resourceLimits: { stackSizeMb: stackMbFor(bytes) },
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  // A thread that cannot start answers nothing, which `#ask` sees.
  worker.on("error", () => undefined);
  worker.unref();
  answers.unref();
  return { worker, answers, signal, maxBytes: bytes };
}
