/** The end of an exchange: it is published for the log, and `drain` may continue. */
import {
  exchangeSeen,
  requestEnded,
  type GivenHint,
  type SignatureDiagnosis,
  type SourceExcerpt,
} from "../observe/channels.ts";
import type { Exchange } from "./exchange.ts";
import { publishSeen } from "./exchange-record.ts";

/** Why an exchange has no ordinary reply. */
export interface Failure {
  /** Code of the ledger. */
  readonly code: string;
  /** For the log, never for the caller. */
  readonly detail?: string | undefined;
  /** Only in development. */
  readonly hints?: readonly GivenHint[] | undefined;
  readonly signatureDiagnosis?: SignatureDiagnosis | undefined;
  readonly source?: SourceExcerpt | undefined;
}

/**
 * Ends an exchange after its reply was written. Call it once for each exchange.
 * @param bytes size of the body that was sent.
 */
export function endExchange(exchange: Exchange, status: number, bytes: number, failure?: Failure): void {
  if (exchangeSeen.isObserved) publishSeen(exchange, failure?.code);
  if (requestEnded.isObserved) {
    const { resource, isCold } = exchange;
    const { code, detail, hints = [], signatureDiagnosis, source } = failure ?? {};
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
      ...(signatureDiagnosis === undefined ? undefined : { signatureDiagnosis }),
      ...(source === undefined ? undefined : { source }),
    });
  }
  exchange.traffic.leave(exchange.body.length);
  exchange.inFlight?.leave(exchange.body.length);
}
