/**
 * A thread that looks at the clock while the main one cannot: shortly before the time of an invocation is over it has
 * the main thread interrupted, by way of the inspector, wherever it is: in a loop, in a regular expression. What runs there is
 * `onAlarm`. Nothing is paused, and no debugger is switched on.
 *
 * Both look at one piece of memory, so that an invocation costs a few stores: the thread sleeps until the end that it has
 * seen last, and only then looks whether another one is due.
 */
import { Worker } from "node:worker_threads";

/** Cells of the shared memory, each of eight bytes. */
const cells = { turn: 0, answered: 1, isAsleep: 2, alarmAtMs: 3 } as const;

/** What the thread calls in the main one. It has no other way in than by a global. */
const alarmKey = "offhook.alarm";

export class Watchdog {
  readonly #shared = new SharedArrayBuffer(8 * Object.keys(cells).length);
  readonly #numbers = new BigInt64Array(this.#shared);
  readonly #times = new Float64Array(this.#shared);
  #turn = 0n;
  #hasThread = false;

  /** @param onAlarm runs amidst whatever the main thread does. @returns whether it could be done there and then. */
  constructor(onAlarm: () => boolean) {
    Object.defineProperty(globalThis, Symbol.for(alarmKey), { value: onAlarm, configurable: true });
  }

  /** With the first invocation: the isolate is not to start later for it. The thread needs nothing of this one to begin. */
  #startThread(): void {
    this.#hasThread = true;
    // Its source and not its file: the process may be a user by now who cannot read that.
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

  /** It has been told of already, or is over: there is nothing more to look at. */
  disarm(): void {
    Atomics.store(this.#numbers, cells.answered, this.#turn);
  }
}

/** Runs in the thread, by its source alone: whatever it uses has to be in it. */
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
        // Nobody wakes it here: it sleeps on, whatever begins and ends meanwhile.
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
    // A session alone does not keep a thread.
    const timer = setInterval(() => {
      const forMs = Number(process.hrtime.bigint()) / 1e6 - from;
      if (Atomics.load(numbers, at.answered) !== turn && Atomics.load(numbers, at.turn) === turn && forMs < giveUpMs) {
        if (!isAsked) ask();
        return;
      }
      clearInterval(timer);
      session.disconnect();
      // As if it had been told of: not again.
      Atomics.compareExchange(numbers, at.answered, Atomics.load(numbers, at.answered), turn);
      poll();
    }, askAgainMs);
  }

  poll();
}
