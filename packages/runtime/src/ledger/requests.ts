/**
 * Requests that the gateway refuses: the function does not run.
 */
import type { LedgerEntry } from "./entry.ts";

export const requestErrors = {
  // Refused by the gateway: the function did not run.
  "not-found": {
    status: 404,
    fault: "caller",
    message: "Could not find requested resource",
    next: "Check the path against the list printed at start: it is exact and case-sensitive, and private functions and assets have no URL.",
    twilioCode: 82001,
  },
  "method-not-allowed": {
    status: 405,
    fault: "caller",
    message: "Method not allowed",
    next: "Use GET or POST. The `allow` header lists what is accepted.",
    twilioCode: 82001,
  },
  "body-with-get": {
    status: 403,
    fault: "caller",
    message: "A GET request must not have a body",
    next: "Send the parameters in the query, or use POST.",
    twilioCode: 82001,
  },
  "signature-invalid": {
    status: 403,
    fault: "caller",
    message: "Twilio Request Validation Failed",
    next: "Call it with a valid X-Twilio-Signature. If Twilio itself is refused, check AUTH_TOKEN and the `publicUrl` setting: the signature covers the exact URL that Twilio called.",
    twilioCode: 82001,
  },
  "auth-token-missing": {
    status: 403,
    fault: "operator",
    message: "Twilio Request Validation Failed",
    next: "Set AUTH_TOKEN in the service's .env: without it no signature can be checked, so protected functions and assets refuse every call.",
    twilioCode: 82001,
  },
  "request-malformed": {
    status: 400,
    fault: "caller",
    message: "Bad request",
    next: "The bytes received are not valid HTTP/1.1. Check the client or the proxy in front.",
    twilioCode: 82001,
  },
  "request-timed-out": {
    status: 408,
    fault: "caller",
    message: "The request took too long to arrive",
    next: "Send headers and body without long pauses.",
    twilioCode: 82001,
  },
  "request-too-large": {
    status: 413,
    fault: "caller",
    message: "Request too large",
    next: "Send less than the limit (1 MB by default, headers included), or raise the `requestLimit` setting.",
    twilioCode: 82001,
  },
  "request-headers-too-long": {
    status: 431,
    fault: "caller",
    message: "Request headers or cookies too long",
    next: "Send fewer or shorter headers and cookies, or raise `headerLimit` and `headerCountLimit`.",
    twilioCode: 82008,
  },
  "body-malformed": {
    status: 400,
    fault: "caller",
    message: "The request body is not what its content type says",
    next: "A body sent as application/json must be a JSON object or array; a compressed one must be whole.",
    twilioCode: 82001,
  },
  "body-encoding-unsupported": {
    status: 415,
    fault: "caller",
    message: "Unsupported content encoding",
    next: "Send the body plain, or as gzip, deflate or br.",
    twilioCode: 82001,
  },
  "too-many-invocations": {
    status: 429,
    fault: "caller",
    message: "Too many concurrent invocations",
    next: "Try again shortly, or raise the `concurrency` setting.",
    retryAfterSeconds: 1,
    twilioCode: 82001,
  },
  "server-overloaded": {
    status: 503,
    fault: "operator",
    message: "The server has more to hold than it has room for",
    next: "Try again shortly. If it happens often, put a proxy in front that buffers requests and limits rates.",
    retryAfterSeconds: 1,
  },
  "server-draining": {
    status: 503,
    fault: "operator",
    message: "The server is shutting down",
    next: "Send the request again: another instance, or this one after its restart, will take it.",
    retryAfterSeconds: 1,
  },
  "asset-unreadable": {
    status: 500,
    fault: "operator",
    message: "The asset could not be read",
    next: "The file was removed, moved out of the assets folder or made unreadable since the start. Put it back, or restart.",
    twilioCode: 82002,
  },
} as const satisfies Record<string, LedgerEntry>;
