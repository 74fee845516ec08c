/**
 * Writes the log to its stream. The reader of the stream may be slow, and the disk may be full. Lines then wait, up to
 * a limit. Over the limit, they are dropped and counted, and a line with the count follows the waiting ones. Callers
 * never wait.
 */

/** How many characters may wait, including those that are being written. */
const waitingLimit = 8 * 2 ** 20;

export class LogOutput {
  readonly #stream: NodeJS.WritableStream;
  readonly #describeLoss: (lines: number) => string;
  #pending = "";
  #scheduled: NodeJS.Immediate | undefined;
  /** Characters that the stream has and has not written yet. */
  #writing = 0;
  #lost = 0;
  #isBroken = false;

  /** @param describeLoss makes the line that says how many were lost. */
  constructor(stream: NodeJS.WritableStream, describeLoss: (lines: number) => string) {
    this.#stream = stream;
    this.#describeLoss = describeLoss;
    // The listener stays when the log ends: a pending write may fail later.
    stream.on("error", () => this.#break());
  }

  /** Lines of one turn of the event loop become one write. */
  add(line: string): void {
    if (this.#isBroken) return;
    // After one line is lost, all others are dropped until the count is written. So lines keep their order, and there
    // is one gap instead of many.
    if (this.#lost > 0 || this.#writing + this.#pending.length + line.length > waitingLimit) {
      this.#lost++;
      return;
    }
    this.#pending += line;
    if (this.#writing === 0) this.#scheduled ??= setImmediate(this.#flush);
  }

  /** Hands all waiting lines to the stream. */
  end(): void {
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
    this.#reportLoss();
    this.#flush();
  }

  readonly #flush = (): void => {
    this.#scheduled = undefined;
    const text = this.#pending;
    this.#pending = "";
    if (text === "" || this.#isBroken) return;
    this.#writing += text.length;
    this.#stream.write(text, (error) => {
      this.#writing -= text.length;
      if (error) return this.#break();
      if (this.#writing > 0) return;
      this.#reportLoss();
      this.#flush();
    });
  };

  #reportLoss(): void {
    if (this.#lost === 0) return;
    this.#pending += this.#describeLoss(this.#lost);
    this.#lost = 0;
  }

  #break(): void {
    this.#isBroken = true;
    this.#pending = "";
  }
}
