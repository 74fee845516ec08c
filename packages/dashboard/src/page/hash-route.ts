import { noFilter, statusFilters, type RowFilter } from "./requests/row-filter.ts";

/**
 * The current place on the page, as the hash of its URL. The terminal prints links to it, and the browser's Back and
 * Forward work with it.
 */
export type Route =
  /** Without a `filter`, the list keeps the one that it has. */
  | { readonly view: "requests"; readonly id?: string; readonly filter?: RowFilter }
  /** `to` is a path. `from` is the id of an exchange to edit and send again. */
  | { readonly view: "simulator"; readonly kind?: string; readonly to?: string; readonly from?: string }
  | PhoneRoute
  | { readonly view: "project" };

export interface PhoneRoute {
  readonly view: "phone";
  readonly tab?: "messages" | "call";
  /** The path of the function that gets the messages, or the call. */
  readonly to?: string;
  /** The two numbers of the conversation: the person's, and the project's. */
  readonly from?: string;
  readonly number?: string;
  /** The channel of the messages. SMS if there is none. */
  readonly channel?: string;
  /** The id of the exchange that is shown beside the phone. */
  readonly id?: string;
}

export type ViewName = Route["view"];

/** An unknown hash leads to the list of requests. */
export function readRoute(hash: string): Route {
  const [path, query] = cut(hash.replace(/^#?\/?/, ""), "?");
  const [view, rest] = cut(path, "/");
  const detail = decoded(rest);
  switch (view) {
    case "simulator":
      return { view, ...(detail !== "" && { kind: detail }), ...fieldsIn(query, simulatorFields) };
    case "phone":
      return { view, ...(isPhoneTab(detail) && { tab: detail }), ...fieldsIn(query, phoneFields) };
    case "project":
      return { view };
    default:
      return view === "requests"
        ? { view, ...(detail !== "" && { id: detail }), ...filterIn(query) }
        : { view: "requests" };
  }
}

export function hashOf(route: Route): string {
  switch (route.view) {
    case "requests":
      return `#/requests${segment(route.id)}${filterQuery(route.filter)}`;
    case "simulator":
      return `#/simulator${segment(route.kind)}${queryOf(route, simulatorFields)}`;
    case "phone":
      return `#/phone${segment(route.tab)}${queryOf(route, phoneFields)}`;
    case "project":
      return `#/${route.view}`;
    default:
      return route satisfies never;
  }
}

/** The fields of a route that are in the query of its hash, under the same names. */
const simulatorFields = ["to", "from"] as const;
const phoneFields = ["to", "from", "number", "channel", "id"] as const;
const filterFields = ["filter", "status", "function", "assets"] as const;

function filterIn(query: string): { filter?: RowFilter } {
  const { filter: text = "", status, function: path = "", assets } = fieldsIn(query, filterFields);
  const filter = {
    text,
    status: statusFilters.find((each) => each === status) ?? noFilter.status,
    path,
    hasAssets: assets === "shown",
  };
  return filterQuery(filter) === "" ? {} : { filter };
}

function filterQuery({ text, status, path, hasAssets }: RowFilter = noFilter): string {
  const fields = {
    ...(text.trim() !== "" && { filter: text }),
    ...(status !== noFilter.status && { status }),
    ...(path !== "" && { function: path }),
    ...(hasAssets && { assets: "shown" }),
  };
  return queryOf(fields, filterFields);
}

function fieldsIn<Name extends string>(query: string, names: readonly Name[]): Partial<Record<Name, string>> {
  const all = new URLSearchParams(query);
  const fields: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = all.get(name);
    if (value !== null && value !== "") fields[name] = value;
  }
  return fields;
}

function queryOf<Name extends string>(fields: Partial<Record<Name, string>>, names: readonly Name[]): string {
  const all = new URLSearchParams();
  for (const name of names) if (fields[name] !== undefined) all.set(name, fields[name]);
  // A query may contain slashes, and links are easier to read with them.
  const query = all.toString().replaceAll("%2F", "/");
  return query === "" ? "" : `?${query}`;
}

function segment(text: string | undefined): string {
  return text === undefined ? "" : `/${encodeURIComponent(text)}`;
}

function isPhoneTab(text: string): text is "messages" | "call" {
  return text === "messages" || text === "call";
}

function cut(text: string, at: string): [string, string] {
  const place = text.indexOf(at);
  return place === -1 ? [text, ""] : [text.slice(0, place), text.slice(place + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
