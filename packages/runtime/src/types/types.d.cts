/**
 * Types for functions: `import type { Handler } from "@offhook/runtime/types"`.
 *
 * They are written by hand and published unchanged. The file is CommonJS, like most function projects, and ES modules
 * can import it too. `offhook types` adds the project's own variables, functions and assets: it merges into the four
 * interfaces whose names begin with `Project`.
 */
import type { EventRequest } from "./events.cjs";
// @ts-ignore -- the package may be missing. Then the type is `any`.
import type ModuleOfTwilio = require("twilio");

export type {
  CallStatus,
  EventRequest,
  FlexRequest,
  GatherResult,
  IncomingCall,
  IncomingMessage,
  MessageStatus,
  StudioRequest,
  TwilioEvent,
} from "./events.cjs";

/** Has `isKnown: true` and the project's `twilio` package, once `offhook types` has described the project. */
export interface Project {}

/** The variables of `.env`. */
export interface ProjectVariables {}

/** The functions, by their keys in `Runtime.getFunctions()`. */
export interface ProjectFunctions {}

/** The private assets, by their keys in `Runtime.getAssets()`. */
export interface ProjectAssets {}

/** Until `offhook types` has described the project, every key is allowed. */
type Known<Names, Otherwise> = Project extends { isKnown: true } ? Names : Otherwise;

/** The service's variables. */
export type Variables = Known<ProjectVariables, { [name: string]: string | undefined }>;

/**
 * The first argument of a handler: where the function runs, and its variables.
 * @template Given the variables, if they differ from those of `.env`.
 */
export type Context<Given = Variables> = ContextDefaults & ContextAdditions<Given> & Readable<Given>;

interface ContextDefaults {
  /** Host and optional port, without the scheme. */
  readonly DOMAIN_NAME: string;
  /** Path of the request, with the leading slash. */
  readonly PATH: string;
  readonly SERVICE_SID: string;
  readonly ENVIRONMENT_SID: string;
  /** As in `.env`. */
  readonly ACCOUNT_SID?: string;
  /** As in `.env`. */
  readonly AUTH_TOKEN?: string;
  /** A Twilio REST client. Throws without `ACCOUNT_SID` and `AUTH_TOKEN`. */
  getTwilioClient(options?: object): TwilioClient;
}

interface OffhookAdditions {
  /** Aborted when the caller disconnects. Not available on hosted Functions. */
  readonly signal: AbortSignal;
  /** Milliseconds until the time limit. Not available on hosted Functions. */
  readonly getRemainingTimeInMillis: () => number;
}

/** A variable replaces an addition of the same name. */
type ContextAdditions<Given> = string extends keyof Given ? OffhookAdditions : Omit<OffhookAdditions, keyof Given>;

/** The client's method hides a variable of the same name. */
type Readable<Given> = { readonly [Name in keyof Given as Name extends "getTwilioClient" ? never : Name]: Given[Name] };

/**
 * The second argument of a handler: the request's parameters, and `request`.
 * @template Parameters the parameters that the author expects from the caller. They are not checked.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- a JSON body may contain any value
export type Event<Parameters = { [parameter: string]: any }> = Parameters & { readonly request: EventRequest };

/**
 * The third argument of a handler: ends the invocation.
 * @param error null for success. A truthy value makes the reply a 500.
 */
export interface Callback {
  (error?: unknown, reply?: Reply): void;
  /**
   * Every function has this property. Naming it makes the compiler accept handlers with a wider type of callback.
   */
  readonly length: number;
}

/** A value that is sent as text, TwiML or JSON, a `Twilio.Response`, or nothing. */
export type Reply = string | number | boolean | null | undefined | ReplyObject;

/**
 * An object with useful JSON. That excludes a promise without `await`, a function, the `Response` of `fetch`, and bytes
 * (which need a `Twilio.Response`).
 */
export type ReplyObject = { readonly [key: string]: unknown } | (object & NotReply);

interface NotReply {
  readonly then?: never;
  readonly [Symbol.hasInstance]?: never;
  readonly bodyUsed?: never;
  readonly BYTES_PER_ELEMENT?: never;
}

/**
 * The type of a function file's `handler`. Offhook ignores its return value, so the type allows none.
 *
 * It is written as a method, because parameters of methods may have narrower types: a handler may declare the event
 * that it expects, and the result of a wrapper is a handler too.
 */
export type Handler<Given = Variables, Sent = Event> = HandlerMethod<Given, Sent>["handler"];

interface HandlerMethod<Given, Sent> {
  handler(
    context: Context<Given>,
    event: Sent extends { readonly request: EventRequest } ? Sent : Event<Sent>,
    callback: Callback,
  ): void | Promise<void>;
}

/** `Twilio.Response`: a reply with status, headers and cookies. Each method returns the response. */
export interface TwilioResponse {
  /** @param status a whole number from 200 to 599. */
  setStatusCode(status: number): this;
  setBody(body: ReplyBody): this;
  /** Adds a header. A second value with the same name is sent as a second header. */
  appendHeader(name: string, value: HeaderValue): this;
  /** Replaces all headers. */
  setHeaders(headers: { readonly [name: string]: HeaderValue }): this;
  /** @param attributes such as `["Max-Age=3600"]`. */
  setCookie(name: string, value: string, attributes?: readonly string[]): this;
  /** Removes a cookie that was set before, and tells the client to delete it. */
  removeCookie(name: string): this;
}

export type ReplyBody = string | null | ArrayBufferView | ReplyObject;
export type HeaderValue = string | number | boolean | readonly string[];

export interface TwilioResponseInit {
  readonly statusCode?: number;
  readonly body?: ReplyBody;
  readonly headers?: { readonly [name: string]: HeaderValue };
}

export type TwilioResponseConstructor = new (init?: TwilioResponseInit) => TwilioResponse;

/** The `twilio` package of the project, or the one of this package if the project has none. Without either: `any`. */
type FoundPackage = Project extends { twilio: infer Found } ? Found : typeof ModuleOfTwilio;
export type TwilioPackage = FoundPackage extends { default: infer Default } ? Default : FoundPackage;

/** The REST client of that package. */
// oxlint-disable-next-line typescript/no-explicit-any -- unknown without the package
export type TwilioClient = TwilioPackage extends (...args: any) => infer Client ? Client : any;

/** The global `Twilio`. */
export type GlobalTwilio = TwilioPackage & { readonly Response: TwilioResponseConstructor };

/** A value of `Runtime.getFunctions()`. */
export interface FunctionResource {
  /** Path of its file, for `require`. */
  readonly path: string;
}

/** A value of `Runtime.getAssets()`. */
export interface AssetResource {
  /** Path of its file. */
  readonly path: string;
  /** Reads it as UTF-8 text. */
  open(): string;
}

/** The global `Runtime`. */
export interface Runtime {
  /** All functions of the service, including private ones. Keys have no leading slash and no extension: `sms/reply`. */
  getFunctions(): Known<ProjectFunctions, { [name: string]: FunctionResource }>;
  /** The private assets of the service. Keys have a leading slash and an extension: `/prices.json`. */
  getAssets(): Known<ProjectAssets, { [path: string]: AssetResource }>;
  /** A client of the Sync service `default`, or of the one in the options. Other options go to the REST client. */
  getSync(options?: { readonly serviceName?: string; readonly [option: string]: unknown }): SyncService;
}

/** The Sync service, with short names for its collections. */
export type SyncService = TwilioClient extends { sync: { services: (name: string) => infer Service } }
  ? Service & (Service extends { syncMaps: infer Maps; syncLists: infer Lists } ? { maps: Maps; lists: Lists } : {})
  : // oxlint-disable-next-line typescript/no-explicit-any -- unknown without the package
    any;

/** The global `Response`: Twilio's if it is called like Twilio's, otherwise the one of `fetch`. */
export interface GlobalResponse {
  new (init?: TwilioResponseInit): TwilioResponse;
  new (body?: string | object | null, init?: ResponseInit): Response;
  readonly prototype: Response;
  error(): Response;
  json(data: unknown, init?: ResponseInit): Response;
  redirect(url: string | URL, status?: number): Response;
}
