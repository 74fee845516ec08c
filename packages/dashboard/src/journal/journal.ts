/**
 * The journal stores requests and replies in files of the project's `.offhook/` folder. When it is full, it deletes the
 * oldest files. `offhook dev` writes it, and other commands may read it at the same time.
 *
 *     .offhook/.gitignore            keeps the folder out of git
 *     .offhook/journal/000001.ndjson one exchange per line, with its secrets masked already
 *
 * Each process writes to a file of its own, so two processes can write at once.
 * Lines that do not parse are skipped: a process may have been killed while it wrote one.
 */
import { constants } from "node:fs";
import { lstat, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Exchange, ExchangeSummary } from "../api.ts";

import { withFile } from "./opened-file.ts";
import { makeStateFolder } from "./state-folder.ts";

export interface JournalBounds {
  /** When a file has reached this size, the next file is started. */
  readonly fileBytes: number;
  /** Of all files together, without the current one. */
  readonly totalBytes: number;
  readonly files: number;
}

const defaultBounds: JournalBounds = { fileBytes: 4 * 1_048_576, totalBytes: 32 * 1_048_576, files: 100 };

export interface JournalOptions {
  readonly bounds?: JournalBounds;
  readonly onError?: (error: Error) => void;
}

interface Entry {
  readonly summary: ExchangeSummary;
  readonly file: number;
  readonly at: number;
  readonly bytes: number;
}

export class Journal {
  readonly #project: string;
  readonly #folder: string;
  readonly #bounds: JournalBounds;
  readonly #onError: (error: Error) => void;
  /** By id, oldest first. */
  readonly #entries = new Map<string, Entry>();
  /** Exchanges that are not on the disk yet. */
  readonly #waiting = new Map<string, Exchange>();
  /** The number of the current file. 0 if there is none. */
  #file = 0;
  #fileBytes = 0;
  #work: Promise<void> = Promise.resolve();
  #hasFailed = false;
  /** Number of calls of `clear()` that have not been carried out yet. */
  #clears = 0;
  #isRead = false;

  private constructor(project: string, bounds: JournalBounds, onError: (error: Error) => void) {
    this.#project = project;
    this.#folder = journalFolder(project);
    this.#bounds = bounds;
    this.#onError = onError;
  }

  /**
   * Creates a journal for writing, without reading the existing files. If the folder cannot be written, `onError` is
   * called once and the journal lasts only as long as the process.
   * @param project the project's folder.
   */
  static begin(project: string, { bounds = defaultBounds, onError = () => undefined }: JournalOptions = {}): Journal {
    return new Journal(project, bounds, onError);
  }

  /** Creates a journal and reads the existing files. */
  static async open(project: string, options?: JournalOptions): Promise<Journal> {
    const journal = Journal.begin(project, options);
    await journal.load();
    return journal;
  }

  /** Resolves when the exchanges of earlier processes have been read. */
  async load(): Promise<void> {
    if (!this.#isRead) this.#then(() => this.#read());
    this.#isRead = true;
    await this.#work;
  }

  /** The newest exchanges, at most `limit`. @param before the id of an exchange. Only older ones are returned. */
  page(limit: number, before?: string): { exchanges: ExchangeSummary[]; before?: string } {
    const all = this.#summaries();
    const end = before === undefined ? all.length : all.findIndex(({ id }) => id === before);
    const from = Math.max(0, end - limit);
    const exchanges = end === -1 ? [] : all.slice(from, end).toReversed();
    const oldest = exchanges.at(-1);
    return { exchanges, ...(from > 0 && oldest !== undefined && { before: oldest.id }) };
  }

  async exchange(id: string): Promise<Exchange | undefined> {
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) return waiting;
    const entry = this.#entries.get(id);
    return entry === undefined ? undefined : await this.#readEntry(id, entry);
  }

  get last(): ExchangeSummary | undefined {
    return this.#summaries().at(-1);
  }

  /** Returns at once. `settled` resolves when the exchange is on the disk. */
  add(exchange: Exchange): void {
    this.#waiting.set(exchange.id, exchange);
    // If the disk is too slow, the oldest waiting exchanges are dropped.
    if (this.#waiting.size > maxWaiting) this.#waiting.delete(this.#waiting.keys().next().value ?? "");
    this.#then(() => this.#write());
  }

  /** @param until deletes only the exchanges that started at this time or before. */
  clear(until = Infinity): void {
    const kept = this.#summaries().filter(({ startedAt }) => startedAt > until);
    for (const [id, { startedAt }] of this.#waiting) if (startedAt <= until) this.#waiting.delete(id);
    this.#clears += 1;
    this.#then(async () => {
      // They are written again below, because the file of each also contains exchanges to delete.
      for (const { id } of kept) {
        const exchange = await this.exchange(id);
        if (exchange !== undefined) this.#waiting.set(id, exchange);
      }
      this.#clears -= 1;
      this.#entries.clear();
      this.#file = 0;
      await makeStateFolder(this.#project, "journal");
      await Promise.all((await this.#files()).map((file) => rm(this.#path(file), { force: true })));
      await this.#write();
    });
  }

  /** Resolves when everything so far is on the disk, or writing has failed. */
  async settled(): Promise<void> {
    await this.#work;
  }

  /** In order of their start. A later update does not change an exchange's place. */
  #summaries(): ExchangeSummary[] {
    const all = new Map([...this.#entries].map(([id, { summary }]) => [id, summary]));
    for (const [id, exchange] of this.#waiting) all.set(id, summaryOf(exchange));
    return [...all.values()].toSorted((one, other) => one.startedAt - other.startedAt || (one.id < other.id ? -1 : 1));
  }

  /** Runs the steps one after the other. Only the first failure is reported. Unwritten exchanges stay in memory. */
  #then(step: () => Promise<void>): void {
    this.#work = this.#work.then(step).catch((error: unknown) => {
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      this.#onError(error instanceof Error ? error : new Error(String(error)));
    });
  }

  async #read(): Promise<void> {
    const files = await this.#files().catch(() => []);
    for (const file of files) {
      // Skips links and devices: they do not belong to the journal, and reading them may never end.
      if ((await sizeOf(this.#path(file))) === undefined) continue;
      const bytes = await readFile(this.#path(file)).catch(() => undefined);
      if (bytes === undefined) continue;
      for (const { at, line } of linesOf(bytes)) {
        const exchange = parsed(line);
        if (exchange === undefined) continue;
        this.#entries.delete(exchange.id);
        this.#entries.set(exchange.id, { summary: summaryOf(exchange), file, at, bytes: line.length });
      }
    }
  }

  async #write(): Promise<void> {
    const waiting = [...this.#waiting.values()];
    // A pending clear() must not delete exchanges that arrived after it, so they are written after it.
    if (waiting.length === 0 || this.#clears > 0) return;
    await makeStateFolder(this.#project, "journal");
    // Another process may have cleared the journal. Then our file is gone, or its name belongs to a file of that
    // process.
    const size = await sizeOf(this.#path(this.#file));
    if (this.#file === 0 || size !== this.#fileBytes || size >= this.#bounds.fileBytes) await this.#nextFile();
    const lines = waiting.map((exchange) => Buffer.from(`${JSON.stringify(exchange)}\n`));
    try {
      const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW;
      await withFile(this.#path(this.#file), flags, (handle) => handle.appendFile(Buffer.concat(lines)));
    } catch (error) {
      // Part of the data may have been written. An empty file is deleted: if every attempt left one, they would push
      // out old files.
      if ((await sizeOf(this.#path(this.#file))) === 0) await rm(this.#path(this.#file), { force: true });
      this.#file = 0;
      throw error;
    }
    for (const [index, exchange] of waiting.entries()) {
      const bytes = (lines[index]?.length ?? 1) - 1;
      this.#entries.delete(exchange.id);
      this.#entries.set(exchange.id, { summary: summaryOf(exchange), file: this.#file, at: this.#fileBytes, bytes });
      this.#fileBytes += bytes + 1;
      // A newer version may have replaced the exchange in the meantime.
      if (this.#waiting.get(exchange.id) === exchange) this.#waiting.delete(exchange.id);
    }
  }

  async #nextFile(): Promise<void> {
    const files = await this.#files();
    this.#file = (files.at(-1) ?? 0) + 1;
    this.#fileBytes = 0;
    while (!(await isCreated(this.#path(this.#file)))) this.#file += 1;
    await this.#makeRoom(files);
  }

  async #makeRoom(files: number[]): Promise<void> {
    const sizes = await Promise.all(
      files.map(async (file) => (await stat(this.#path(file)).catch(() => undefined))?.size ?? 0),
    );
    let total = sizes.reduce((sum, size) => sum + size, 0);
    for (const [index, file] of files.entries()) {
      if (total <= this.#bounds.totalBytes && files.length - index < this.#bounds.files) return;
      await rm(this.#path(file), { force: true });
      total -= sizes[index] ?? 0;
      for (const [id, entry] of this.#entries) if (entry.file === file) this.#entries.delete(id);
    }
  }

  async #readEntry(id: string, { file, at, bytes }: Entry): Promise<Exchange | undefined> {
    try {
      const { buffer } = await withFile(this.#path(file), "r", (handle) =>
        handle.read(Buffer.alloc(bytes), 0, bytes, at),
      );
      const exchange = parsed(buffer);
      // Another process may have cleared the journal and created a file of the same name.
      return exchange?.id === id ? exchange : undefined;
    } catch {
      // Another process has cleared the journal.
      return undefined;
    }
  }

  async #files(): Promise<number[]> {
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    return names
      .flatMap((name) => (/^\d{6}\.ndjson$/.test(name) ? [Number(name.slice(0, 6))] : []))
      .toSorted((a, b) => a - b);
  }

  #path(file: number): string {
    return join(this.#folder, `${String(file).padStart(6, "0")}.ndjson`);
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  const found = await lstat(file).catch(() => undefined);
  return found?.isFile() === true ? found.size : undefined;
}

/** @returns false if the file exists already. */
async function isCreated(file: string): Promise<boolean> {
  try {
    await writeFile(file, "", { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Exchanges that are kept in memory while they cannot be written. */
const maxWaiting = 500;

export function journalFolder(project: string): string {
  return join(project, ".offhook", "journal");
}

function summaryOf(exchange: Exchange): ExchangeSummary {
  const {
    request: _request,
    reply: _reply,
    phases: _phases,
    logs: _logs,
    detail: _detail,
    hints: _hints,
    explanation: _explanation,
    signatureDiagnosis: _signatureDiagnosis,
    source: _source,
    isolate: _isolate,
    ...summary
  } = exchange;
  return summary;
}

function* linesOf(bytes: Buffer): Generator<{ at: number; line: Buffer }> {
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(10, at);
    // A line without an end is still being written, or its process was killed.
    if (end === -1) return;
    yield { at, line: bytes.subarray(at, end) };
    at = end + 1;
  }
}

/** Whether the value has everything that is shown. Older versions may have written other fields. */
function isExchange({ id, startedAt, method, path, request, phases, logs, hints }: Partial<Exchange>): boolean {
  const texts: readonly unknown[] = [id, method, path, request?.target, request?.body?.text];
  const lists: readonly unknown[] = [request?.headers, phases, logs, hints];
  return texts.every((text) => typeof text === "string") && lists.every(Array.isArray) && Number.isFinite(startedAt);
}

function parsed(line: Buffer): Exchange | undefined {
  try {
    const value = JSON.parse(line.toString()) as Partial<Exchange> | null;
    return value !== null && isExchange(value) ? (value as Exchange) : undefined;
  } catch {
    return undefined;
  }
}
