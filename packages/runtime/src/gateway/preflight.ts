/**
 * Answers OPTIONS, which never reaches a function (contract §5.6, decision C4, rows 137 to 141). This applies to
 * functions and assets. Offhook adds no CORS headers to other replies (row 142).
 */
import { dropBody } from "./body.ts";
import { endExchange } from "./exchange-end.ts";
import type { Exchange } from "./exchange.ts";
import { endWithReplyTo, hasUnreadBody } from "./lingering-close.ts";

/** `*` is documented, and the list was observed: under the Fetch standard, `*` does not cover `Authorization`. */
const allowedHeaders =
  "*, Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since, User-Agent";

const headers = [
  "access-control-allow-origin",
  "*",
  "access-control-allow-methods",
  "GET, POST, OPTIONS",
  "access-control-allow-headers",
  allowedHeaders,
  "access-control-expose-headers",
  "ETag",
  "access-control-max-age",
  "86400",
  "access-control-allow-credentials",
  "true",
];

const closingHeaders = [...headers, "connection", "close"];

/** 204, which has neither body nor content-length. */
export function answerPreflight(exchange: Exchange): void {
  const { request, response } = exchange;
  if (!response.destroyed) {
    // An OPTIONS request hardly ever has a body. A large one is not read.
    const closes = exchange.traffic.isDraining || hasUnreadBody(request, exchange.expectsContinue);
    response.writeHead(204, closes ? closingHeaders : headers);
    if (closes) endWithReplyTo(request, exchange.connection);
    else dropBody(exchange);
    response.end();
  }
  endExchange(exchange, 204, 0);
}
