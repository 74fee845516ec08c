/**
 * Files that the phone attaches to messages. Functions request them as they request media from Twilio: without a cookie,
 * at a URL that nobody can guess. They are kept in memory.
 */
import { randomBytes } from "node:crypto";

interface OfferedFile {
  readonly body: Buffer;
  readonly type: string;
}

/** Twilio accepts 5 MB per message (twilio.com/docs/messaging/guides/accepted-mime-types). */
export const maxFileBytes = 5 * 1_048_576;
const maxFiles = 20;

export class OfferedFiles {
  readonly #origin: string;
  readonly #files = new Map<string, OfferedFile>();

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Keeps a file, and forgets the oldest if there are too many. @returns its URL. */
  add(body: Buffer, type: string): string {
    const id = randomBytes(16).toString("hex");
    this.#files.set(id, { body, type: /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : "application/octet-stream" });
    const [oldest] = this.#files.keys();
    if (this.#files.size > maxFiles && oldest !== undefined) this.#files.delete(oldest);
    return `${this.#origin}/media/${id}`;
  }

  /** @param path such as `/media/…`. */
  find(path: string): OfferedFile | undefined {
    return this.#files.get(/^\/media\/(\w+)$/.exec(path)?.[1] ?? "");
  }
}
