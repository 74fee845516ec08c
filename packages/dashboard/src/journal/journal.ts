/**
 * The journal: what was asked and answered, in files of the project's `.offhook/` folder, the oldest of which make way for new
 * ones. `offhook dev` writes it; other commands may read it at the same time.
 *
 *     .offhook/.gitignore            the folder is nobody's business but this machine's
 *     .offhook/journal/000001.ndjson one exchange a line, as it is shown: secrets are masked before it comes here
 *
 * Who writes begins a file of his own, so that two may write at once.
 * A line that does not parse, because somebody stopped while it was written, is passed over.
 */
import { constants } from "node:fs";
import { lstat, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Exchange, ExchangeSummary } from "../api.ts";

import { withFile } from "./opened-file.ts";
import { makeStateFolder } from "./state-folder.ts";

export interface JournalBounds {
  /** A file that has grown so long is followed by the next. */
  readonly fileBytes: number;
  /** Of all files together, but for the one that is written. */
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
  /** By id, the oldest first. */
  readonly #entries = new Map<string, Entry>();
  /** What is not written yet. */
  readonly #waiting = new Map<string, Exchange>();
  /** The one that is written; 0 where none is. */
  #file = 0;
  #fileBytes = 0;
  #work: Promise<void> = Promise.resolve();
  #hasFailed = false;
  /** That have not been done yet. */
  #clears = 0;
  #isRead = false;

  private constructor(project: string, bounds: JournalBounds, onError: (error: Error) => void) {
    this.#project = project;
    this.#folder = journalFolder(project);
    this.#bounds = bounds;
    this.#onError = onError;
  }

  /**
   * One to write to, at once: what is there already is read when somebody asks for it. A folder that cannot be written is told of
   * once, and the journal lasts as long as the process.
   * @param project its folder.
   */
  static begin(project: string, { bounds = defaultBounds, onError = () => undefined }: JournalOptions = {}): Journal {
    return new Journal(project, bounds, onError);
  }

  /** One to look at: what is there is read. */
  static async open(project: string, options?: JournalOptions): Promise<Journal> {
    const journal = Journal.begin(project, options);
    await journal.load();
    return journal;
  }

  /** Resolves when what earlier processes have written is known here. */
  async load(): Promise<void> {
    if (!this.#isRead) this.#then(() => this.#read());
    this.#isRead = true;
    await this.#work;
  }

  /** Newest first, at most `limit`. @param before only what is older than the exchange of this id. */
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

  /** Returns at once; `settled` tells when it is on the disk. */
  add(exchange: Exchange): void {
    this.#waiting.set(exchange.id, exchange);
    // What waits longer than the disk takes is bounded like what is on it.
    if (this.#waiting.size > maxWaiting) this.#waiting.delete(this.#waiting.keys().next().value ?? "");
    this.#then(() => this.#write());
  }

  clear(): void {
    this.#waiting.clear();
    this.#clears += 1;
    this.#then(async () => {
      this.#clears -= 1;
      this.#entries.clear();
      this.#file = 0;
      await makeStateFolder(this.#project, "journal");
      await Promise.all((await this.#files()).map((file) => rm(this.#path(file), { force: true })));
      await this.#write();
    });
  }

  /** Resolves when everything so far is on the disk, or cannot be. */
  async settled(): Promise<void> {
    await this.#work;
  }

  /** As they came; what is told of one later does not make it younger. */
  #summaries(): ExchangeSummary[] {
    const all = new Map([...this.#entries].map(([id, { summary }]) => [id, summary]));
    for (const [id, exchange] of this.#waiting) all.set(id, summaryOf(exchange));
    return [...all.values()].toSorted((one, other) => one.startedAt - other.startedAt || (one.id < other.id ? -1 : 1));
  }

  /** One thing at a time, in order. What fails is told of once, and what could not be written stays in memory. */
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
      // What leads elsewhere is none of ours, and may have no end.
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
    // What has come since it was to be cleared stays.
    if (waiting.length === 0 || this.#clears > 0) return;
    await makeStateFolder(this.#project, "journal");
    // Another process may have cleared it: then its file is gone, and what it would be called is that one's.
    const size = await sizeOf(this.#path(this.#file));
    if (this.#file === 0 || size !== this.#fileBytes || size >= this.#bounds.fileBytes) await this.#nextFile();
    const lines = waiting.map((exchange) => Buffer.from(`${JSON.stringify(exchange)}\n`));
    try {
      const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW;
      await withFile(this.#path(this.#file), flags, (handle) => handle.appendFile(Buffer.concat(lines)));
    } catch (error) {
      // Part of it may be there. Where nothing is, each attempt would leave an empty file, and those make the old ones go.
      if ((await sizeOf(this.#path(this.#file))) === 0) await rm(this.#path(this.#file), { force: true });
      this.#file = 0;
      throw error;
    }
    for (const [index, exchange] of waiting.entries()) {
      const bytes = (lines[index]?.length ?? 1) - 1;
      this.#entries.delete(exchange.id);
      this.#entries.set(exchange.id, { summary: summaryOf(exchange), file: this.#file, at: this.#fileBytes, bytes });
      this.#fileBytes += bytes + 1;
      // It may have been replaced by a newer version of itself in between.
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
      // Who has cleared it may have made another of its name.
      return exchange?.id === id ? exchange : undefined;
    } catch {
      // Another process has cleared it.
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

/** @returns false where there is one already. */
async function isCreated(file: string): Promise<boolean> {
  try {
    await writeFile(file, "", { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Exchanges that are kept in memory while the disk does not take them. */
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
    isolate: _isolate,
    ...summary
  } = exchange;
  return summary;
}

function* linesOf(bytes: Buffer): Generator<{ at: number; line: Buffer }> {
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(10, at);
    // What has no end is being written, or never was.
    if (end === -1) return;
    yield { at, line: bytes.subarray(at, end) };
    at = end + 1;
  }
}

/** Enough of it to be shown: an older version may have written otherwise. */
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
