/**
 * The route table (contract §1.4, rows 12 to 21, 126, 127): one map, exact and case-sensitive. A path that is not a key
 * does not exist, so `..`, `%2e`, doubled and trailing slashes need no separate rules.
 */
import type { AssetResource, FunctionResource, Service } from "../service.ts";

export type Resource = FunctionResource | AssetResource;

/** URL path as in the request line, without the query → resource. It does not contain private resources. */
export type RouteTable = ReadonlyMap<string, Resource>;

/** The asset that is served for `/` if no resource has that path. */
const rootDocument = "/assets/index.html";

export function createRoutes(service: Pick<Service, "functions" | "assets">): RouteTable {
  const routes = new Map<string, Resource>();
  const reachable = [...service.functions, ...service.assets].filter((resource) => resource.visibility !== "private");
  for (const resource of reachable) routes.set(resource.path, resource);

  // A name with a space or an accent arrives percent-encoded. Only that one spelling is added. To decode incoming paths
  // would also accept `/hel%6Co`, which bypasses checks of the path, in a proxy for example.
  // Real names go first: a file may itself be called `a%20b`.
  for (const resource of reachable) {
    const encoded = encodePath(resource.path);
    if (!routes.has(encoded)) routes.set(encoded, resource);
  }

  const root = routes.get(rootDocument);
  if (root?.kind === "asset" && !routes.has("/")) routes.set("/", root);
  return routes;
}

/** Encodes a path as browsers do. Unencoded, `?` and `#` would end the path. */
function encodePath(path: string): string {
  return encodeURI(path.toWellFormed()).replaceAll("?", "%3F").replaceAll("#", "%23");
}
