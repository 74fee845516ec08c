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
      // Taken out first, because `add` may drop the oldest lines meanwhile.
      const lines = this.#waiting.splice(0, maxRows);
      try {
        await this.#insert(lines);
      } catch (error) {
        this.#waiting.unshift(...lines);
        throw error;
      }
    }
  }

  async #insert(lines: readonly OutputLine[]): Promise<void> {
    const sids = new Set(lines.map(({ environmentSid }) => environmentSid));
    const environments = await this.#options.store
      .selectFrom("environment")
      .select(["sid", "account_sid", "service_sid"])
      .where("sid", "in", [...sids])
      .execute();
    const owners = new Map(environments.map(({ sid, ...owner }) => [sid, owner]));
    const rows = [];
    for (const { environmentSid, buildSid, deploymentSid, functionSid, requestSid, at, level, message } of lines) {
      const owner = owners.get(environmentSid);
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
}

/** Removes lines that are older. Safe to run twice. @returns how many. */
export async function removeOldLogs(store: Store, days: number): Promise<number> {
  const { numDeletedRows } = await store
    .deleteFrom("log")
    .where("at", "<", Date.now() - days * dayMs)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Removes the oldest lines of each environment that has more. Safe to run twice. */
export async function removeExcessLogs(store: Store, maxLines: number): Promise<void> {
  const environments = await store.selectFrom("environment").select("sid").execute();
  for (const { sid } of environments) {
    const firstExcess = await store
      .selectFrom("log")
      .select(["at", "seq"])
      .where("environment_sid", "=", sid)
      .orderBy("at", "desc")
      .orderBy("seq", "desc")
      .offset(maxLines)
      .limit(1)
      .executeTakeFirst();
    if (firstExcess === undefined) continue;
    await store
      .deleteFrom("log")
      .where("environment_sid", "=", sid)
      .where((log) =>
        log.or([
          log("at", "<", firstExcess.at),
          log.and([log("at", "=", firstExcess.at), log("seq", "<=", firstExcess.seq)]),
        ]),
      )
      .execute();
  }
}
