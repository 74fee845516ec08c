/**
 * A service as the gateway sees it: all that the gateway needs to route, check and pass on a request. `start` and `dev`
 * have one tenant. `serve` has many, and the request's host decides which one.
 */
import type { Invoker } from "../pool/invocation.ts";
import type { AccessOptions } from "./access.ts";
import type { DevelopmentHooks } from "./development-hooks.ts";
import type { InFlight } from "./in-flight.ts";
import type { RequestLimits } from "./limits.ts";
import type { Origin } from "./origin.ts";
import type { RouteTable } from "./routes.ts";

export interface Tenant {
  /** The service's sid: `ZS` and 32 hex digits. */
  readonly sid: string;
  readonly routes: RouteTable;
  readonly invoker: Invoker;
  readonly limits: RequestLimits;
  readonly access: AccessOptions;
  readonly origin: Origin;
  /** Undefined in production. */
  readonly development?: DevelopmentHooks | undefined;
  /** The requests of this tenant that have no reply yet. */
  readonly inFlight?: InFlight;
  /**
   * The tenant after the current change. Undefined if there is no change. Requests wait for it without a time limit.
   */
  readonly changed?: () => Promise<Tenant> | undefined;
}

/**
 * Returns the tenant of a host, or undefined for an unknown host. The host is as the caller wrote it, with its port, or
 * empty if the caller named none. The result is a promise if the lookup takes time. If it throws, rejects or takes
 * longer than the gateway's `resolveMs`, the request is rejected with `service-lookup-failed`.
 */
export type ResolveTenant = (host: string) => Tenant | undefined | Promise<Tenant | undefined>;
