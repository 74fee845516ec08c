/** The limits of a host: for all of its services together, and for each of them. */
import type { GatewayTimeouts } from "../gateway/gateway.ts";
import type { Settings } from "../settings/settings.ts";

/** `Infinity` lifts a limit. */
export interface HostLimits {
  /** Maximum number of connections at once. */
  readonly connections: number;
  /**
   * Maximum number of isolates at once. A service may have to wait until another ends an idle one. See `isolateRoom`.
   */
  readonly isolates: number;
  /** Bytes of requests and replies that the gateway holds at once. Each service's request bodies get a share. */
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

/** Returns the settings of a service with its limits capped at those of the host. */
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

/** At least room for eight of the largest requests or replies, even if the setting is lower. */
function heldBytesOf({ bufferLimit, requestLimit, replyLimit }: Settings): number {
  return Math.max(bufferLimit, 8 * Math.max(requestLimit, replyLimit));
}

/** The limits of a host with a single service: those of the service. @param connections the maximum that fits. */
export function limitsOf(settings: Settings, connections: number): HostLimits {
  return {
    connections: Math.min(settings.connectionLimit, connections),
    // The settings of the service limit them.
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
