/**
 * What goes wrong once a request has a function to run.
 */
import type { LedgerEntry } from "./entry.ts";

export const functionErrors = {
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
    next: "The log has the signal or exit code and what was written last. SIGKILL and SIGTERM come from another process, or from the system when memory runs out. SIGSEGV, SIGBUS and SIGABRT mostly come from native addons.",
    twilioCode: 82002,
  },
  "server-stopped": {
    status: 503,
    fault: "operator",
    message: "The server was stopped while the function ran",
    next: "The function had started, so part of its work may be done. The first SIGTERM or SIGINT lets running functions finish, the second one ends them: wait longer before you send it.",
    retryAfterSeconds: 1,
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
} as const satisfies Record<string, LedgerEntry>;
