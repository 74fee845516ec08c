/** Writes what functions print to the database, in batches. */
import type { OutputLine } from "../link/messages.ts";
import { newSid } from "../store/sids.ts";
import type { Store } from "../store/store.ts";

/** Lines that wait for the database. The oldest are dropped beyond that. */
const maxWaiting = 20_000;
/** A statement has one parameter for each value, and SQLite allows 32,766. */
const maxRows = 500;
const retryMs = 1_000;
const dayMs = 24 * 60 * 60_000;

interface LogWriterOptions {
  readonly store: Store;
  /** Called with a sentence for the operator. */
  readonly onWarning: (message: string) => void;
}

export class LogWriter {
  readonly #options: LogWriterOptions;
  /** By environment: its service and account. They never change. */
  readonly #owners = new Map<string, { account_sid: string; service_sid: string }>();
  #waiting: OutputLine[] = [];
  #writing: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #seq = Date.now() * 1000;

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  add(lines: readonly OutputLine[]): void {
    this.#waiting.push(...lines);
    const excess = this.#waiting.length - maxWaiting;
    if (excess > 0) {
      this.#waiting.splice(0, excess);
      this.#options.onWarning(`${excess} lines of functions' output were dropped, because the database is too slow.`);
    }
    this.#start();
  }

  /** Resolves when everything is written that can be. */
  async stop(): Promise<void> {
    clearTimeout(this.#retry);
    await this.#writing;
    if (this.#waiting.length > 0) await this.#write().catch(() => undefined);
  }

  #start(): void {
    this.#writing ??= this.#write()
      .catch(() => {
        this.#retry ??= setTimeout(() => {
          this.#retry = undefined;
          this.#start();
        }, retryMs).unref();
      })
      .finally(() => (this.#writing = undefined));
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting.slice(0, maxRows);
      await this.#insert(lines);
      this.#waiting.splice(0, lines.length);
    }
  }

  async #insert(lines: readonly OutputLine[]): Promise<void> {
    const rows = [];
    for (const { environmentSid, buildSid, deploymentSid, functionSid, requestSid, at, level, message } of lines) {
      const owner = await this.#ownerOf(environmentSid);
      // Its environment was deleted.
      if (owner === undefined) continue;
      rows.push({
        sid: newSid("NO"),
        ...owner,
        environment_sid: environmentSid,
        build_sid: buildSid,
        deployment_sid: deploymentSid,
        function_sid: functionSid ?? null,
        request_sid: requestSid ?? null,
        at,
        seq: ++this.#seq,
        level,
        message,
      });
    }
    if (rows.length > 0) await this.#options.store.insertInto("log").values(rows).execute();
  }

  async #ownerOf(environmentSid: string): Promise<{ account_sid: string; service_sid: string } | undefined> {
    const known = this.#owners.get(environmentSid);
    if (known !== undefined) return known;
    const owner = await this.#options.store
      .selectFrom("environment")
      .select(["account_sid", "service_sid"])
      .where("sid", "=", environmentSid)
      .executeTakeFirst();
    if (owner !== undefined) this.#owners.set(environmentSid, owner);
    return owner;
  }
}

/** Removes lines that are older. Safe to run twice. @returns how many. */
export async function removeOldLogs(store: Store, days: number): Promise<number> {
  const { numDeletedRows } = await store
    .deleteFrom("log")
    .where("at", "<", Date.now() - days * dayMs)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
