/**
 * The ledger: every error that Offhook can raise, in one table.
 *
 * A code is stable and is what people search for: it stands in the log, in the `x-offhook-error`
 * header of a reply, and in `docs/reference/errors.md`, which a test holds to this table.
 * This file is a leaf: it imports nothing but the shape of an entry.
 */

import type { LedgerEntry } from "./ledger-entry.ts";

export type { Fault, LedgerEntry } from "./ledger-entry.ts";

/** Exit codes of the command, documented in `docs/reference/settings.md`. */
export const exitCodes = {
  ok: 0,
  internal: 1,
  usage: 2,
  project: 3,
  address: 4,
  node: 5,
  outdated: 6,
} as const;

export const ledger = {
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

  // The function ran, and failed.
  "handler-missing": {
    status: 500,
    fault: "author",
    message: "The function does not export a handler",
    next: "Add `exports.handler = function (context, event, callback) { … }`.",
    twilioCode: 82002,
  },
  "function-load-failed": {
    status: 500,
    fault: "author",
    message: "The function could not be loaded",
    next: "Mend what the log names: a syntax error, an exception at module scope, or a missing package (run `npm install` in the project's folder).",
    twilioCode: 82002,
  },
  "handler-threw": {
    status: 500,
    fault: "author",
    message: "The function threw an error",
    next: "Mend the function where the stack in the log points to, or catch the error there and call back.",
    twilioCode: 82002,
  },
  "callback-error": {
    status: 500,
    fault: "author",
    message: "The function called back with an error",
    next: "If the caller should get something else, call back with null and a Twilio.Response instead: callback()'s first argument is sent as a 500.",
    twilioCode: 82002,
  },
  "handler-timed-out": {
    status: 504,
    fault: "author",
    message: "The function did not call callback() within its time limit",
    next: "Call callback() on every path. If the work is rightly longer, raise the `timeout` setting.",
    twilioCode: 82002,
  },
  "reply-not-serializable": {
    status: 500,
    fault: "author",
    message: "The function's reply could not be turned into bytes",
    next: "Pass a string, plain data, TwiML or a Twilio.Response to callback(): no circular references, BigInt or functions.",
    twilioCode: 82002,
  },
  "reply-too-large": {
    status: 500,
    fault: "author",
    message: "The function's reply is too large",
    next: "Reply with less than the limit (4 MB by default), or raise the `replyLimit` setting.",
    twilioCode: 82002,
  },
  "reply-headers-too-long": {
    status: 431,
    fault: "author",
    message: "Response headers or cookies too long",
    next: "Set fewer or shorter headers and cookies, or raise `headerLimit` and `headerCountLimit`.",
    twilioCode: 82008,
  },
  "reply-header-invalid": {
    status: 500,
    fault: "author",
    message: "The function set a header that HTTP does not allow",
    next: "Header names are tokens, values are single lines of Latin-1 text. The log names the header.",
    twilioCode: 82002,
  },
  "reply-status-invalid": {
    status: 500,
    fault: "author",
    message: "The function set a status code that HTTP does not allow",
    next: "Use a whole number from 200 to 599.",
    twilioCode: 82002,
  },
  "cookie-too-old": {
    status: 400,
    fault: "author",
    message: "Cookies max-age cannot be greater than a day",
    next: "Set Max-Age to at most 86400, or raise the `cookieMaxAge` setting.",
    twilioCode: 82002,
  },
  "process-exited": {
    status: 500,
    fault: "author",
    message: "The function ended its own process",
    next: "Do not call process.exit(), process.abort() or kill the own process in a function: call callback().",
    twilioCode: 82002,
  },
  "out-of-memory": {
    status: 500,
    fault: "author",
    message: "The function used more memory than it may",
    next: "Hold less at once, or raise the `memory` setting.",
    twilioCode: 82002,
  },
  "isolate-crashed": {
    status: 500,
    fault: "author",
    message: "The function's process crashed",
    next: "The log has the signal or exit code and what was written last. Native addons are the usual suspects.",
    twilioCode: 82002,
  },
  "isolate-not-started": {
    status: 503,
    fault: "operator",
    message: "No isolate could be started for the function",
    next: "The log has the cause: no more processes, memory or file descriptors, or a `node` setting that names no usable Node.",
    retryAfterSeconds: 1,
    twilioCode: 82002,
  },
  "internal-error": {
    status: 500,
    fault: "offhook",
    message: "Internal error",
    next: "This is a bug in Offhook. Please report it with the log.",
  },

  // About a client, and not its reply.
  "client-disconnected": {
    fault: "caller",
    message: "The client disconnected before the reply was ready",
    next: "The function ran all the same, and the status is what it came to. Clients that give up soon need a faster function; `context.signal` tells one that nobody waits.",
  },
  "reply-not-read": {
    fault: "caller",
    message: "A client did not read its reply",
    next: "Nothing needs doing if it is rare. If it is not, somebody holds connections open on purpose: put a proxy with limits for each address in front.",
  },
  "too-many-connections": {
    fault: "operator",
    message: "There are more connections than allowed",
    next: "If the clients are real, raise the `connectionLimit` setting and the limit of open files (`ulimit -n`, `LimitNOFILE`). Or put a proxy with limits for each address in front.",
  },

  // Thrown inside a function by what Offhook puts there.
  "credentials-missing": {
    fault: "operator",
    message: "Account credentials are not available to this function",
    next: "Set ACCOUNT_SID and AUTH_TOKEN in the service's .env.",
  },

  // Warnings at start.
  "context-too-large": {
    fault: "author",
    message: "The variables are larger than the hosted product allows",
    next: "Hosted Functions allow about 3 kB of variables in all: keep large values in a private asset if the project is to be deployed there.",
    twilioCode: 82006,
  },

  // A warning, or the end, at start.
  "isolate-user-unavailable": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "Isolates cannot run as that user",
    next: "Let the user read the project and Offhook itself, and the server keep CAP_KILL, CAP_SETGID and CAP_SETUID; or run the server as a user without rights and set `isolateUser` to `same`.",
  },

  // Told by a server that goes on.
  "log-lines-lost": {
    fault: "operator",
    message: "Lines of the log could not be written",
    next: "Make room on the disk, or let whatever reads the log read faster: up to 8 MB wait for it, what comes after that is dropped.",
  },

  // The command cannot start.
  "folder-missing": {
    exitCode: exitCodes.project,
    fault: "operator",
    message: "The folder does not exist",
    next: "Name the project's folder: `offhook start path/to/project`.",
  },
  "project-empty": {
    exitCode: exitCodes.project,
    fault: "author",
    message: "The project has no functions and no assets",
    next: "Put functions in functions/ and assets in assets/, or set `functionsFolder` and `assetsFolder`.",
  },
  "path-duplicate": {
    exitCode: exitCodes.project,
    fault: "author",
    message: "Two files claim the same path",
    next: "Rename or remove one of them: functions and assets share one namespace.",
  },
  "asset-too-large": {
    exitCode: exitCodes.project,
    fault: "author",
    message: "An asset is larger than the limit",
    next: "Make it smaller, or raise `assetLimit` (public and protected) or `privateAssetLimit`.",
  },
  "file-unreadable": {
    exitCode: exitCodes.project,
    fault: "operator",
    message: "A file of the project cannot be read",
    next: "Check that it exists and may be read by this user.",
  },
  "file-unwritable": {
    exitCode: exitCodes.project,
    fault: "operator",
    message: "A file of the project cannot be written",
    next: "Check that its folder may be written to by this user, and that the disk has room.",
  },
  "file-malformed": {
    exitCode: exitCodes.project,
    fault: "author",
    message: "A file of the project is not valid JSON",
    next: "Mend it at the place named.",
  },
  "setting-unknown": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "There is no such setting",
    next: "`offhook start --help` lists the settings.",
  },
  "setting-invalid": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "A setting has a value that it cannot have",
    next: "`offhook start --help` says what each setting takes.",
  },
  "command-unknown": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "There is no such command",
    next: "`offhook --help` lists the commands.",
  },
  "port-in-use": {
    exitCode: exitCodes.address,
    fault: "operator",
    message: "The port is in use",
    next: "Stop what listens there, or choose another with --port.",
  },
  "address-unavailable": {
    exitCode: exitCodes.address,
    fault: "operator",
    message: "The address cannot be listened on",
    next: "Ports below 1024 need privileges; the host must be one of this machine's addresses.",
  },
  "types-outdated": {
    exitCode: exitCodes.outdated,
    fault: "author",
    message: "The types of the project are out of date",
    next: "Run `offhook types` with the same folder and options, and commit what it writes.",
  },
  "node-too-old": {
    exitCode: exitCodes.node,
    fault: "operator",
    message: "Offhook needs Node 22.18 or newer",
    next: "Install a newer Node, e.g. from https://nodejs.org, and run the command again.",
  },
} as const satisfies Record<string, LedgerEntry>;

export type ErrorCode = keyof typeof ledger;

/** Codes whose entry answers a request. */
export type ReplyErrorCode = {
  [K in ErrorCode]: (typeof ledger)[K] extends { status: number } ? K : never;
}[ErrorCode];

/** The ledger's entry, with its optional columns visible. */
export function entryOf(code: ErrorCode): LedgerEntry {
  return ledger[code];
}

/** The HTTP status of an error that answers a request. */
export function statusOf(code: ReplyErrorCode): number {
  return ledger[code].status;
}
