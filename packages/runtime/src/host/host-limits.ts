/** What a host allows all of its services together, and each of them at most. */
import type { GatewayTimeouts } from "../gateway/gateway.ts";
import type { Settings } from "../settings/settings.ts";

/** `Infinity` lifts a limit. */
export interface HostLimits {
  /** Connections at once. */
  readonly connections: number;
  /** Isolates at once. A service that needs one may have to wait for an idle isolate of another to end. See `isolateRoom`. */
  readonly isolates: number;
  /** Bytes of requests and replies that the gateway holds at once. The bodies of one service's requests have a share of them. */
  readonly heldBytes: number;
  /** Bytes of one request, headers included. */
  readonly requestBytes: number;
  /** Bytes of one reply's body. */
  readonly replyBytes: number;
  /** Bytes of one request's or reply's headers. */
  readonly headerBytes: number;
  /** Number of one request's or reply's headers. */
  readonly headerCount: number;
  readonly timeouts: Partial<GatewayTimeouts>;
}

/** The settings of a service: its limits are cut to those of the host. */
export function withinHost(settings: Settings, limits: HostLimits): Settings {
  const requestLimit = Math.min(settings.requestLimit, limits.requestBytes);
  const replyLimit = Math.min(settings.replyLimit, limits.replyBytes);
  return {
    ...settings,
    requestLimit,
    replyLimit,
    bufferLimit: Math.min(heldBytesOf({ ...settings, requestLimit, replyLimit }), limits.heldBytes),
    headerLimit: Math.min(settings.headerLimit, limits.headerBytes),
    headerCountLimit: Math.min(settings.headerCountLimit, limits.headerCount),
  };
}

/** Room for eight of the largest requests or replies, whatever the setting says. */
function heldBytesOf({ bufferLimit, requestLimit, replyLimit }: Settings): number {
  return Math.max(bufferLimit, 8 * Math.max(requestLimit, replyLimit));
}

/** The limits of a host that serves one service alone: those of the service. @param connections the most there is room for. */
export function limitsOf(settings: Settings, connections: number): HostLimits {
  return {
    connections: Math.min(settings.connectionLimit, connections),
    // Its settings bound them.
    isolates: Infinity,
    heldBytes: heldBytesOf(settings),
    requestBytes: settings.requestLimit,
    replyBytes: settings.replyLimit,
    headerBytes: settings.headerLimit,
    headerCount: settings.headerCountLimit,
    timeouts: {
      headMs: settings.headTimeout,
      requestMs: settings.requestTimeout,
      keepAliveMs: settings.keepAliveTimeout,
    },
  };
}
