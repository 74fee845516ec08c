/**
 * Reads the messages of an inspector to a debugger, only to know whether the isolate is stopped. It changes nothing in
 * them.
 *
 * Node's inspector sends complete, unmasked text frames without extensions (RFC 6455, 5.2), after its answer to the
 * upgrade.
 */

const headEnd = Buffer.from("\r\n\r\n");
/** V8 writes the method first, so only this prefix of a message is read. */
const paused = '{"method":"Debugger.paused"';
const resumed = '{"method":"Debugger.resumed"';
const prefixBytes = resumed.length;
const textFrame = 1;
const closeFrame = 8;

/**
 * The isolate was stopped or continued, or the WebSocket is being closed properly. A cut connection has no `closing`.
 */
export type DebuggerEvent = "paused" | "resumed" | "closing";

export class PauseReader {
  readonly #onEvent: (sign: DebuggerEvent) => void;
  /** Bytes not yet parsed: the answer's head, or the head of a frame and the beginning of its text. */
  #pending: Buffer = Buffer.alloc(0);
  #isUpgraded = false;
  /** Number of bytes of the current frame that are still to come and can be skipped. */
  #skipBytes = 0;

  constructor(onSign: (sign: DebuggerEvent) => void) {
    this.#onEvent = onSign;
  }

  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    if (!this.#isUpgraded) {
      const end = this.#pending.indexOf(headEnd);
      if (end === -1) return;
      this.#isUpgraded = true;
      this.#pending = this.#pending.subarray(end + headEnd.length);
    }
    while (this.#step());
  }

  /** @returns whether there may be another frame. */
  #step(): boolean {
    if (this.#skipBytes > 0) {
      const skipped = Math.min(this.#skipBytes, this.#pending.length);
      this.#skipBytes -= skipped;
      this.#pending = this.#pending.subarray(skipped);
      if (this.#skipBytes > 0) return false;
    }
    const frame = frameIn(this.#pending);
    if (frame === undefined) return false;
    const { headBytes, textBytes, kind } = frame;
    const looked = kind === textFrame ? Math.min(prefixBytes, textBytes) : 0;
    if (this.#pending.length < headBytes + looked) return false;
    const text = this.#pending.toString("latin1", headBytes, headBytes + looked);
    if (text.startsWith(paused)) this.#onEvent("paused");
    else if (text === resumed) this.#onEvent("resumed");
    else if (kind === closeFrame) this.#onEvent("closing");
    this.#pending = this.#pending.subarray(headBytes + looked);
    this.#skipBytes = textBytes - looked;
    return true;
  }
}

/** Undefined while the frame's head is incomplete. */
function frameIn(bytes: Buffer): { headBytes: number; textBytes: number; kind: number } | undefined {
  if (bytes.length < 2) return undefined;
  const kind = bytes.readUInt8(0) & 0x0f;
  const length = bytes.readUInt8(1) & 0x7f;
  if (length < 126) return { headBytes: 2, textBytes: length, kind };
  const headBytes = length === 126 ? 4 : 10;
  if (bytes.length < headBytes) return undefined;
  return { headBytes, textBytes: length === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2)), kind };
}
