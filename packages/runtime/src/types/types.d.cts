/**
 * Types for functions: `import type { Handler } from "@offhook/runtime/types"`.
 *
 * They are written by hand and published as they are. CommonJS, because most function projects are, and ES modules can
 * import that too. What the project itself has is added by `offhook types`, which merges into the four interfaces
 * whose names begin with `Project`.
 */
import type { EventRequest } from "./events.cjs";
// @ts-ignore -- it may not be installed; then it is `any`
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

/** `isKnown: true` where `offhook types` has said what the project has, and its `twilio` package. */
export interface Project {}

/** The variables of `.env`. */
export interface ProjectVariables {}

/** The functions, by their keys in `Runtime.getFunctions()`. */
export interface ProjectFunctions {}

/** The private assets, by their keys in `Runtime.getAssets()`. */
export interface ProjectAssets {}

/** As long as nobody has said what there is, there may be anything. */
type Known<Names, Otherwise> = Project extends { isKnown: true } ? Names : Otherwise;

/** The service's variables. */
export type Variables = Known<ProjectVariables, { [name: string]: string | undefined }>;

/**
 * The first argument of a handler: where the function runs, and with which variables.
 * @template Given the variables, if they shall be others than those of `.env`.
 */
export type Context<Given = Variables> = ContextDefaults & ContextAdditions<Given> & Readable<Given>;

interface ContextDefaults {
  /** Host, and port if it has one, without scheme. */
  readonly DOMAIN_NAME: string;
  /** Path of the request, with its leading slash. */
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
  /** Aborted when the caller disconnects. Hosted Functions have no such thing. */
  readonly signal: AbortSignal;
  /** How much of the time limit is left. Hosted Functions have no such thing. */
  readonly getRemainingTimeInMillis: () => number;
}

/** A variable of the same name takes the place of an addition. */
type ContextAdditions<Given> = string extends keyof Given ? OffhookAdditions : Omit<OffhookAdditions, keyof Given>;

/** A variable named like the client's method is hidden by it. */
type Readable<Given> = { readonly [Name in keyof Given as Name extends "getTwilioClient" ? never : Name]: Given[Name] };

/**
 * The second argument of a handler: the request's parameters, and `request`.
 * @template Parameters what the caller sends. Nobody checks that: it is what the author expects.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- a JSON body may hold anything
export type Event<Parameters = { [parameter: string]: any }> = Parameters & { readonly request: EventRequest };

/**
 * The third argument of a handler: ends the invocation.
 * @param error null for success; anything else that is not falsy makes the reply a 500.
 */
export interface Callback {
  (error?: unknown, reply?: Reply): void;
  /** Any function has one. Named, it lets handlers be taken whose callback takes more: a compiler is stricter with bare functions. */
  readonly length: number;
}

/** What is sent as text, TwiML or JSON, a `Twilio.Response`, or nothing. */
export type Reply = string | number | boolean | null | undefined | ReplyObject;

/**
 * An object, but none that has no JSON worth sending: a promise that nobody awaits, a function, the `Response` of `fetch`,
 * bytes (which need a `Twilio.Response`).
 */
export type ReplyObject = { readonly [key: string]: unknown } | (object & NotReply);

interface NotReply {
  readonly then?: never;
  readonly [Symbol.hasInstance]?: never;
  readonly bodyUsed?: never;
  readonly BYTES_PER_ELEMENT?: never;
}

/**
 * What a function file exports as `handler`. What it returns is ignored, so it is told not to return anything.
 *
 * Written as a method, whose parameters may be more special than asked: a handler may say itself what event it expects, and
 * what a wrapper has made is one too.
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
  /** Adds a header; a second value of one name is sent as a second header. */
  appendHeader(name: string, value: HeaderValue): this;
  /** Replaces all headers. */
  setHeaders(headers: { readonly [name: string]: HeaderValue }): this;
  /** @param attributes such as `["Max-Age=3600"]`. */
  setCookie(name: string, value: string, attributes?: readonly string[]): this;
  /** Takes back a cookie set before, and tells the client to forget it. */
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

/** The `twilio` package as the project sees it; where nobody has said, as this package does. Without one: anything. */
type FoundPackage = Project extends { twilio: infer Found } ? Found : typeof ModuleOfTwilio;
export type TwilioPackage = FoundPackage extends { default: infer Default } ? Default : FoundPackage;

/** The REST client of that package. */
// oxlint-disable-next-line typescript/no-explicit-any -- without the package nothing is known of it
export type TwilioClient = TwilioPackage extends (...args: any) => infer Client ? Client : any;

/** The global `Twilio`. */
export type GlobalTwilio = TwilioPackage & { readonly Response: TwilioResponseConstructor };

/** A value of `Runtime.getFunctions()`. */
export interface FunctionResource {
  /** Of its file, for `require`. */
  readonly path: string;
}

/** A value of `Runtime.getAssets()`. */
export interface AssetResource {
  /** Of its file. */
  readonly path: string;
  /** Reads it as UTF-8 text. */
  open(): string;
}

/** The global `Runtime`. */
export interface Runtime {
  /** All functions of the service, also private ones. Keys have neither leading slash nor extension: `sms/reply`. */
  getFunctions(): Known<ProjectFunctions, { [name: string]: FunctionResource }>;
  /** The private assets of the service. Keys have leading slash and extension: `/prices.json`. */
  getAssets(): Known<ProjectAssets, { [path: string]: AssetResource }>;
  /** A client of the Sync service `default`, or of the one named. Other options go to the REST client. */
  getSync(options?: { readonly serviceName?: string; readonly [option: string]: unknown }): SyncService;
}

/** With the short names of its collections. */
export type SyncService = TwilioClient extends { sync: { services: (name: string) => infer Service } }
  ? Service & (Service extends { syncMaps: infer Maps; syncLists: infer Lists } ? { maps: Maps; lists: Lists } : {})
  : // oxlint-disable-next-line typescript/no-explicit-any -- without the package nothing is known of it
    any;

/** The global `Response`: Twilio's where it is built as Twilio's, otherwise the one of `fetch`. */
export interface GlobalResponse {
  new (init?: TwilioResponseInit): TwilioResponse;
  new (body?: string | object | null, init?: ResponseInit): Response;
  readonly prototype: Response;
  error(): Response;
  json(data: unknown, init?: ResponseInit): Response;
  redirect(url: string | URL, status?: number): Response;
}
