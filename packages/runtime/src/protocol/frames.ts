/**
 * Converts messages to bytes for the socket between a pool and an isolate, and back.
 *
 *     frame = length of the rest (u32) | length of the head (u32) | head (JSON, UTF-8) | body (bytes)
 *
 * Both sides write complete frames and read a stream, so a reader gets frames in pieces and in batches.
 */
const { Buffer } = process.getBuiltinModule("node:buffer");

// User code shares the isolate's realm and may replace these functions. The protocol must keep the originals.
const { parse, stringify } = JSON;
const { min } = Math;

const prefixBytes = 8;
const noBody = Buffer.alloc(0);
/** Memory is allocated in slabs of this size. A longer frame gets its own slab. */
const slabBytes = 65_536;

/** Writes frames side by side into one buffer, so that many are sent in one write without another copy. */
export class FrameWriter {
  #slab = noBody;
  #from = 0;
  #to = 0;

  /** Adds the frame of one message and its body. */
  add(head: object, body: Uint8Array = noBody): void {
    const json = stringify(head);
    // A UTF-16 unit takes three bytes at most.
    const maxBytes = prefixBytes + json.length * 3 + body.length;
    if (this.#to + maxBytes > this.#slab.length) this.#renew(maxBytes);
    const slab = this.#slab;
    const headBytes = slab.write(json, this.#to + prefixBytes, "utf8");
    slab.writeUInt32BE(4 + headBytes + body.length, this.#to);
    slab.writeUInt32BE(headBytes, this.#to + 4);
    this.#to += prefixBytes + headBytes;
    if (body.length > 0) slab.set(body, this.#to);
    this.#to += body.length;
  }

  /** Returns the frames added since the last call. The writer never changes the returned bytes. */
  take(): Buffer {
    const frames = this.#slab.subarray(this.#from, this.#to);
    this.#from = this.#to;
    // Do not keep megabytes because of one long frame.
    if (this.#slab.length > slabBytes) this.#slab = noBody;
    if (this.#slab === noBody) this.#from = this.#to = 0;
    return frames;
  }

  #renew(maxBytes: number): void {
    const pending = this.#slab.subarray(this.#from, this.#to);
    this.#slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, pending.length + maxBytes));
    this.#slab.set(pending, 0);
    this.#from = 0;
    this.#to = pending.length;
  }
}

/** Thrown if the other side violates the protocol. */
export class FrameError extends Error {
  override name = "FrameError";
}

/** @param headBytes size of the message in bytes. */
export type OnFrame<Message> = (message: Message, body: Buffer, headBytes: number) => void;

export interface FrameReaderOptions {
  /** Longer frames are rejected. */
  readonly maxFrameBytes?: number;
  /** Frames with a longer head are rejected. */
  readonly maxHeadBytes?: number;
  /** Allocates memory for a long frame. */
  readonly allocate?: (bytes: number) => Buffer;
}

/**
 * Reads frames from chunks as they arrive. A body is a view into its chunk, so keeping the body keeps the whole chunk.
 */
export class FrameReader<Message> {
  readonly #onFrame: OnFrame<Message>;
  readonly #maxFrameBytes: number;
  readonly #maxHeadBytes: number;
  readonly #allocate: (bytes: number) => Buffer;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Size of the current frame, prefix included. 0 until its length is known. */
  #wantedBytes = 0;
  #hasMore = false;
  /** Collects a long frame while it arrives, so that there is one copy of it and not two. */
  #long: Buffer | undefined;

  constructor(onFrame: OnFrame<Message>, options: FrameReaderOptions = {}) {
    const { maxFrameBytes = 0xffff_ffff, maxHeadBytes = maxFrameBytes, allocate = Buffer.allocUnsafeSlow } = options;
    this.#onFrame = onFrame;
    this.#maxFrameBytes = maxFrameBytes;
    this.#maxHeadBytes = maxHeadBytes;
    this.#allocate = allocate;
  }

  /**
   * @param mayContinue called before each frame. If it returns false, `readOn` has to read the rest.
   * @returns whether there are more complete frames.
   * @throws FrameError if the bytes are not a frame. The stream is unusable after that.
   */
  push(chunk: Buffer, mayContinue?: () => boolean): boolean {
    if (this.#long !== undefined) {
      const rest = this.#fill(this.#long, chunk);
      if (rest === undefined) return false;
      chunk = rest;
    }
    if (this.#pendingBytes > 0) {
      this.#pending.push(chunk);
      this.#pendingBytes += chunk.length;
      if (this.#pendingBytes < Math.max(this.#wantedBytes, prefixBytes)) return false;
      chunk = Buffer.concat(this.#pending, this.#pendingBytes);
    }
    return this.#read(chunk, mayContinue);
  }

  /** Reads the frames that `push` has left. */
  readOn(mayContinue?: () => boolean): boolean {
    return this.#read(this.#pending[0] ?? noBody, mayContinue);
  }

  #read(bytes: Buffer, mayContinue: (() => boolean) | undefined): boolean {
    this.#hasMore = false;
    const rest = this.#readWhole(bytes, mayContinue);
    if (this.#wantedBytes > slabBytes) {
      this.#long = this.#allocate(this.#wantedBytes);
      this.#pending = [];
      this.#pendingBytes = 0;
      this.#fill(this.#long, rest);
      return false;
    }
    this.#pending = rest.length > 0 ? [rest] : [];
    this.#pendingBytes = rest.length;
    return this.#hasMore;
  }

  /** @returns the bytes after the long frame. Undefined while it is incomplete. */
  #fill(long: Buffer, chunk: Buffer): Buffer | undefined {
    const bytes = min(long.length - this.#pendingBytes, chunk.length);
    long.set(bytes === chunk.length ? chunk : chunk.subarray(0, bytes), this.#pendingBytes);
    this.#pendingBytes += bytes;
    if (this.#pendingBytes < long.length) return undefined;
    this.#long = undefined;
    this.#pendingBytes = 0;
    this.#readWhole(long, undefined);
    return chunk.subarray(bytes);
  }

  #readWhole(bytes: Buffer, mayContinue: (() => boolean) | undefined): Buffer {
    let at = 0;
    this.#wantedBytes = 0;
    while (bytes.length - at >= prefixBytes) {
      const restBytes = bytes.readUInt32BE(at);
      const headBytes = bytes.readUInt32BE(at + 4);
      if (restBytes > this.#maxFrameBytes || headBytes > this.#maxHeadBytes || headBytes + 4 > restBytes) {
        throw new FrameError(`it sent a frame of ${restBytes} bytes with a head of ${headBytes} bytes`);
      }
      const end = at + 4 + restBytes;
      if (end > bytes.length) {
        this.#wantedBytes = end - at;
        break;
      }
      if (at > 0 && mayContinue?.() === false) {
        this.#hasMore = true;
        break;
      }
      const bodyAt = at + prefixBytes + headBytes;
      const message = parseHead(bytes, at + prefixBytes, bodyAt) as Message;
      at = end;
      this.#onFrame(message, bodyAt === end ? noBody : bytes.subarray(bodyAt, end), headBytes);
    }
    return at === 0 ? bytes : bytes.subarray(at);
  }
}

function parseHead(bytes: Buffer, from: number, to: number): unknown {
  try {
    return parse(bytes.toString("utf8", from, to)) as unknown;
  } catch (cause) {
    throw new FrameError("it sent a frame whose head is not JSON", { cause });
  }
}
