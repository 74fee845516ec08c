/** All migrations, in order. They only go forward. A published migration never changes. */
import type { Migration } from "kysely/migration";
import { firstSchema } from "./0001-first-schema.ts";

export const migrations: Record<string, Migration> = { "0001-first-schema": firstSchema };
