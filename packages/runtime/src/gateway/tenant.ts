/**
 * A service as the gateway sees it: what it needs to route, to check and to hand over a request.
 * `start` and `dev` have one; `serve` has many, told apart by the host of the request.
 */
import type { Invoker } from "../pool/invocation.ts";
import type { AccessOptions } from "./access.ts";
import type { DevelopmentHooks } from "./development-hooks.ts";
import type { InFlight } from "./in-flight.ts";
import type { RequestLimits } from "./limits.ts";
import type { Origin } from "./origin.ts";
import type { RouteTable } from "./routes.ts";

export interface Tenant {
  /** Of the service: `ZS` and 32 hex digits. */
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
  /** The tenant after the change that is under way; undefined where none is. Requests wait for it, however long it takes. */
  readonly changed?: () => Promise<Tenant> | undefined;
}

/**
 * The tenant that a host belongs to; undefined for an unknown host. The host is as the caller wrote it, with its port; empty
 * if the caller named none. A promise where the lookup takes time. Where it throws, rejects or takes longer than the gateway's
 * `resolveMs`, the request is refused with `service-lookup-failed`.
 */
export type ResolveTenant = (host: string) => Tenant | undefined | Promise<Tenant | undefined>;
