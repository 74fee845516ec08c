/**
 * The arguments and replies of functions, as far as Offhook, hosted Functions and twilio-run agree on them.
 */
/** @ts-ignore -- the package need not be installed; the comment is copied into the declarations */
import type { Twilio } from "twilio";

/** The client of the author's own `twilio` package, in any version. `any` if none is installed. */
export type TwilioClient = Twilio;

/** `context` of a function. The service's variables are in it, as strings. */
export interface FunctionContext {
  readonly PATH?: string;
  readonly DOMAIN_NAME?: string;
  readonly ACCOUNT_SID?: string | undefined;
  readonly AUTH_TOKEN?: string | undefined;
  getTwilioClient(options?: object): TwilioClient;
  /** On Offhook: aborted when the caller disconnects. */
  readonly signal?: AbortSignal;
  /** On Offhook: milliseconds until the time limit. */
  getRemainingTimeInMillis?(): number;
  // oxlint-disable-next-line typescript/no-explicit-any -- authors choose the names of variables
  readonly [variable: string]: any;
}

/** The request without its parameters. Names of headers are in lower case. */
export interface FunctionRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly cookies: Readonly<Record<string, string>>;
}

/** `event` of a function: the request's parameters, and the request. */
export interface FunctionEvent {
  readonly request?: FunctionRequest;
  // oxlint-disable-next-line typescript/no-explicit-any -- the caller may send any parameters
  [parameter: string]: any;
}

/** @returns the result of the platform's callback, usually nothing. */
export type FunctionCallback = (error?: unknown, payload?: unknown) => unknown;

/** The value of a header. A list becomes several headers of the same name. */
export type HeaderValue = string | number | boolean | readonly string[];

/** `Twilio.Response`, a global on every platform. Each method returns the response, so that calls can be chained. */
export interface FunctionResponse {
  /** @param status an integer from 200 to 599. */
  setStatusCode(status: number): this;
  /** @param body text, bytes, or a value that becomes JSON. */
  setBody(body: unknown): this;
  /** Adds a header. A second value for the same name is sent as a second header. */
  appendHeader(name: string, value: HeaderValue): this;
  /** Replaces all headers. */
  setHeaders(headers: Readonly<Record<string, HeaderValue>>): this;
  /** @param attributes such as `["Max-Age=3600"]`. */
  setCookie(name: string, value: string, attributes?: readonly string[]): this;
  /** Removes a cookie that was set before, and tells the client to delete it. */
  removeCookie(name: string): this;
}

/** The `handler` that a function file exports. */
// oxlint-disable-next-line typescript/no-explicit-any -- callers of a handler have their own types for all three
export type FunctionHandler = (context: any, event: any, callback: FunctionCallback) => any;
