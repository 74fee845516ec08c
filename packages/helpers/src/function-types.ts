/**
 * What a function is given and gives back: the shapes that are alike on Offhook, on hosted Functions and on twilio-run.
 */
import type { Twilio } from "twilio";

/** `context` of a function. The service's variables are in it, as strings. */
export interface FunctionContext {
  readonly PATH?: string;
  readonly DOMAIN_NAME?: string;
  readonly ACCOUNT_SID?: string | undefined;
  readonly AUTH_TOKEN?: string | undefined;
  getTwilioClient(options?: object): TwilioClient;
  // oxlint-disable-next-line typescript/no-explicit-any -- variables have names of the author's own, and are read as strings
  [variable: string]: any;
}

/** The client of the author's own `twilio` package, whichever version that is. Where there is none, anything. */
export type TwilioClient = Twilio;

/** What is known of the request besides its parameters. */
export interface FunctionRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly cookies: Readonly<Record<string, string>>;
}

/** `event` of a function: the request's parameters, and the request. */
export interface FunctionEvent {
  readonly request?: FunctionRequest;
  // oxlint-disable-next-line typescript/no-explicit-any -- parameters are whatever the caller sent
  [parameter: string]: any;
}

/** @returns whatever the platform's callback returns; on Offhook and hosted nothing. */
export type FunctionCallback = (error?: unknown, payload?: unknown) => unknown;

/** `Twilio.Response`, which every platform has as a global. */
export interface FunctionResponse {
  setStatusCode(status: number): unknown;
  setBody(body: unknown): unknown;
  appendHeader(name: string, value: string): unknown;
}

/** What a function file exports as `handler`. */
export type FunctionHandler = (context: FunctionContext, event: FunctionEvent, callback: FunctionCallback) => unknown;
