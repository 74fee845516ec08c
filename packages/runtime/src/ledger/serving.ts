/**
 * Errors that do not stop the server: in the log, as warnings at its start, or thrown inside a function.
 */
import type { LedgerEntry } from "./entry.ts";
import { exitCodes } from "./exit-codes.ts";

export const servingErrors = {
  // Logged about a client. They are not the status of a reply.
  "client-disconnected": {
    fault: "caller",
    message: "The client disconnected before the reply was ready",
    next: "The function still ran to its end, and the status is its result. If clients often give up, make the function faster. `context.signal` is aborted when the client has left.",
  },
  "reply-not-read": {
    fault: "caller",
    message: "The client did not read its reply",
    next: "You can ignore this if it is rare. If it is frequent, someone holds connections open on purpose: put a proxy that limits each address in front of the server.",
  },
  "too-many-connections": {
    fault: "operator",
    message: "The server has reached its connection limit",
    next: "If the clients are real, raise the `connectionLimit` setting and the limit of open files (`ulimit -n`, `LimitNOFILE`). Otherwise, put a proxy that limits each address in front of the server.",
  },

  // Thrown inside a function by Offhook's own objects.
  "credentials-missing": {
    fault: "operator",
    message: "Account credentials are not available to this function",
    next: "Set ACCOUNT_SID and AUTH_TOKEN in the service's .env.",
  },

  // Warnings at start.
  "context-too-large": {
    fault: "author",
    message: "The variables are larger than the hosted product allows",
    next: "Hosted Functions allow about 3 kB of variables in total. If you want to deploy the project there, keep large values in a private asset.",
    twilioCode: 82006,
  },

  // At start: a warning, or the end of the command.
  "isolate-user-unavailable": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "Isolates cannot run as this user",
    next: "Let this user read the project and Offhook itself, and let the server keep CAP_KILL, CAP_SETGID and CAP_SETUID. Or run the server as an unprivileged user and set `isolateUser` to `same`.",
  },

  // Thrown to the caller of the host's API. The server keeps running.
  "host-name-taken": {
    fault: "operator",
    message: "Another service has this host name",
    next: "Remove the other service first, or choose another name.",
  },
  "service-superseded": {
    fault: "operator",
    message: "A newer version of the service was deployed before this one was ready",
    next: "No action is needed. The server serves the newer version as soon as it is ready.",
  },

  // Logged by a server that keeps running.
  "tunnel-not-started": {
    fault: "operator",
    message: "The tunnel's program could not be started",
    next: "Install it, or fix the `tunnel` setting: its first word is the program. No shell reads the setting. If you need one, write `sh -c '…'`.",
  },
  "tunnel-without-url": {
    fault: "operator",
    message: "The tunnel has not printed a public URL",
    next: "If you know its URL, set `publicUrl`: Offhook still starts the tunnel and does not search its output for the URL. Otherwise, look at its output.",
  },
  "tunnel-ended": {
    fault: "operator",
    message: "The tunnel's program has exited",
    next: "Its last output is above. If it cannot start, run its command by hand to see why, fix it, and start `offhook dev` again.",
  },
  "log-lines-lost": {
    fault: "operator",
    message: "Offhook could not write lines of the log",
    next: "Free space on the disk, or make the reader of the log faster. Up to 8 MB wait for it. Lines after that are dropped.",
  },
} as const satisfies Record<string, LedgerEntry>;
