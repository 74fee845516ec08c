import type { IsolateExit, IsolateLike, IsolateListener } from "../src/pool/isolate-like.ts";
import type { MainThread } from "../src/pool/process-stats.ts";
import type { FromIsolate, ToIsolate } from "../src/protocol/messages.ts";

/** An isolate without a process. The test sends its messages. */
export class FakeIsolate implements IsolateLike {
  readonly pid = 4_711;
  readonly listener: IsolateListener;
  readonly sent: ToIsolate[] = [];
  isKilled = false;
  hasGivenWay = false;
  usedCpuMs: number | undefined = 0;
  isRunnable = true;
  memoryBytes: number | undefined = 0;

  constructor(listener: IsolateListener) {
    this.listener = listener;
  }

  send(message: ToIsolate): void {
    this.sent.push(message);
  }

  kill(): void {
    this.isKilled = true;
  }

  cpuMs(): number | undefined {
    return this.usedCpuMs;
  }

  mainThread(): MainThread | undefined {
    return this.usedCpuMs === undefined ? undefined : { cpuMs: this.usedCpuMs, isRunnable: this.isRunnable };
  }

  residentBytes(): number | undefined {
    return this.memoryBytes;
  }

  lowerPriority(): void {
    this.hasGivenWay = true;
  }

  say(message: FromIsolate, body = Buffer.alloc(0)): void {
    this.listener.onMessage(message, body);
  }

  reply(id: number): void {
    this.say({ kind: "reply", id, status: 200, headers: [] });
  }

  settle(id: number, leftovers: readonly string[] = []): void {
    this.say({ kind: "settled", id, tookMs: 1, isTainted: false, leftovers });
  }

  exit(exit: Partial<IsolateExit> = {}): void {
    const nothing = { announced: undefined, isOutOfHeap: false, stderrTail: "", startError: undefined };
    this.listener.onExit({ code: 1, signal: null, protocolError: undefined, ...nothing, ...exit });
  }
}
