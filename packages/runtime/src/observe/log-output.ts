/**
 * The log's way out. Whoever reads it may be slow, and the disk may be full: lines wait then, up to a bound. Beyond it they
 * are dropped and counted, and the count is told as soon as the rest is out. Who writes never waits.
 */

/** Characters that may wait, the ones that are being written included. */
const waitingLimit = 8 * 2 ** 20;

export class LogOutput {
  readonly #stream: NodeJS.WritableStream;
  readonly #describeLoss: (lines: number) => string;
  #pending = "";
  #scheduled: NodeJS.Immediate | undefined;
  /** Characters handed to the stream that it still has. */
  #writing = 0;
  #lost = 0;
  #isBroken = false;

  /** @param describeLoss the line that tells how many were lost. */
  constructor(stream: NodeJS.WritableStream, describeLoss: (lines: number) => string) {
    this.#stream = stream;
    this.#describeLoss = describeLoss;
    // The listener stays when the log ends: a write that is still on its way may fail after that.
    stream.on("error", () => this.#break());
  }

  /** One write a turn of the loop, however many lines it brings. */
  add(line: string): void {
    if (this.#isBroken) return;
    // Once one is lost all are until the count can be told: lines keep their order, and a gap is one gap.
    if (this.#lost > 0 || this.#writing + this.#pending.length + line.length > waitingLimit) {
      this.#lost++;
      return;
    }
    this.#pending += line;
    if (this.#writing === 0) this.#scheduled ??= setImmediate(this.#flush);
  }

  /** Hands all that waits to the stream. */
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
