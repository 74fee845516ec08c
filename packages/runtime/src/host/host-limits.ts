/** What a host allows all of its services together, and each of them at most. */
import type { GatewayTimeouts } from "../gateway/gateway.ts";
import type { Settings } from "../project/settings.ts";

/** `Infinity` lifts a limit. */
export interface HostLimits {
  /** Connections at once. */
  readonly connections: number;
  /** Bytes of requests and replies that the gateway holds at once. */
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
  return {
    ...settings,
    requestLimit: Math.min(settings.requestLimit, limits.requestBytes),
    replyLimit: Math.min(settings.replyLimit, limits.replyBytes),
    headerLimit: Math.min(settings.headerLimit, limits.headerBytes),
    headerCountLimit: Math.min(settings.headerCountLimit, limits.headerCount),
  };
}

/** The limits of a host that serves one service alone: those of the service. @param connections the most there is room for. */
export function limitsOf(settings: Settings, connections: number): HostLimits {
  return {
    connections: Math.min(settings.connectionLimit, connections),
    heldBytes: Math.max(settings.bufferLimit, 8 * Math.max(settings.requestLimit, settings.replyLimit)),
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
