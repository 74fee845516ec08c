/**
 * The API between the page and `offhook dev`: HTTP requests on the dashboard's port, and their responses. Types only.
 *
 *     GET  /?code=CODE               the page, a cookie, and the token in <meta name="offhook-token"> (works once)
 *     GET  /                         the page, for a browser that has the cookie
 *     GET  api/session               ResumeKey
 *     POST api/resume                { proof } → Token, without a token. The proof is the challenge of a Refusal, signed
 *                                    with the resume key (HMAC-SHA256, base64url)
 *     GET  api/project               Project
 *     GET  api/exchanges?before=ID   ExchangePage, newest first
 *     GET  api/exchanges/ID          Exchange
 *     GET  api/exchanges/ID/curl     text/plain: a shell command that sends the same request, with a new signature
 *     GET  api/exchanges/ID/test     text/plain: a node:test file that tests the function
 *     POST api/exchanges/ID/test     → SavedFile. Writes that file into the project, under a new name
 *     GET  api/har                   all exchanges, as HAR 1.2
 *     GET  api/stream                server-sent events: StreamEvent, with `kind` as the event's name
 *     GET  api/simulations           Simulation[]
 *     POST api/send                  SendRequest → Sent
 *     POST api/exchanges/ID/replay   → Sent
 *     POST api/mask                  SavedRequest → SavedRequest, with masks in place of its secrets
 *     GET  api/saved-requests        NamedRequest[]
 *     POST api/saved-requests        NamedRequest → NamedRequest[]. Saves it in .offhook/requests.json
 *     POST api/saved-requests/NAME/delete  → NamedRequest[]
 *     POST api/tests                 WrittenTest → SavedFile. Writes a test into the project, under a new name
 *     POST api/media?type=TYPE       bytes → OfferedFile. Functions can read the file until the server stops
 *     GET  api/conversations/ID      what the page has kept under this id, or null
 *     POST api/conversations/ID      JSON. Kept until the server stops
 *     POST api/open                  OpenRequest → 204. Opens a file in the author's editor
 *     POST api/clear?until=TIME      → 204. Deletes the exchanges that started at this time or before; without it, all
 *
 * Everything under `api/` needs the cookie and the token. The token is in the header `x-offhook-token`, or for the
 * stream in `?token=`, because a page cannot set headers there. An error is a Refusal with a status of 400 or more.
 * Times are milliseconds since 1970.
 */

export interface Refusal {
  readonly error: { readonly code: string; readonly message: string };
  /** Only with `token-invalid`. */
  readonly challenge?: string;
}

export interface Token {
  readonly token: string;
}

export interface ResumeKey {
  readonly resumeKey: string;
}

/** A row of the list. */
export interface ExchangeSummary {
  /** `RQ` and 32 hex digits. */
  readonly id: string;
  /**
   * Sid of the service. Absent if the request was refused before its service was known, and in journals of older
   * versions.
   */
  readonly service?: string;
  readonly startedAt: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Absent until there is a reply. */
  readonly status?: number;
  readonly durationMs?: number;
  readonly resource?: "function" | "asset";
  /** An automatic request of the browser, for example for the icon of a tab, that no function answered. */
  readonly isAutomatic?: true;
  /** The error's code in the ledger, if the request failed. */
  readonly code?: string;
  /** Whether the request waited for its isolate to start, or for the function to load. */
  readonly isCold?: boolean;
  /** Number of lines that the function wrote. `complaints` counts its warnings and errors. */
  readonly lines: number;
  readonly complaints: number;
  /** Twilio would reject the reply, or ignore a part of it. Most serious first. An exchange has them in full. */
  readonly problems?: readonly ProblemMark[];
  /** Descriptions of the leftovers that were ended. */
  readonly leftovers?: string;
  /** The sender: a client, this page, or a replay of another exchange. */
  readonly origin: "client" | "page" | "replay";
  /** A short description for people, from the fields of the request: `sms "Hello" from +1…`, `call CA…`. */
  readonly label?: string;
}

export interface ProblemMark {
  /** Twilio's number (twilio.com/docs/api/errors). Absent if Twilio reports nothing. */
  readonly number?: number;
  /** `error` if Twilio rejects the reply. `warning` if it ignores a part of it. */
  readonly level: "error" | "warning";
}

export interface ReplyProblem extends ProblemMark {
  readonly text: string;
  /** In the TwiML, from one. */
  readonly line?: number;
  /** How to fix it. */
  readonly next?: string;
}

export interface Exchange extends ExchangeSummary {
  readonly problems?: readonly ReplyProblem[];
  readonly request: {
    /** Path and query, as it was sent. */
    readonly target: string;
    /** In their order. `•••` stands for a secret, and `•••NAME•••` for the value of a variable. */
    readonly headers: readonly Header[];
    readonly body: Body;
    /** Why there is a body that was not read. It completes the sentence "The body was not read: …". */
    readonly unreadBody?: string;
    /** Query and body, as a function gets them. */
    readonly event: Readonly<Record<string, unknown>>;
    /** The result of the signature check. Absent if the resource does not require a signature. */
    readonly signature?: "valid" | "invalid" | "missing";
  };
  readonly reply?: {
    readonly status: number;
    readonly headers: readonly Header[];
    readonly body: Body;
  };
  /** In the order in which they happened. Phases that did not happen are missing. */
  readonly phases: readonly Phase[];
  readonly logs: readonly LogLine[];
  /** The meaning of the code, and the next step. Absent if the request did not fail, and in older journals. */
  readonly explanation?: { readonly message: string; readonly next: string };
  /** Why the signature was rejected. */
  readonly signatureDiagnosis?: SignatureDiagnosis;
  /** The author's error with its stack, as text. */
  readonly detail?: string;
  /** The lines around the failing one, as they were when the function ran. */
  readonly source?: SourceExcerpt;
  /** Likely causes and fixes, for the author. */
  readonly hints: readonly Hint[];
  /** The function's file, relative to the project. */
  readonly file?: string;
  readonly isolate?: { readonly pid: number; readonly invocation: number };
  /** Whether the server still has the secrets of the request. Only in `GET api/exchanges/ID`. */
  readonly keepsSecrets?: boolean;
  /** Whether a test can be saved: a function replied, or threw. Only in `GET api/exchanges/ID`. */
  readonly isTestable?: boolean;
}

export interface SignatureDiagnosis {
  /** Absent if nothing was checked: the request named a host that is not this server's. */
  readonly checkedUrl?: string;
  /** What supplied the key, such as `AUTH_TOKEN from .env`. Absent if there is none. */
  readonly tokenVariable?: string;
  /** The URLs and keys of each comparison, most likely first. */
  readonly candidates: readonly { readonly url: string; readonly reason: string; readonly isValid: boolean }[];
  /** Sentences for people. */
  readonly explanation: readonly string[];
  /** Options that fix it at the next start: `--public-url https://example.org`. */
  readonly fix?: string;
}

export interface SourceExcerpt {
  /** Relative to the project. */
  readonly file: string;
  readonly line: number;
  readonly lines: readonly { readonly number: number; readonly text: string; readonly isFailing: boolean }[];
}

export type Header = readonly [name: string, value: string];

export interface Body {
  /** Of the whole body. */
  readonly bytes: number;
  /** The beginning of a long body. It is then shorter than `bytes`. */
  readonly text: string;
  /** If the body is not UTF-8, `text` is base64. */
  readonly encoding: "utf8" | "base64";
  readonly isCut: boolean;
}

export interface Phase {
  readonly name: "receive" | "queue" | "start" | "load" | "run" | "write" | "settle";
  /** Since the start of the request. */
  readonly atMs: number;
  readonly tookMs: number;
}

export interface LogLine {
  readonly at: number;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly text: string;
}

export interface Hint {
  readonly text: string;
  /** Relative to the project. */
  readonly file?: string;
  readonly line?: number;
}

export interface ExchangePage {
  readonly exchanges: readonly ExchangeSummary[];
  /** The cursor for older exchanges. Absent if there are none. */
  readonly before?: string;
}

export type StreamEvent =
  /** A new row, or an update of one. The id identifies the row. */
  | { readonly kind: "exchange"; readonly exchange: ExchangeSummary }
  /** The project was loaded again. Request it again. */
  | { readonly kind: "project" }
  | { readonly kind: "notice"; readonly level: LogLine["level"]; readonly text: string };

export interface Project {
  /** The same at every start of the same folder. */
  readonly id: string;
  readonly version: string;
  /** The name of its folder. */
  readonly name: string;
  /** The URL on this machine, such as `http://localhost:3000`. `publicUrl` is the one from outside, if there is one. */
  readonly url: string;
  readonly publicUrl?: string;
  readonly functions: readonly FunctionInfo[];
  readonly assets: readonly AssetInfo[];
  /** Values are never sent. `hint` is the length, or the first letters of a value that is not secret (`AC…`). */
  readonly variables: readonly { readonly name: string; readonly hint: string }[];
  /** Whether an editor can be opened. */
  readonly hasEditor: boolean;
}

export interface FunctionInfo {
  /** Such as `/sms`. Absent for private functions. */
  readonly path?: string;
  readonly name: string;
  readonly visibility: "public" | "protected" | "private";
  readonly file: string;
}

export interface AssetInfo extends FunctionInfo {
  readonly bytes: number;
}

/** A Twilio webhook that the page can send. */
export interface Simulation {
  readonly kind: string;
  /** For people, such as `Incoming SMS`. */
  readonly title: string;
  readonly method: "POST" | "GET";
  readonly format: "form" | "json";
  readonly fields: readonly SimulationField[];
}

export interface SimulationField {
  readonly name: string;
  readonly value: string;
  /** The few fields that users usually change come first. The others are folded. */
  readonly isMain: boolean;
}

export interface SendRequest {
  /** Path and query. */
  readonly target: string;
  readonly method: string;
  readonly headers?: readonly Header[];
  /** The fields of a form. `body` is the text of any other body. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
  /** Adds Twilio's signature, made with the service's AUTH_TOKEN. */
  readonly isSigned: boolean;
  /**
   * Given if masks in the request stand for secrets. They are filled from the exchange `from`, whose request was edited,
   * and from `.env`. A secret that is missing is a Refusal `secret-missing`.
   */
  readonly secrets?: { readonly from?: string };
}

/** A request of the simulator that is kept. Masks stand for its secrets. */
export interface SavedRequest {
  /** The kind of a simulation, or `plain`. */
  readonly kind: string;
  readonly target: string;
  readonly method: string;
  /** `json-fields` is sent as JSON. `json` and `text` are in `body`. */
  readonly format: "form" | "json-fields" | "json" | "text";
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly headers: readonly Header[];
  /** Without it, the request is signed if its function is protected. */
  readonly isSigned?: boolean;
}

export interface NamedRequest extends SavedRequest {
  readonly name: string;
}

/** The reply to a request that the page sent. */
export interface SendResult {
  /** The id of its exchange. */
  readonly id: string;
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Body;
  /** One entry per cookie that was set: `name=value` with its attributes. */
  readonly cookies: readonly string[];
}

export interface OfferedFile {
  /** On this machine. It needs no cookie, because functions request it. */
  readonly url: string;
}

/** A test that the page has made. */
export interface WrittenTest {
  /** Without a folder. */
  readonly name: string;
  readonly text: string;
}

export interface SavedFile {
  /** Relative to the project. */
  readonly file: string;
}

export interface OpenRequest {
  /** Relative to the project. */
  readonly file: string;
  readonly line?: number;
}
