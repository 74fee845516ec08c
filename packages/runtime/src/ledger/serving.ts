/**
 * What a server tells of while it goes on: in the log, at its start, or within a function.
 */
import type { LedgerEntry } from "./entry.ts";
import { exitCodes } from "./exit-codes.ts";

export const servingErrors = {
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

  // Refused by a server that goes on.
  "host-name-taken": {
    fault: "operator",
    message: "Another service has this host name",
    next: "Remove the other service first, or choose another name.",
  },
  "service-superseded": {
    fault: "operator",
    message: "A newer version of the service was deployed before this one was ready",
    next: "Nothing. The newer version is served as soon as it is ready.",
  },

  // Told by a server that goes on.
  "tunnel-not-started": {
    fault: "operator",
    message: "The tunnel's program could not be started",
    next: "Install it, or mend the `tunnel` setting: its first word is the program. No shell reads it; where you need one, write `sh -c '…'`.",
  },
  "tunnel-without-url": {
    fault: "operator",
    message: "The tunnel has not said which public URL it gives",
    next: "If it has one, name it with `publicUrl`: the tunnel is started all the same, and the URL need not be found. Else look at what it printed.",
  },
  "tunnel-ended": {
    fault: "operator",
    message: "The tunnel has ended",
    next: "What it said last is above. Where it cannot start, run its command by hand, or start `offhook dev` anew when it is mended.",
  },
  "log-lines-lost": {
    fault: "operator",
    message: "Lines of the log could not be written",
    next: "Make room on the disk, or let whatever reads the log read faster: up to 8 MB wait for it, what comes after that is dropped.",
  },
} as const satisfies Record<string, LedgerEntry>;
