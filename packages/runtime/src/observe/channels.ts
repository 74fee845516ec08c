/**
 * Typed diagnostics channels. Stages publish and know no subscriber. The log, the dashboard and others subscribe.
 * Publishing without a subscriber costs nothing. Each message names its service by its sid, so that subscribers can
 * distinguish the services of one server. This file imports one type and nothing else.
 */
import { channel as diagnosticsChannel } from "node:diagnostics_channel";
import type { LogLevel } from "../log-level.ts";

export type { LogLevel };

/** A request was answered, by a function or by the gateway itself. */
export interface RequestEnded {
  /** Empty if the request was rejected before its service was known. */
  readonly service: string;
  /** `RQ` and 32 hex digits. */
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Milliseconds from the request's head to the last byte handed to the socket. */
  readonly durationMs: number;
  /** Kind of the resource at the path. Absent if nothing was found. */
  readonly resource?: "function" | "asset";
  /** Key of the function, without leading slash. */
  readonly function?: string;
  /** Whether it waited until its isolate started or loaded the function. Absent if no isolate got it. */
  readonly isCold?: boolean;
  /** Code of the ledger, if there is one. */
  readonly code?: string;
  /** Details about the code: the author's error with its stack, the reason of a crash. */
  readonly detail?: string;
  /** Only in development. */
  readonly hints?: readonly GivenHint[];
  /** Only in development. */
  readonly signatureDiagnosis?: SignatureDiagnosis;
  readonly source?: SourceExcerpt;
  /** Size of the reply's body. */
  readonly bytes: number;
}

/**
 * A request has arrived. Published as soon as its service is known, or when the request is rejected before that.
 */
export interface ExchangeBegun {
  /** Empty if the request was rejected before its service was known. */
  readonly service: string;
  readonly requestId: string;
  /** When its head arrived, in milliseconds since 1970. */
  readonly at: number;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
}

/**
 * A request and its reply in full. Published just before the request ends, and only if the channel has a subscriber. It
 * contains secrets. A subscriber that shows it must mask them.
 */
export interface ExchangeSeen {
  /** Empty if the request was rejected before its service was known. */
  readonly service: string;
  readonly requestId: string;
  /** Path and query. */
  readonly target: string;
  /** Node's `rawHeaders`. */
  readonly headers: readonly string[];
  /** Empty if it was not read. */
  readonly body: Uint8Array;
  /** Why there is a body that was not read. It completes the sentence "The body was not read: …". */
  readonly unreadBody?: string;
  /** Absent if the reply was a file. */
  readonly reply?: { readonly headers: readonly string[]; readonly body: Uint8Array };
  readonly moments: ExchangeTimings;
  /** The isolate that ran the function. */
  readonly isolate?: { readonly pid: number; readonly invocation: number };
}

/** When each step was reached, in milliseconds from the request's start. Absent if it was not reached. */
export interface ExchangeTimings {
  /** The whole body had arrived. */
  readonly received?: number | undefined;
  /** The isolate was launched, and was ready. Negative if that happened before the request. */
  readonly launched?: number | undefined;
  readonly ready?: number | undefined;
  /** The invocation was first in the queue of its isolate. */
  readonly started?: number | undefined;
  readonly loaded?: number | undefined;
  /** The invocation had an outcome. */
  readonly replied?: number | undefined;
}

/** User code wrote something. */
export interface OutputWritten {
  readonly service: string;
  /** Only on a server with deployments: the one that the code belongs to. */
  readonly deployment?: string | undefined;
  /** Absent at module scope and for output of native code between invocations. */
  readonly requestId?: string;
  readonly function?: string;
  readonly level: LogLevel;
  readonly text: string;
}

export type IsolateEndReason =
  | "leftovers"
  | "tainted"
  | "never-reused"
  | "timed-out"
  | "out-of-memory"
  | "exited"
  | "crashed"
  | "protocol-broken"
  | "unresponsive"
  | "idle"
  | "reloaded"
  | "stopped"
  | "start-failed";

/** An isolate's process is gone. */
export interface IsolateEnded {
  readonly service: string;
  readonly pid: number;
  readonly reason: IsolateEndReason;
  /** The leftovers, or how the process ended. */
  readonly detail: string;
  /** The invocation during which it happened, if there was one. */
  readonly requestId?: string;
  readonly function?: string;
  readonly invocations: number;
}

/** Something that an operator should know and that belongs to no request. */
export interface Notice {
  /** The service that it concerns. Absent if it concerns the server as a whole. */
  readonly service?: string;
  readonly level: LogLevel;
  readonly code?: string;
  readonly message: string;
}

/** A probable mistake of the author, and its place. */
export interface GivenHint {
  readonly text: string;
  /** Relative to the project's folder. If it is present, `line` and `column` are too. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** Only in development: the reason why a request's signature was rejected. Queries in its URLs are masked. */
export interface SignatureDiagnosis {
  /** Absent if the request names no host that can be this service's, so that nothing was checked. */
  readonly checkedUrl?: string;
  /** What supplied the key, such as `AUTH_TOKEN from .env`. Never the key itself. Absent if there is none. */
  readonly tokenVariable?: string;
  /** The URLs and keys of each comparison, most likely first. */
  readonly candidates: readonly SignatureCandidate[];
  /** A few sentences for people: the meaning, and the fix. Each is complete on its own. */
  readonly explanation: readonly string[];
  /** Options that fix it at the next start, such as `--public-url https://example.org`. Safe to paste into a shell. */
  readonly fix?: string;
}

export interface SignatureCandidate {
  readonly url: string;
  /** Where the URL comes from, or what else is different: `from X-Forwarded-Host`. */
  readonly reason: string;
  readonly isValid: boolean;
}

/** Only in development: the lines around the place where a function failed, as they were when it ran. */
export interface SourceExcerpt {
  /** Relative to the project's folder. */
  readonly file: string;
  readonly line: number;
  readonly lines: readonly { readonly number: number; readonly text: string; readonly isFailing: boolean }[];
}

/** Only in development: hints about an invocation that still runs, or has replied. */
export interface HintsGiven {
  readonly service: string;
  readonly requestId: string;
  readonly function: string;
  readonly hints: readonly GivenHint[];
}

/** Something in a reply that Twilio would reject, or ignore. */
export interface ReplyProblem {
  /** Twilio's number (twilio.com/docs/api/errors). Absent if Twilio reports nothing. */
  readonly number?: number;
  /** `error` if Twilio rejects the reply. `warning` if it ignores a part of it. */
  readonly level: "error" | "warning";
  /** Secrets are masked. */
  readonly text: string;
  /** In the TwiML, from one. */
  readonly line?: number;
  /** How to fix it. */
  readonly next?: string;
}

/** Only in development: the reply to a webhook of Twilio has problems. Published soon after the request has ended. */
export interface ReplyProblemsFound {
  readonly service: string;
  readonly requestId: string;
  readonly function: string;
  /** At least one. The most serious one comes first. */
  readonly problems: readonly ReplyProblem[];
}

/** Only in development: functions have loaded files from outside the project's folder. Functions can forge this. */
export interface FilesLoaded {
  readonly service: string;
  /** The project's folder. */
  readonly folder: string;
  /** Usually absolute paths. */
  readonly files: readonly string[];
}

export interface Channel<T> {
  /** Check this before you build a message that is expensive to build. */
  readonly isObserved: boolean;
  publish(message: T): void;
  /** Returns the function that ends the subscription. */
  subscribe(listener: (message: T) => void): () => void;
}

function open<T>(name: string): Channel<T> {
  const inner = diagnosticsChannel(`offhook:${name}`);
  return {
    get isObserved() {
      return inner.hasSubscribers;
    },
    publish(message) {
      inner.publish(message);
    },
    subscribe(listener) {
      const onMessage = (message: unknown): void => listener(message as T);
      inner.subscribe(onMessage);
      return () => {
        inner.unsubscribe(onMessage);
      };
    },
  };
}

export const requestEnded = open<RequestEnded>("request-ended");
export const exchangeBegun = open<ExchangeBegun>("exchange-begun");
export const exchangeSeen = open<ExchangeSeen>("exchange-seen");
export const outputWritten = open<OutputWritten>("output-written");
export const isolateEnded = open<IsolateEnded>("isolate-ended");
export const hintsGiven = open<HintsGiven>("hints-given");
export const replyProblemsFound = open<ReplyProblemsFound>("reply-problems-found");
export const filesLoaded = open<FilesLoaded>("files-loaded");
export const notices = open<Notice>("notice");
