/**
 * Lists in pages, newest first. A page token names the last row of the page before, so that rows that are added
 * meanwhile neither repeat nor hide others. `Page` alone counts rows from the beginning (contract §10.1).
 */
import { sql, type SelectQueryBuilder } from "kysely";
import { invalidParameter } from "../api-error.ts";
import type { Call, Reply } from "./operation.ts";

const defaultSize = 50;
const maxSize = 1000;
const maxPage = 1_000_000;

/** The name of a list in its reply. */
type ListKey =
  | "services"
  | "environments"
  | "functions"
  | "function_versions"
  | "assets"
  | "asset_versions"
  | "builds"
  | "deployments"
  | "variables"
  | "logs";

/** The rows of one page, and one more if there is another page. */
export interface PageRequest {
  readonly size: number;
  readonly page: number;
  /** The place of the row before the first one. */
  readonly after: Place | undefined;
}

/** Where a row is in its list. */
interface Place {
  readonly at: number;
  readonly sid: string;
}

export interface List<Row> {
  readonly key: ListKey;
  /** The path of the list, with SIDs. */
  readonly path: string;
  readonly rows: (page: PageRequest) => Promise<readonly Row[]>;
  readonly placeOf: (row: Row) => Place;
  readonly replyOf: (row: Row) => object;
  /** Parameters of the query that the URLs of pages repeat. */
  readonly filters?: readonly string[];
}

/** @throws ApiError 400 for a parameter out of its bounds. */
export async function listReply<Row>(call: Call, list: List<Row>): Promise<Reply> {
  const size = call.query.integer("PageSize", { min: 1, max: maxSize }) ?? defaultSize;
  const page = call.query.integer("Page", { min: 0, max: maxPage }) ?? 0;
  const token = call.query.text("PageToken", { max: 500 });
  const after = token === undefined || token === "" ? undefined : readToken(token);
  const found = await list.rows({ size, page, after });
  const rows = found.slice(0, size);
  const last = rows.at(-1);
  const urlOf = (number: number, pageToken?: string): string => {
    const query = new URLSearchParams();
    for (const name of list.filters ?? []) {
      const value = call.query.text(name);
      if (value !== undefined && value !== "") query.set(name, value);
    }
    query.set("PageSize", String(size));
    query.set("Page", String(number));
    if (pageToken !== undefined) query.set("PageToken", pageToken);
    return call.links.page(list.path, query);
  };
  const hasNext = found.length > size && last !== undefined;
  return {
    status: 200,
    body: {
      [list.key]: rows.map((row) => list.replyOf(row)),
      meta: {
        first_page_url: urlOf(0),
        key: list.key,
        next_page_url: hasNext ? urlOf(page + 1, writeToken(list.placeOf(last))) : null,
        page,
        page_size: size,
        previous_page_url: page > 0 ? urlOf(page - 1) : null,
        url: urlOf(page, after === undefined ? undefined : token),
      },
    },
  };
}

/**
 * Orders a query and cuts the page out of it.
 * @param table its columns `created_at` and `sid` order the list.
 */
export function pageOf<DB, Tables extends keyof DB, Output>(
  query: SelectQueryBuilder<DB, Tables, Output>,
  table: Tables & string,
  { size, page, after }: PageRequest,
): SelectQueryBuilder<DB, Tables, Output> {
  const at = sql<number>`${sql.ref(`${table}.created_at`)}`;
  const sid = sql<string>`${sql.ref(`${table}.sid`)}`;
  const ordered = query
    .orderBy(at, "desc")
    .orderBy(sid, "desc")
    .limit(size + 1);
  if (after !== undefined) return ordered.where(sql<boolean>`(${at}, ${sid}) < (${after.at}, ${after.sid})`);
  return page === 0 ? ordered : ordered.offset(page * size);
}

function writeToken({ at, sid }: Place): string {
  return `PT${Buffer.from(`${at}.${sid}`).toString("base64url")}`;
}

function readToken(token: string): Place {
  const [, at, sid] = /^(\d{1,16})\.(\w{34})$/.exec(Buffer.from(token.slice(2), "base64url").toString()) ?? [];
  if (!token.startsWith("PT") || at === undefined || sid === undefined) {
    throw invalidParameter("PageToken is not one that this server made. Follow next_page_url as it is.");
  }
  return { at: Number(at), sid };
}
