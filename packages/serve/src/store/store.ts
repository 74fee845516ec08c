/**
 * The database of the control process. Every query goes through Kysely, so that the same code runs on another database.
 */
import { Kysely, SqliteDialect, type Transaction } from "kysely";
import { Migrator } from "kysely/migration";
import { migrations } from "./migrations/migrations.ts";
import type { Schema } from "./schema.ts";
import { adaptSqlite, openSqlite } from "./sqlite.ts";

export type Store = Kysely<Schema>;
export type StoreTransaction = Transaction<Schema>;

/**
 * Opens the database and brings its schema up to date.
 * @param file of SQLite.
 * @throws if the file cannot be opened, or a migration fails. The database is then as before.
 */
export async function openStore(file: string): Promise<Store> {
  const store = new Kysely<Schema>({ dialect: new SqliteDialect({ database: adaptSqlite(openSqlite(file)) }) });
  const migrator = new Migrator({ db: store, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return store;
  await store.destroy();
  throw error;
}

/** Raises the counter of revisions. Call it in each transaction that changes what an environment serves. */
export async function nextRevision(transaction: StoreTransaction): Promise<number> {
  const { n } = await transaction
    .updateTable("revision")
    .set((row) => ({ n: row("n", "+", 1) }))
    .returning("n")
    .executeTakeFirstOrThrow();
  return n;
}
