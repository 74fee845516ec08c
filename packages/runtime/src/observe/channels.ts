/**
 * What the stages tell: typed diagnostics channels. Stages publish and know no listener; the log
 * (and later metrics, traces, the dashboard) subscribe. Publishing without a subscriber costs nothing.
 * Each message names its service by its sid, so that subscribers can tell the services of one server apart.
 * It imports one type and nothing else.
 */
import { channel as diagnosticsChannel } from "node:diagnostics_channel";
import type { LogLevel } from "../log-level.ts";

export type { LogLevel };

/** A request was answered, by a function or instead of it. */
export interface RequestEnded {
  /** Empty where the request was refused before its service was known. */
  readonly service: string;
  /** `RQ` and 32 hex digits. */
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Milliseconds from the request's head to the last byte handed to the socket. */
  readonly durationMs: number;
  /** What the path named; absent where nothing was found. */
  readonly resource?: "function" | "asset";
  /** Key of the function, without leading slash. */
  readonly function?: string;
  /** Whether its isolate had still to start, or to load the function; absent where no isolate had it. */
  readonly isCold?: boolean;
  /** Code of the ledger, where there is one. */
  readonly code?: string;
  /** More on the code: the author's error with its stack, the reason of a crash. */
  readonly detail?: string;
  /** In development. */
  readonly hints?: readonly GivenHint[];
  /** Bytes of the body. */
  readonly bytes: number;
}

/**
 * A request has come. Published as soon as its service is known, or when the request is refused before that.
 */
export interface ExchangeBegun {
  /** Empty where the request was refused before its service was known. */
  readonly service: string;
  readonly requestId: string;
  /** When its head had arrived, in milliseconds since 1970. */
  readonly at: number;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
}

/**
 * What was asked and answered, as it came and went: told just before the end of a request, and only where somebody listens.
 * Secrets are among it: whoever shows it leaves them out.
 */
export interface ExchangeSeen {
  /** Empty where the request was refused before its service was known. */
  readonly service: string;
  readonly requestId: string;
  /** Path and query. */
  readonly target: string;
  /** Node's `rawHeaders`. */
  readonly headers: readonly string[];
  /** Empty where no function got it. */
  readonly body: Uint8Array;
  /** Absent where it was a file. */
  readonly reply?: { readonly headers: readonly string[]; readonly body: Uint8Array };
  readonly moments: ExchangeTimings;
  /** The one that had it. */
  readonly isolate?: { readonly pid: number; readonly invocation: number };
}

/** When what was reached, in milliseconds from the request's beginning; absent where it never was. */
export interface ExchangeTimings {
  /** Its body was whole. */
  readonly received?: number | undefined;
  /** Its isolate was launched, and was ready for it: before 0 where that was there already. */
  readonly launched?: number | undefined;
  readonly ready?: number | undefined;
  /** It was at the head of what its isolate has to do. */
  readonly started?: number | undefined;
  readonly loaded?: number | undefined;
  /** There was an outcome. */
  readonly replied?: number | undefined;
}

/** User code wrote something. */
export interface OutputWritten {
  readonly service: string;
  /** Absent at module scope and for what native code writes between invocations. */
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
  /** What it left running, or how it died. */
  readonly detail: string;
  /** The invocation it happened in, where there was one. */
  readonly requestId?: string;
  readonly function?: string;
  readonly invocations: number;
}

/** Something an operator should know that belongs to no request. */
export interface Notice {
  /** The service that it concerns; absent where it concerns the server as a whole. */
  readonly service?: string;
  readonly level: LogLevel;
  readonly code?: string;
  readonly message: string;
}

/** What an author may have meant otherwise, and where that is. */
export interface GivenHint {
  readonly text: string;
  /** From the project's folder; then there is a line, and a column, as well. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** In development: said of an invocation that runs still, or has replied. */
export interface HintsGiven {
  readonly service: string;
  readonly requestId: string;
  readonly function: string;
  readonly hints: readonly GivenHint[];
}

/** In development: functions have loaded files that lie outside of the project's folder. Functions can make this up. */
export interface FilesLoaded {
  readonly service: string;
  /** The project's. */
  readonly folder: string;
  /** Absolute paths, as a rule. */
  readonly files: readonly string[];
}

export interface Channel<T> {
  /** Check before building a message that costs something to build. */
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
export const filesLoaded = open<FilesLoaded>("files-loaded");
export const notices = open<Notice>("notice");
