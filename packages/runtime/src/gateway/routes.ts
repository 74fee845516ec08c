/**
 * Which path leads where (contract §1.4, rows 12 to 21, 126, 127): one map, exact and case-sensitive.
 * What is not a key does not exist, so `..`, `%2e`, doubled and trailing slashes need no rule of their own.
 */
import type { AssetResource, FunctionResource, Service } from "../service.ts";

export type Resource = FunctionResource | AssetResource;

/** URL path as it stands in the request line, without the query → resource. Private resources are not in it. */
export type RouteTable = ReadonlyMap<string, Resource>;

/** The asset that answers `/` when no resource has that path itself. */
const rootDocument = "/assets/index.html";

export function createRoutes(service: Pick<Service, "functions" | "assets">): RouteTable {
  const routes = new Map<string, Resource>();
  const reachable = [...service.functions, ...service.assets].filter((resource) => resource.visibility !== "private");
  for (const resource of reachable) routes.set(resource.path, resource);

  // A name with a space or an accent arrives percent-encoded. Only that one spelling is added: decoding what
  // comes in would also let `/hel%6Co` through, and every check that somebody does on the path with it.
  // Real names go first: a file may itself be called `a%20b`.
  for (const resource of reachable) {
    const encoded = encodePath(resource.path);
    if (!routes.has(encoded)) routes.set(encoded, resource);
  }

  const root = routes.get(rootDocument);
  if (root?.kind === "asset" && !routes.has("/")) routes.set("/", root);
  return routes;
}

/** As a browser asks for it. `?` and `#` would end the path. */
function encodePath(path: string): string {
  return encodeURI(path.toWellFormed()).replaceAll("?", "%3F").replaceAll("#", "%23");
}
