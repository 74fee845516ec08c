/**
 * The words between the page and `offhook dev`: what is asked over HTTP on the dashboard's port, and what is answered. Types only.
 *
 *     GET  /?code=CODE               the page, a cookie, and the token in <meta name="offhook-token">: once
 *     GET  /                         the page, for a browser that has the cookie
 *     GET  api/session               ResumeKey
 *     POST api/resume                { proof } → Token: without a token. The proof is the challenge of a Refusal, signed with the
 *                                    resume key (HMAC-SHA256, base64url)
 *     GET  api/project               Project
 *     GET  api/exchanges?before=ID   ExchangePage, the newest first
 *     GET  api/exchanges/ID          Exchange
 *     GET  api/exchanges/ID/curl     text/plain: a shell command that sends the same request (secrets as $VARIABLES)
 *     GET  api/exchanges/ID/test     text/plain: a test of the function, as a file for node:test
 *     GET  api/har                   all exchanges, as HAR 1.2
 *     GET  api/stream                server-sent events: StreamEvent, its `kind` as the event's name
 *     GET  api/simulations           Simulation[]
 *     POST api/send                  SendRequest → Sent
 *     POST api/exchanges/ID/replay   → Sent
 *     POST api/open                  OpenRequest → 204: the author's editor opens a file
 *     POST api/clear                 → 204: forgets all exchanges
 *
 * Everything under `api/` needs the cookie and the token: in the header `x-offhook-token`, or for the stream, whose headers a
 * page cannot set, as `?token=`. An error is a Refusal, with a status of 400 or more.
 * Times are milliseconds, of the day since 1970.
 */

export interface Refusal {
  readonly error: { readonly code: string; readonly message: string };
  /** With `token-invalid`. */
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
  /** Sid of the service; absent where the request was refused before its service was known, and in journals of older versions. */
  readonly service?: string;
  readonly startedAt: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Absent as long as there is no reply. */
  readonly status?: number;
  readonly durationMs?: number;
  readonly resource?: "function" | "asset";
  /** Of the ledger, where something went wrong. */
  readonly code?: string;
  /** Whether its isolate had to be started, or to load the function, first. */
  readonly isCold?: boolean;
  /** How many lines the function wrote at all, and as warnings or errors. */
  readonly lines: number;
  readonly complaints: number;
  /** What was ended after the callback. */
  readonly leftovers?: string;
  /** Where it came from: a client, this page, or another exchange that it repeats. */
  readonly origin: "client" | "page" | "replay";
  /** What the request was, by its fields: `sms "Hello" from +1…`, `call CA…`; for people. */
  readonly label?: string;
}

export interface Exchange extends ExchangeSummary {
  readonly request: {
    /** Path and query, as it was sent. */
    readonly target: string;
    /** As they came, in their order; the values of secret ones are `•••`. */
    readonly headers: readonly Header[];
    readonly body: Body;
    /** Query and body as a function gets them. */
    readonly event: Readonly<Record<string, unknown>>;
    /** Whether there was a signature, and what was found of it; absent where none is asked for. */
    readonly signature?: "valid" | "invalid" | "missing";
  };
  readonly reply?: {
    readonly status: number;
    readonly headers: readonly Header[];
    readonly body: Body;
  };
  /** In the order they took place; a phase that did not take place is not there. */
  readonly phases: readonly Phase[];
  readonly logs: readonly LogLine[];
  /** The author's error with its stack, as text. */
  readonly detail?: string;
  /** What may be done about it. */
  readonly hints: readonly Hint[];
  /** Where the function is, relative to the project. */
  readonly file?: string;
  readonly isolate?: { readonly pid: number; readonly invocation: number };
}

export type Header = readonly [name: string, value: string];

export interface Body {
  /** Of the whole. */
  readonly bytes: number;
  /** Cut where it is long: then shorter than `bytes`. */
  readonly text: string;
  /** Where it is no UTF-8, `text` is base64. */
  readonly encoding: "utf8" | "base64";
  readonly isCut: boolean;
}

export interface Phase {
  readonly name: "receive" | "queue" | "start" | "load" | "run" | "write" | "settle";
  /** From the request's beginning. */
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
  /** There are older ones: the id to ask before. */
  readonly before?: string;
}

export type StreamEvent =
  /** A new row, or news of one: rows are told apart by their id. */
  | { readonly kind: "exchange"; readonly exchange: ExchangeSummary }
  /** The project was read anew; ask for it again. */
  | { readonly kind: "project" }
  | { readonly kind: "notice"; readonly level: LogLine["level"]; readonly text: string };

export interface Project {
  readonly version: string;
  /** The name of its folder. */
  readonly name: string;
  /** Where it is called: `http://localhost:3000`, and from outside if there is a way. */
  readonly url: string;
  readonly publicUrl?: string;
  readonly functions: readonly FunctionInfo[];
  readonly assets: readonly AssetInfo[];
  /** Values are never told; `hint` may be the length or the first letters of what is no secret (`AC…`). */
  readonly variables: readonly { readonly name: string; readonly hint: string }[];
  /** Whether an editor can be opened. */
  readonly hasEditor: boolean;
}

export interface FunctionInfo {
  /** `/sms`; absent where it is private. */
  readonly path?: string;
  readonly name: string;
  readonly visibility: "public" | "protected" | "private";
  readonly file: string;
}

export interface AssetInfo extends FunctionInfo {
  readonly bytes: number;
}

/** A webhook of Twilio's that can be sent from here. */
export interface Simulation {
  readonly kind: string;
  /** For people: `Incoming SMS`. */
  readonly title: string;
  readonly method: "POST" | "GET";
  readonly format: "form" | "json";
  readonly fields: readonly SimulationField[];
}

export interface SimulationField {
  readonly name: string;
  readonly value: string;
  /** The few that one usually changes come first and are shown; the others are folded. */
  readonly isMain: boolean;
}

export interface SendRequest {
  /** Path and query. */
  readonly target: string;
  readonly method: string;
  readonly headers?: readonly Header[];
  /** A form's fields, or the text of a body of any other kind. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
  /** Adds the signature that Twilio would, made with the service's AUTH_TOKEN. */
  readonly isSigned: boolean;
}

/** What came back. */
export interface SendResult {
  /** Of the exchange that it became. */
  readonly id: string;
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Body;
  /** `name=value` of the cookies that were set, with their attributes, one each. */
  readonly cookies: readonly string[];
}

export interface OpenRequest {
  /** Relative to the project. */
  readonly file: string;
  readonly line?: number;
}
