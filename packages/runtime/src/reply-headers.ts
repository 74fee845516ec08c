/**
 * Names of reply headers that the server sets, and of those that an author's reply cannot set. The gateway and the
 * isolates both use this file. It imports nothing.
 */

/** Connects a reply to its lines in the log. */
export const requestIdHeader = "x-offhook-request-id";
/** The code of the ledger, in each reply that the server writes instead of the author's code. */
export const errorHeader = "x-offhook-error";
/** How many invocations were running, as on hosted Functions. */
export const concurrencyHeader = "x-twilio-function-concurrency";

/**
 * Headers that belong to the connection, not to the reply. An author who set them could desynchronise the connection.
 */
export const connectionHeaders: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  // A request header. Node would send the head at once, and in another encoding.
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
