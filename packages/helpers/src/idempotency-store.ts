/**
 * Where replies are kept under a key, and who is working on one.
 */
import type { DatabaseSync } from "node:sqlite";
import { clock } from "./clock.ts";

/** Each method may be asynchronous. What it throws is a 503 for the caller, except after the work is done. */
export interface IdempotencyStore {
  /**
   * In one step, so that of two who come at the same time one gets it: takes the key, if it is free, for `lockMs`
   * milliseconds at most.
   * @returns `claimed`: it is the caller's now. `locked`: it is another's. Else the reply that was kept.
   */
  claim(key: string, lockMs: number): MaybePromise<"claimed" | "locked" | { readonly reply: string }>;
  /** Keeps the reply for `keepMs` milliseconds; ends the lock. */
  complete(key: string, reply: string, keepMs: number): MaybePromise<void>;
  /** Ends the lock: the next one runs the work again. A reply that is kept already stays. */
  release(key: string): MaybePromise<void>;
}

type MaybePromise<T> = T | Promise<T>;

interface Entry {
  /** Absent while the work is going on. */
  readonly reply?: string;
  /** By the clock, in milliseconds. */
  readonly until: number;
}

/**
 * In the memory of the process: gone with it, and not seen by others. Enough where one process serves all.
 * @param entriesAtMost the oldest give way.
 */
export function memoryStore(entriesAtMost = 1_000): IdempotencyStore {
  const entries = new Map<string, Entry>();
  const put = (key: string, entry: Entry): void => {
    entries.delete(key);
    entries.set(key, entry);
    const [oldest] = entries.keys();
    if (entries.size > entriesAtMost && oldest !== undefined) entries.delete(oldest);
  };
  return {
    claim(key, lockMs) {
      const now = clock().now();
      const known = entries.get(key);
      if (known !== undefined && now < known.until) {
        return known.reply === undefined ? "locked" : { reply: known.reply };
      }
      put(key, { until: now + lockMs });
      return "claimed";
    },
    complete: (key, reply, keepMs) => put(key, { reply, until: clock().now() + keepMs }),
    release(key) {
      if (entries.get(key)?.reply === undefined) entries.delete(key);
    },
  };
}

/** How many claims go by between two looks for what is out of date. */
const claimsBetweenCleaning = 1_000;
/** How long one process waits while another writes. */
const busyMs = 2_000;

/**
 * In a file that all processes of a machine share, with the SQLite that Node brings.
 * @param file a path where the functions may write.
 * @throws on use, where Node has no SQLite (before 22.13) or the file cannot be opened.
 */
export function sqliteStore(file: string): IdempotencyStore {
  let opened: DatabaseSync | undefined;
  let claims = 0;
  const database = (): DatabaseSync => (opened ??= open(file));
  return {
    claim(key, lockMs) {
      const now = clock().now();
      claims += 1;
      if (claims % claimsBetweenCleaning === 1) database().prepare("DELETE FROM replies WHERE until <= ?").run(now);
      const { changes } = database()
        .prepare(
          `INSERT INTO replies (key, reply, until) VALUES (?, NULL, ?)
           ON CONFLICT (key) DO UPDATE SET reply = NULL, until = excluded.until WHERE until <= ?`,
        )
        .run(key, now + lockMs, now);
      if (Number(changes) === 1) return "claimed";
      const row = database().prepare("SELECT reply FROM replies WHERE key = ?").get(key);
      const reply = row?.["reply"];
      return typeof reply === "string" ? { reply } : "locked";
    },
    complete(key, reply, keepMs) {
      database()
        .prepare("INSERT OR REPLACE INTO replies (key, reply, until) VALUES (?, ?, ?)")
        .run(key, reply, clock().now() + keepMs);
    },
    release(key) {
      database().prepare("DELETE FROM replies WHERE key = ? AND reply IS NULL").run(key);
    },
  };
}

function open(file: string): DatabaseSync {
  // Asked for only here: it is not in every Node that this package runs on.
  const sqlite = process.getBuiltinModule?.("node:sqlite") as { DatabaseSync: typeof DatabaseSync } | undefined;
  if (sqlite === undefined) throw new Error("sqliteStore() needs Node 22.13 or newer");
  const database = new sqlite.DatabaseSync(file);
  database.exec(`
    PRAGMA busy_timeout = ${busyMs};
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, reply TEXT, until INTEGER NOT NULL) WITHOUT ROWID;
  `);
  return database;
}
