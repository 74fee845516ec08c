/**
 * Stores of replies, and of locks for requests in progress, by key.
 */
import type { DatabaseSync } from "node:sqlite";
import { clock } from "./clock.ts";

/** Each method may be asynchronous. If it throws, the caller gets a 503, except after the work is done. */
export interface IdempotencyStore {
  /**
   * Locks the key for at most `lockMs` milliseconds, if it is free. Must be atomic, so that only one of two
   * simultaneous requests gets the key.
   * @param owner id of the request, different for each.
   * @returns `claimed` if the owner now has the key, `locked` if another request has it, else the stored reply.
   */
  claim(key: string, owner: string, lockMs: number): MaybePromise<"claimed" | "locked" | { readonly reply: string }>;
  /**
   * Stores the owner's reply for `keepMs` milliseconds, and releases the lock. Does nothing if another owner has the
   * lock.
   */
  complete(key: string, owner: string, reply: string, keepMs: number): MaybePromise<void>;
  /** Releases the lock if it belongs to the owner. The next request then runs the work again. */
  release(key: string, owner: string): MaybePromise<void>;
}

type MaybePromise<T> = T | Promise<T>;

interface Entry {
  /** Owner of the lock; undefined once there is a reply. */
  readonly owner?: string;
  readonly reply?: string;
  /** By `clock()`, in milliseconds. */
  readonly until: number;
}

/**
 * A store in the memory of the process. It ends with the process, and other processes do not see it. Enough if one
 * process serves all requests.
 * @param maxReplies beyond this number, the oldest replies are deleted.
 */
export function memoryStore(maxReplies = 1_000): IdempotencyStore {
  const entries = new Map<string, Entry>();
  const put = (key: string, entry: Entry): void => {
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size <= maxReplies) return;
    // Only a reply is deleted, never a lock. There are only as many locks as concurrent requests.
    const oldest = [...entries].find(([, { reply }]) => reply !== undefined);
    if (oldest !== undefined) entries.delete(oldest[0]);
  };
  return {
    claim(key, owner, lockMs) {
      const now = clock().now();
      const entry = entries.get(key);
      if (entry !== undefined && now < entry.until) {
        return entry.reply === undefined ? "locked" : { reply: entry.reply };
      }
      put(key, { owner, until: now + lockMs });
      return "claimed";
    },
    complete(key, owner, reply, keepMs) {
      if (entries.get(key)?.owner === owner) put(key, { reply, until: clock().now() + keepMs });
    },
    release(key, owner) {
      if (entries.get(key)?.owner === owner) entries.delete(key);
    },
  };
}

/** Number of claims between two deletions of expired rows. */
const claimsBetweenCleaning = 1_000;
/** How long a process waits while another one writes. */
const busyMs = 2_000;

/**
 * A store in a file that all processes of a machine share. Uses Node's SQLite.
 * @param file a path that functions may write.
 * @throws when it is first used, if Node has no SQLite (before 22.13) or the file cannot be opened.
 */
export function sqliteStore(file: string): IdempotencyStore {
  let opened: DatabaseSync | undefined;
  let claims = 0;
  const database = (): DatabaseSync => (opened ??= open(file));
  return {
    claim(key, owner, lockMs) {
      const now = clock().now();
      claims += 1;
      if (claims % claimsBetweenCleaning === 1) database().prepare("DELETE FROM replies WHERE until <= ?").run(now);
      const { changes } = database()
        .prepare(
          `INSERT INTO replies (key, owner, reply, until) VALUES (?, ?, NULL, ?)
           ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, reply = NULL, until = excluded.until WHERE until <= ?`,
        )
        .run(key, owner, now + lockMs, now);
      if (Number(changes) === 1) return "claimed";
      const row = database().prepare("SELECT reply FROM replies WHERE key = ?").get(key);
      const reply = row?.["reply"];
      return typeof reply === "string" ? { reply } : "locked";
    },
    complete(key, owner, reply, keepMs) {
      database()
        .prepare("UPDATE replies SET owner = NULL, reply = ?, until = ? WHERE key = ? AND owner = ?")
        .run(reply, clock().now() + keepMs, key, owner);
    },
    release(key, owner) {
      database().prepare("DELETE FROM replies WHERE key = ? AND owner = ?").run(key, owner);
    },
  };
}

function open(file: string): DatabaseSync {
  // Not imported, because some versions of Node that this package supports do not have it.
  const sqlite = process.getBuiltinModule?.("node:sqlite") as { DatabaseSync: typeof DatabaseSync } | undefined;
  if (sqlite === undefined) {
    throw new Error("sqliteStore() needs node:sqlite, which Node has since 22.13. Hardened isolates cannot use it.");
  }
  const database = new sqlite.DatabaseSync(file);
  database.exec(`
    PRAGMA busy_timeout = ${busyMs};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS replies (
      key TEXT PRIMARY KEY, owner TEXT, reply TEXT, until INTEGER NOT NULL
    ) WITHOUT ROWID;
  `);
  return database;
}
