/**
 * Rejects a request to a known service. In development, the author also gets the body of the request, and the reason why
 * a signature was rejected. The caller gets the same reply as in production.
 */
import { statusOf, type ReplyErrorCode } from "../errors.ts";
import { readBody } from "./body.ts";
import type { DevelopmentHooks } from "./development-hooks.ts";
import { recordArrival, recordUnreadBody } from "./exchange-record.ts";
import type { Exchange } from "./exchange.ts";
import { announcedBodyBytes } from "./limits.ts";
import { refuse, type RefusalOptions } from "./refusal.ts";
import type { Tenant } from "./tenant.ts";

/** How long the reply to a rejected request waits for its body. */
const maxWaitMs = 1_000;

const signatureErrors: ReadonlySet<ReplyErrorCode> = new Set<ReplyErrorCode>([
  "signature-invalid",
  "auth-token-missing",
  "shared-key-missing",
  "signature-algorithm-unsupported",
]);

export function refuseFor(
  exchange: Exchange,
  tenant: Tenant,
  code: ReplyErrorCode,
  options: RefusalOptions = {},
): void {
  const { development } = tenant;
  if (development?.isAuthorCalling !== true) return refuse(exchange, code, options);
  receiveRejected(exchange, tenant, options, () => {
    if (!signatureErrors.has(code)) return refuseWithPage(exchange, development, code, options);
    development.diagnoseSignature(exchange, tenant).then(
      (signatureDiagnosis) => refuseWithPage(exchange, development, code, { ...options, signatureDiagnosis }),
      () => refuseWithPage(exchange, development, code, options),
    );
  });
}

/** The author's browser gets a page. */
function refuseWithPage(
  exchange: Exchange,
  development: DevelopmentHooks,
  code: ReplyErrorCode,
  options: RefusalOptions,
): void {
  const { status = statusOf(code), hints = [], signatureDiagnosis } = options;
  const page = development.pageOfRefusal(exchange, { code, status, hints, signatureDiagnosis });
  refuse(exchange, code, { ...options, page });
}

/** Reads the body that the author is to see, unless it has been read already. It calls `done` exactly once. */
function receiveRejected(exchange: Exchange, tenant: Tenant, options: RefusalOptions, done: () => void): void {
  const { request, connection } = exchange;
  const bodyBytes = announcedBodyBytes(request);
  const isTaken = request.readableFlowing !== null;
  if (bodyBytes === 0 || isTaken) return done();
  const limitBytes = tenant.limits.requestBytes - exchange.headerBytes;
  const unread = unreadReason(exchange, options, bodyBytes > limitBytes && bodyBytes !== Infinity);
  if (unread !== undefined) {
    recordUnreadBody(exchange, unread);
    return done();
  }
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    connection.refuseBody?.();
  }, maxWaitMs);
  readBody(exchange, limitBytes, bodyBytes, (body) => {
    clearTimeout(timer);
    if (typeof body !== "string") {
      exchange.body = body;
      recordArrival(exchange);
    } else {
      recordUnreadBody(exchange, isLate ? `it did not arrive within ${maxWaitMs / 1_000} second` : unreadReasons[body]);
    }
    done();
  });
}

const unreadReasons = {
  "too-large": "it is larger than the limit",
  "no-room": "the server was overloaded",
  aborted: "the connection ended before it was complete",
} as const;

function unreadReason(
  { expectsContinue, request }: Exchange,
  { closes }: RefusalOptions,
  isTooLarge: boolean,
): string | undefined {
  if (isTooLarge) return unreadReasons["too-large"];
  if (expectsContinue) return "the client waited for 100 Continue before sending it";
  // Node drops the bytes after such a head.
  return closes === true || request.headers.upgrade !== undefined ? "the request was rejected first" : undefined;
}
