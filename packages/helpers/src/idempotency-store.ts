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
   * @param owner who asks; another for each request.
   * @returns `claimed`: it is the owner's now. `locked`: it is another's. Else the reply that was kept.
   */
  claim(key: string, owner: string, lockMs: number): MaybePromise<"claimed" | "locked" | { readonly reply: string }>;
  /** Keeps the owner's reply for `keepMs` milliseconds; ends his lock. Nothing, if the lock is another's by now. */
  complete(key: string, owner: string, reply: string, keepMs: number): MaybePromise<void>;
  /** Ends the owner's lock, and no other's: the next one runs the work again. */
  release(key: string, owner: string): MaybePromise<void>;
}

type MaybePromise<T> = T | Promise<T>;

interface Entry {
  /** Whose lock it is; undefined once there is a reply. */
  readonly owner?: string;
  readonly reply?: string;
  /** By the clock, in milliseconds. */
  readonly until: number;
}

/**
 * In the memory of the process: gone with it, and not seen by others. Enough where one process serves all.
 * @param maxReplies the oldest give way.
 */
export function memoryStore(maxReplies = 1_000): IdempotencyStore {
  const entries = new Map<string, Entry>();
  const put = (key: string, entry: Entry): void => {
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size <= maxReplies) return;
    // Not a lock: of those there are as many as requests at once.
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
  // Asked for only here: it is not in every Node that this package runs on.
  const sqlite = process.getBuiltinModule?.("node:sqlite") as { DatabaseSync: typeof DatabaseSync } | undefined;
  if (sqlite === undefined) {
    throw new Error(
      "sqliteStore() needs the SQLite that Node has from 22.13 on, and that hardened isolates are kept from",
    );
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
