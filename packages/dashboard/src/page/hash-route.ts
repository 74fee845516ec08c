/**
 * The current place on the page, as the hash of its URL. The terminal prints links to it, and the browser's Back and
 * Forward work with it.
 */
export type Route =
  | { readonly view: "requests"; readonly id?: string }
  /** `to` is a path. `from` is the id of an exchange to edit and send again. */
  | { readonly view: "simulator"; readonly kind?: string; readonly to?: string; readonly from?: string }
  | { readonly view: "phone" }
  | { readonly view: "project" };

export type ViewName = Route["view"];

/** An unknown hash leads to the list of requests. */
export function readRoute(hash: string): Route {
  const [path, query] = cut(hash.replace(/^#?\/?/, ""), "?");
  const [view, rest] = cut(path, "/");
  const detail = decoded(rest);
  switch (view) {
    case "simulator": {
      const asked = new URLSearchParams(query);
      const to = asked.get("to");
      const from = asked.get("from");
      return {
        view,
        ...(detail !== "" && { kind: detail }),
        ...(to !== null && { to }),
        ...(from !== null && { from }),
      };
    }
    case "phone":
    case "project":
      return { view };
    default:
      return view === "requests" && detail !== "" ? { view, id: detail } : { view: "requests" };
  }
}

export function hashOf(route: Route): string {
  switch (route.view) {
    case "requests":
      return route.id === undefined ? "#/requests" : `#/requests/${encodeURIComponent(route.id)}`;
    case "simulator": {
      const asked = new URLSearchParams();
      if (route.to !== undefined) asked.set("to", route.to);
      if (route.from !== undefined) asked.set("from", route.from);
      const kind = route.kind === undefined ? "" : `/${encodeURIComponent(route.kind)}`;
      // A query may contain slashes, and links are easier to read with them.
      const query = asked.toString().replaceAll("%2F", "/");
      return `#/simulator${kind}${query === "" ? "" : `?${query}`}`;
    }
    case "phone":
    case "project":
      return `#/${route.view}`;
    default:
      return route satisfies never;
  }
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
