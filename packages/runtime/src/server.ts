/**
 * The composition root of `start` and `dev`: one project, served under every host name.
 *
 *     project ─▶ pool of isolates ◀─ gateway ◀─ HTTP
 */
import type { InspectOptions } from "./debug/debug-host.ts";
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
   * Whoever calls is the author, and changes things meanwhile: errors are answered with their stack, in a browser with a page,
   * which tells a stranger too much, and a function that does not load is given a moment.
   */
  readonly isDevelopment?: boolean;
  /** The author reads the log: it has hints, as in development, while callers get the replies of production. */
  readonly hasHints?: boolean;
  /** Lets hints name what is in the author's sources. */
  readonly outlines?: OutlineReader | undefined;
  /**
   * Path of a socket to listen on, and on nothing else, for one request of whoever named it. Host and port of the settings are
   * what functions are told, and no function is loaded before it is called.
   */
  readonly socket?: string | undefined;
  /** Let debuggers in. There is one isolate at a time then, and who calls meanwhile waits. */
  readonly inspect?: InspectOptions | undefined;
}

export type { InspectOptions } from "./debug/debug-host.ts";
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
  /** For people on this machine: `http://localhost:3000`. */
  readonly url: string;
  readonly address: { readonly host: string; readonly port: number };
  /** Where debuggers connect to, if they may: `127.0.0.1:9229`, and the same for Chrome's address bar. */
  readonly debugger?: { readonly address: string; readonly devtoolsUrl: string } | undefined;
  /** The next invocations see these variables; those that run keep theirs (row 116). */
  updateVariables(variables: Readonly<Record<string, string>>): void;
  /** The next requests get to what the project is now; those in flight end with what it was. The folder is the same. */
  update(service: Service): void;
  /** The next requests are taken for calls of this address, whatever they say themselves; undefined as at the start. */
  updatePublicUrl(publicUrl: string | undefined): void;
  /**
   * What arrives from now on waits, until what this returns is called: a change is under way, and nobody should meet half
   * of it. Who holds it twice lets go twice.
   */
  hold(): () => void;
  /** No new connections; what runs finishes within its limit; then everything ends. */
  stop(): Promise<void>;
  /** Everything ends now. */
  kill(): Promise<void>;
}

/** @throws OffhookError `port-in-use`, `debugger-port-in-use`, `address-unavailable`, `debugger-unavailable`, `isolate-user-unavailable` */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { project, settings, isDevelopment, hasHints, outlines, socket, inspect } = options;
  const { service } = project;
  const limits = limitsOf(settings, connectionRoom(maxIsolates(settings)));
  const server = new Host({ limits, healthPath: settings.healthPath });
  // Loaded only where it is needed: a server should start at once.
  const debugging =
    inspect && (await (await import("./debug/debug-host.ts")).openDebugger(service, inspect, settings.hardened));
  const { host, port } = settings;
  try {
    const preloads = socket === undefined;
    const site = await server.add({ service, settings, isDevelopment, hasHints, outlines, preloads, debugging });
    // First the port: where it is taken, no process should have been started.
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
