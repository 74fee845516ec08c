/**
 * Collects what functions write, and hands it over in batches. Of each invocation the last 3 kB are kept, as hosted
 * (contract row 178).
 */
import { outputWritten, requestEnded, type OutputWritten } from "@offhook/runtime/observe";
import type { OutputLine, TenantSpec } from "../link/messages.ts";

const maxInvocationBytes = 3 * 1024;
const maxBatch = 500;
const batchMs = 200;
/** Lines that wait while nobody takes them. The oldest are dropped beyond that. */
const maxWaiting = 20_000;
/** Invocations whose lines are collected at once. */
const maxInvocations = 10_000;

interface Invocation {
  readonly lines: OutputLine[];
  bytes: number;
}

interface CollectorOptions {
  readonly specOf: (deploymentSid: string) => TenantSpec | undefined;
  /** @returns false if nobody takes lines at the moment. */
  readonly send: (lines: readonly OutputLine[]) => boolean;
  /** Called with the number of lines that were dropped. */
  readonly onDropped: (count: number) => void;
}

export class OutputCollector {
  readonly #options: CollectorOptions;
  /** By request. Lines wait here until their invocation has replied. */
  readonly #invocations = new Map<string, Invocation>();
  /** Bytes that requests may still write after their reply. */
  readonly #ended = new Map<string, number>();
  readonly #ends: readonly (() => void)[];
  #waiting: OutputLine[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#ends = [
      outputWritten.subscribe((output) => this.#add(output)),
      requestEnded.subscribe(({ requestId }) => this.#finish(requestId)),
    ];
  }

  /** Hands over what is left. */
  stop(): void {
    for (const end of this.#ends) end();
    for (const requestId of this.#invocations.keys()) this.#finish(requestId);
    this.flush();
    clearTimeout(this.#timer);
  }

  #add({ deployment = "", requestId, function: name, level, text }: OutputWritten): void {
    const spec = this.#options.specOf(deployment);
    if (spec === undefined) return;
    const line: OutputLine = {
      environmentSid: spec.environmentSid,
      buildSid: spec.buildSid,
      deploymentSid: spec.deploymentSid,
      functionSid: spec.functions.find((each) => each.name === name)?.sid,
      requestSid: requestId,
      at: Date.now(),
      level: level === "debug" ? "info" : level,
      message: lastBytes(text),
    };
    if (requestId === undefined) return this.#enqueue([line]);
    const left = this.#ended.get(requestId);
    if (left !== undefined) return this.#addLate(requestId, left, line);
    let invocation = this.#invocations.get(requestId);
    if (invocation === undefined) {
      if (this.#invocations.size >= maxInvocations) this.#finish([...this.#invocations.keys()][0] ?? "");
      invocation = { lines: [], bytes: 0 };
      this.#invocations.set(requestId, invocation);
    }
    keepLast(invocation, line);
  }

  /** A function may go on writing after its reply. */
  #addLate(requestId: string, left: number, line: OutputLine): void {
    const bytes = Buffer.byteLength(line.message);
    if (bytes > left) return;
    this.#ended.set(requestId, left - bytes);
    this.#enqueue([line]);
  }

  #finish(requestId: string): void {
    const invocation = this.#invocations.get(requestId);
    this.#invocations.delete(requestId);
    const left = this.#ended.get(requestId) ?? maxInvocationBytes;
    this.#ended.set(requestId, left - (invocation?.bytes ?? 0));
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > maxInvocations && oldest !== undefined) this.#ended.delete(oldest);
    if (invocation !== undefined) this.#enqueue(invocation.lines);
  }

  #enqueue(lines: readonly OutputLine[]): void {
    this.#waiting.push(...lines);
    const excess = this.#waiting.length - maxWaiting;
    if (excess > 0) {
      this.#waiting.splice(0, excess);
      this.#options.onDropped(excess);
    }
    if (this.#waiting.length >= maxBatch) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), batchMs).unref();
  }

  /** Hands over what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#waiting.length > 0) {
      if (!this.#options.send(this.#waiting.slice(0, maxBatch))) return;
      this.#waiting = this.#waiting.slice(maxBatch);
    }
  }
}

function keepLast(invocation: Invocation, line: OutputLine): void {
  invocation.lines.push(line);
  invocation.bytes += Buffer.byteLength(line.message);
  while (invocation.bytes > maxInvocationBytes && invocation.lines.length > 1) {
    const [first] = invocation.lines.splice(0, 1);
    invocation.bytes -= Buffer.byteLength(first?.message ?? "");
  }
}

function lastBytes(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxInvocationBytes) return text;
  // A character that is cut through becomes a replacement character, which is left out.
  return bytes
    .subarray(bytes.length - maxInvocationBytes)
    .toString()
    .replace(/^\uFFFD+/, "");
}
