/** The end of an exchange: the log is told, and `drain` goes on. */
import { exchangeSeen, requestEnded, type GivenHint } from "../observe/channels.ts";
import type { Exchange } from "./exchange.ts";
import { publishSeen } from "./exchange-record.ts";

/** Why an exchange has no ordinary reply. */
export interface Failure {
  /** Of the ledger. */
  readonly code: string;
  /** For the log, never for the caller. */
  readonly detail?: string | undefined;
  /** In development. */
  readonly hints?: readonly GivenHint[] | undefined;
}

/**
 * Ends an exchange, once, after its reply was written.
 * @param bytes of the body that was sent.
 */
export function endExchange(exchange: Exchange, status: number, bytes: number, failure?: Failure): void {
  if (exchangeSeen.isObserved) publishSeen(exchange);
  if (requestEnded.isObserved) {
    const { resource, isCold } = exchange;
    const { code, detail, hints = [] } = failure ?? {};
    requestEnded.publish({
      service: exchange.service,
      requestId: exchange.requestId,
      method: exchange.request.method ?? "",
      path: exchange.path,
      status,
      durationMs: performance.now() - exchange.startedAt,
      bytes,
      ...(resource === undefined ? undefined : { resource: resource.kind }),
      ...(resource?.kind === "function" ? { function: resource.name } : undefined),
      ...(isCold === undefined ? undefined : { isCold }),
      ...(code === undefined ? undefined : { code }),
      ...(detail === undefined ? undefined : { detail }),
      ...(hints.length === 0 ? undefined : { hints }),
    });
  }
  exchange.traffic.leave(exchange.body.length);
  exchange.inFlight?.leave(exchange.body.length);
}
