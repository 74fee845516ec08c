/**
 * A thread that watches the clock while the main thread cannot. Shortly before the deadline of an invocation, it uses
 * the inspector to interrupt the main thread, even in a loop or a regular expression, and runs `onAlarm` there. It
 * pauses nothing and enables no debugger.
 *
 * Both threads share a piece of memory, so an invocation costs only a few stores. The thread sleeps until the last
 * alarm time that it has seen, and only then checks whether a later one is set.
 */
import { Worker } from "node:worker_threads";

/** Cells of the shared memory, each of eight bytes. */
const cells = { turn: 0, answered: 1, isAsleep: 2, alarmAtMs: 3 } as const;

/** The function that the thread calls in the main thread. The thread can only reach it as a global. */
const alarmKey = "offhook.alarm";

export class Watchdog {
  readonly #shared = new SharedArrayBuffer(8 * Object.keys(cells).length);
  readonly #numbers = new BigInt64Array(this.#shared);
  readonly #times = new Float64Array(this.#shared);
  #turn = 0n;
  #hasThread = false;

  /** @param onAlarm interrupts the code of the main thread. It returns false to be called again. */
  constructor(onAlarm: () => boolean) {
    Object.defineProperty(globalThis, Symbol.for(alarmKey), { value: onAlarm, configurable: true });
  }

  /**
   * Called with the first invocation, so that it does not delay the isolate's start. The thread can start while the
   * main thread is busy.
   */
  #startThread(): void {
    this.#hasThread = true;
    // Source instead of a file: the process may run as a user who cannot read the file.
    const thread = new Worker(`(${runWatchdog.toString()})()`, {
      eval: true,
      workerData: { shared: this.#shared, cells, alarm: `globalThis[Symbol.for(${JSON.stringify(alarmKey)})]()` },
      env: {},
      execArgv: [],
    });
    thread.unref();
    thread.on("error", () => {});
  }

  /** @param alarmAtMs on the clock of `hrtime`. */
  arm(alarmAtMs: number): void {
    this.#times[cells.alarmAtMs] = alarmAtMs;
    Atomics.store(this.#numbers, cells.turn, ++this.#turn);
    if (!this.#hasThread) this.#startThread();
    if (Atomics.load(this.#numbers, cells.isAsleep) === 1n) Atomics.notify(this.#numbers, cells.turn);
  }

  /** The invocation has been reported already, or is over. */
  disarm(): void {
    Atomics.store(this.#numbers, cells.answered, this.#turn);
  }
}

/** Runs in the thread. It is passed as source, so it must contain everything that it uses. */
function runWatchdog(): void {
  const { workerData } = process.getBuiltinModule("node:worker_threads");
  const { Session } = process.getBuiltinModule("node:inspector");
  const { shared, cells: at, alarm } = workerData as { shared: SharedArrayBuffer; cells: typeof cells; alarm: string };
  const numbers = new BigInt64Array(shared);
  const times = new Float64Array(shared);
  const askAgainMs = 15;
  const giveUpMs = 1_000;

  function poll(): void {
    for (;;) {
      const turn = Atomics.load(numbers, at.turn);
      const isDone = Atomics.load(numbers, at.answered) === turn;
      const leftMs = (times[at.alarmAtMs] ?? 0) - Number(process.hrtime.bigint()) / 1e6;
      if (isDone) {
        Atomics.store(numbers, at.isAsleep, 1n);
        Atomics.wait(numbers, at.turn, turn);
        Atomics.store(numbers, at.isAsleep, 0n);
      } else if (leftMs > 0) {
        // A plain sleep. Invocations that start or end meanwhile do not wake the thread.
        Atomics.wait(numbers, at.alarmAtMs, numbers[at.alarmAtMs] ?? 0n, leftMs);
      } else return raise(turn);
    }
  }

  function raise(turn: bigint): void {
    const session = new Session();
    session.connectToMainThread();
    const from = Number(process.hrtime.bigint()) / 1e6;
    let isAsked = false;
    const ask = (): void => {
      isAsked = true;
      session.post("Runtime.evaluate", { expression: alarm }, (_error, answer) => {
        isAsked = answer?.result.value === true;
      });
    };
    ask();
    // A session alone does not keep the thread alive.
    const timer = setInterval(() => {
      const forMs = Number(process.hrtime.bigint()) / 1e6 - from;
      if (Atomics.load(numbers, at.answered) !== turn && Atomics.load(numbers, at.turn) === turn && forMs < giveUpMs) {
        if (!isAsked) ask();
        return;
      }
      clearInterval(timer);
      session.disconnect();
      // Marks the turn as answered, so that the alarm is not raised again.
      Atomics.compareExchange(numbers, at.answered, Atomics.load(numbers, at.answered), turn);
      poll();
    }, askAgainMs);
  }

  poll();
}
