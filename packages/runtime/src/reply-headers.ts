/**
 * Names of headers in replies that the server sets itself, and those that an author's reply cannot set. A leaf: the gateway
 * and the isolates both read it.
 */

/** Ties a reply to its lines in the log. */
export const requestIdHeader = "x-offhook-request-id";
/** A code of the ledger, on each reply that the server writes in place of the author's. */
export const errorHeader = "x-offhook-error";
/** How many invocations were running, as on hosted Functions. */
export const concurrencyHeader = "x-twilio-function-concurrency";

/** Headers that belong to the connection, not to the reply. An author who set them could desynchronise the connection. */
export const connectionHeaders: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  // Of requests. Node would send the head at once, and in another encoding.
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
