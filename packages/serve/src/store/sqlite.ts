/** Adapts Node's own SQLite to what Kysely's dialect calls. */
import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { SqliteDatabase } from "kysely";

/** Milliseconds that a statement waits for another process that writes. */
const busyTimeoutMs = 10_000;

/**
 * Opens the file, or makes it. A commit is on the disk when its statement returns.
 * @throws of `node:sqlite`, if the file is not a database or cannot be written.
 */
export function openSqlite(file: string): DatabaseSync {
  // Functions run as other users of this machine. The files beside it get the same mode.
  closeSync(openSync(file, "a", 0o600));
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  database.exec(`
    pragma journal_mode = wal;
    pragma synchronous = full;
    pragma foreign_keys = on;
  `);
  return database;
}

export function adaptSqlite(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql);
      // Kysely gives values as they were written in the query. Booleans are not among the columns' types.
      const values = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run: (parameters) => statement.run(...values(parameters)),
        iterate: (parameters) => statement.iterate(...values(parameters)) as IterableIterator<unknown>,
      };
    },
  };
}
