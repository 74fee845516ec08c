/**
 * A service as the gateway sees it: what it needs to route, to check and to hand over a request.
 * `start` and `dev` have one; `serve` has many, told apart by the host of the request.
 */
import type { Invoker } from "../pool/invocation.ts";
import type { AccessOptions } from "./access.ts";
import type { DevelopmentHooks } from "./development-hooks.ts";
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
}

/**
 * The tenant that a host belongs to. The host is as the caller wrote it, with its port; empty if they named none. A promise
 * where the tenant is about to change: the request waits for it.
 */
export type ResolveTenant = (host: string) => Tenant | undefined | Promise<Tenant | undefined>;
