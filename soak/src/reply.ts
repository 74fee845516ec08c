/** Reads replies from the bytes of a connection, with little work: client and server share the processors. */

export interface Reply {
  readonly status: number;
  /** The status line and the header lines. */
  readonly head: string;
  readonly body: string;
}

/** The first value of a header. @param name in lower case. */
export function headerOf({ head }: Reply, name: string): string | undefined {
  return new RegExp(`\r\n${name}: *([^\r\n]*)`, "i").exec(head)?.[1];
}

/** The code of the ledger. Absent for a function's own reply. */
export function codeOf(reply: Reply): string | undefined {
  return reply.status < 400 ? undefined : headerOf(reply, "x-offhook-error");
}

const headEnd = Buffer.from("\r\n\r\n");
const lengthLine = /\r\ncontent-length: *(\d+)/i;
const nothing = Buffer.alloc(0);

/** Takes the bytes of a connection, and returns whole replies, in order. */
export class ReplyReader {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #neededBytes = 0;

  /** Whether a part of a reply has arrived. */
  get isWithin(): boolean {
    return this.#bytes > 0;
  }

  /** @throws if the bytes are not HTTP, or have no length. */
  push(chunk: Buffer, isBodiless: () => boolean, onReply: (reply: Reply) => void): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#neededBytes) return;
    let bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#neededBytes = 0;
    for (;;) {
      const end = bytes.indexOf(headEnd);
      if (end === -1) break;
      const head = bytes.toString("latin1", 0, end);
      const status = Number(head.slice(9, 12));
      if (!head.startsWith("HTTP/1.1 ") || !(status >= 100)) throw new Error(`not HTTP: ${head.slice(0, 80)}`);
      const isEmpty = status === 204 || status === 304 || status < 200 || isBodiless();
      const length = isEmpty ? 0 : Number(lengthLine.exec(head)?.[1] ?? Number.NaN);
      if (Number.isNaN(length)) throw new Error(`no content-length: ${head}`);
      const bodyStart = end + headEnd.length;
      this.#neededBytes = bodyStart + length;
      if (bytes.length < this.#neededBytes) break;
      onReply({ status, head, body: bytes.toString("latin1", bodyStart, bodyStart + length) });
      bytes = bytes.length === this.#neededBytes ? nothing : bytes.subarray(this.#neededBytes);
      this.#neededBytes = 0;
    }
    this.#bytes = bytes.length;
    if (bytes.length > 0) this.#chunks.push(bytes);
  }
}
