/**
 * The composition root of `start` and `dev`: one project, served under every host name.
 *
 *     project ─▶ pool of isolates ◀─ gateway ◀─ HTTP
 */
import { relative } from "node:path";
import type { InspectOptions } from "./debug/debug-host.ts";
import type { AuthorTools } from "./development/author-tools.ts";
import type { OutlineReader } from "./development/insight/source-outline.ts";
import { connectionRoom } from "./gateway/connection-room.ts";
import { Host } from "./host/host.ts";
import { limitsOf } from "./host/host-limits.ts";
import { maxIsolates } from "./host/service-pool.ts";
import { authorityOf } from "./host-address.ts";
import type { Project } from "./project/project.ts";
import type { Settings } from "./settings/settings.ts";
import type { Service } from "./service.ts";

export interface ServerOptions {
  readonly project: Project;
  readonly settings: Settings;
  /**
   * Whether the caller is the author, who changes the project meanwhile. Then replies to errors have the stack, and in
   * a browser they are a page. That would tell strangers too much. Functions that do not load get a moment for a retry.
   */
  readonly isDevelopment?: boolean;
  /** Whether the log has hints, as in development, while callers get the replies of production. */
  readonly hasHints?: boolean;
  /** Reads the author's sources, so that hints can name code in them. */
  readonly outlines?: OutlineReader | undefined;
  /** Links of the pages that the author's browser gets lead to these programs. Only in development. */
  readonly tools?: AuthorTools | undefined;
  /**
   * Path of the only socket to listen on, for a single request of the process that chose it. Functions see the host and
   * port of the settings. No function is loaded before it is called.
   */
  readonly socket?: string | undefined;
  /** Allows debuggers to connect. There is then one isolate at a time, and other calls wait. */
  readonly inspect?: InspectOptions | undefined;
}

export type { InspectOptions } from "./debug/debug-host.ts";
export type { AuthorTools } from "./development/author-tools.ts";
export type {
  Instance,
  LineRange,
  NamedRequire,
  OutlineReader,
  ResourceLookup,
  SourceExport,
  SourceOutline,
  SourcePlace,
} from "./development/insight/source-outline.ts";

export interface Server {
  /** The URL for people on this machine: `http://localhost:3000`. */
  readonly url: string;
  readonly address: { readonly host: string; readonly port: number };
  /** The address for debuggers, such as `127.0.0.1:9229`, and the same as a URL for Chrome's address bar. */
  readonly debugger?: { readonly address: string; readonly devtoolsUrl: string } | undefined;
  /** Later invocations see these variables. Running invocations keep theirs (row 116). */
  updateVariables(variables: Readonly<Record<string, string>>): void;
  /**
   * Later requests get the new version of the project. Requests in flight keep the old one. The folder must be the
   * same.
   */
  update(service: Service): void;
  /** Later requests count as calls of this URL, whatever their headers say. Undefined: as at the start. */
  updatePublicUrl(publicUrl: string | undefined): void;
  /**
   * Holds new requests back until the returned function is called, so that no request sees half of a change. After two
   * calls, both returned functions have to be called.
   */
  hold(): () => void;
  /** Accepts no new connections, lets invocations finish within their limits, then ends everything. */
  stop(): Promise<void>;
  /** Ends everything now. */
  kill(): Promise<void>;
}

/**
 * @throws OffhookError `port-in-use`, `debugger-port-in-use`, `address-unavailable`, `debugger-unavailable`,
 * `isolate-user-unavailable`
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { project, settings, isDevelopment, hasHints, outlines, tools, socket, inspect } = options;
  const { service } = project;
  const limits = limitsOf(settings, connectionRoom(maxIsolates(settings)));
  const server = new Host({ limits, healthPath: settings.healthPath });
  // Loaded only if it is needed, so that servers start fast.
  const debugging =
    inspect && (await (await import("./debug/debug-host.ts")).openDebugger(service, inspect, settings.hardened));
  const { host, port } = settings;
  try {
    const preloads = socket === undefined;
    const site = await server.add({
      service,
      settings,
      isDevelopment,
      hasHints,
      outlines,
      tools,
      preloads,
      debugging,
      variablesFile: project.envFile && relative(service.folder, project.envFile),
    });
    // Listen first. If the port is in use, no process should have been started.
    const address = await (socket === undefined
      ? server.listen(host, port)
      : server.listenOnSocket(socket, { host, port }));
    site.current.start();
    return {
      url: urlOf(address),
      address,
      debugger: debugging,
      updateVariables: (variables) => site.updateVariables(variables),
      updatePublicUrl: (url) => site.current.updatePublicUrl(url),
      update: (changed) => site.update(changed),
      hold: () => site.holdRequests(),
      async stop() {
        debugging?.close();
        await server.stop();
      },
      async kill() {
        debugging?.close();
        await server.kill();
      },
    };
  } catch (error) {
    debugging?.close();
    await server.kill();
    throw error;
  }
}

function urlOf({ host, port }: { host: string; port: number }): string {
  const isLocal = ["127.0.0.1", "::1", "0.0.0.0", "::", "localhost"].includes(host);
  return `http://${authorityOf(isLocal ? "localhost" : host, port)}`;
}
