/** The listener for the operator's own programs. A TLS proxy asks it before it gets a certificate for a name. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServeSettings } from "../link/serve-settings.ts";
import type { Store } from "../store/store.ts";

export interface AdminServer {
  readonly address: { readonly host: string; readonly port: number };
  close(): Promise<void>;
}

/** @returns undefined if the settings have no port for it. @throws Error of `listen`. */
export async function startAdminServer(settings: ServeSettings, store: Store): Promise<AdminServer | undefined> {
  const { adminHost, adminPort } = settings;
  if (adminPort === undefined) return undefined;
  const server = createServer((request, response) => {
    const url = URL.parse(request.url ?? "/", "http://admin");
    const answer = (status: number): void => void response.writeHead(status).end();
    if (url?.pathname !== "/tls") return answer(404);
    isServed(url.searchParams.get("domain") ?? "", settings, store).then(
      (isKnown) => answer(isKnown ? 200 : 404),
      () => answer(503),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(adminPort, adminHost, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: { host: adminHost, port },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Whether certificates may be had for the name: one of an environment, or that of the API. */
async function isServed(domain: string, { baseDomain, apiUrl }: ServeSettings, store: Store): Promise<boolean> {
  const name = domain.toLowerCase().replace(/\.$/, "");
  if (name === "" || name.length > 253) return false;
  if (apiUrl !== undefined && URL.parse(apiUrl)?.hostname === name) return true;
  const base = `.${baseDomain.replace(/:\d+$/, "").toLowerCase()}`;
  const found = await store
    .selectFrom("domain")
    .select("name")
    .where("name", "=", name.endsWith(base) ? name.slice(0, -base.length) : name)
    .where("kind", "=", name.endsWith(base) ? "own" : "custom")
    .where("environment_sid", "is not", null)
    .where("verified_at", "is not", null)
    .executeTakeFirst();
  return found !== undefined;
}
