/**
 * The words that the pool and an isolate share. Everything on one side of this file can be replaced
 * without touching the other. It imports types only.
 *
 * A frame carries one message: its kind, a head (JSON), and a body (bytes, often empty). See `frames.ts`.
 */

import type { Language } from "../language/language.ts";
import type { LogLevel } from "../log-level.ts";

/** What an isolate needs to know before it can serve: sent once, first. */
export interface Setup {
  readonly kind: "setup";
  /** Absolute path of the project folder, the isolate's working directory. */
  readonly folder: string;
  /** Key in `Runtime.getFunctions()` → absolute path of the file. */
  readonly functions: Readonly<Record<string, string>>;
  /** Private assets: key in `Runtime.getAssets()` → absolute path of the file. TypeScript has its compiled name. */
  readonly assets: Readonly<Record<string, string>>;
  /** Of TypeScript among them, the name of the source, which `Runtime.getAssets()` knows and does not list. */
  readonly sourceAssets?: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly serviceSid: string;
  readonly environmentSid: string;
  /** Functions to load before the first invocation, by name. */
  readonly preload: readonly string[];
  /** How many invocations run in the isolate at once; with more than one, leftovers are not looked for. */
  readonly concurrency: number;
  /** How long an invocation may run, for it to know; the pool holds it to that. Absent: for as long as it likes. */
  readonly timeoutMs?: number;
  /** Look for what an invocation left running (`reuse: clean`). */
  readonly detectLeftovers: boolean;
  readonly limits: WorkerLimits;
  /** The user to become before anything else; absent: the one that the process has. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** The name of its user, where the system has no entry for that. Absent: it has one. */
  readonly userName?: string;
  /** The process runs under Node's permission model, and is to close the gaps in it. */
  readonly isHardened: boolean;
  /** Absent where all functions are plain CommonJS. */
  readonly language?: Language | undefined;
  /** Open an inspector. Absent: none. */
  readonly debugger?: {
    /** Before anything of user code runs, until a debugger says that it may go on. */
    readonly waits: boolean;
    /** The first invocation is to stop at the first line of the author's. */
    readonly stopsAtFirstLine: boolean;
  };
  /** Send a diagnosis of each invocation that goes wrong, for the author. Set in development, unless a debugger is attached. */
  readonly hasInsight?: true | undefined;
  /** Send `files-loaded`. */
  readonly reportsFiles?: true | undefined;
}

/** What of it comes from the project, and may change while the service runs. */
export type ServiceSetup = Pick<Setup, "functions" | "assets" | "sourceAssets" | "variables" | "preload" | "language">;

/** Limits that are held inside the isolate, where the bytes are made. */
export interface WorkerLimits {
  /** Bytes of a request body, also after decompression. */
  readonly requestBytes: number;
  /** Bytes of a reply, headers included. */
  readonly replyBytes: number;
  /** Bytes of all header names and values of a reply. */
  readonly headerBytes: number;
  /** Number of headers of a reply, each cookie counting as one. */
  readonly headerCount: number;
  /** Longest life of a cookie, in seconds. */
  readonly cookieMaxAgeSeconds: number;
}

/** One request to one function. The body travels as the frame's body. */
export interface Invoke {
  readonly kind: "invoke";
  /** Unique within the pool. */
  readonly id: number;
  readonly function: string;
  /** Path of the request, with its leading slash and without the query. */
  readonly path: string;
  /** Query of the request, without the question mark; empty if none. */
  readonly query: string;
  /** Host (and port) under which the caller reached the service. */
  readonly domain: string;
  /** Names and values in turn, as they came in: Node's `rawHeaders`. */
  readonly headers: readonly string[];
  /** Set where nobody waits for its reply by now; see `Abort`. */
  readonly isAbandoned?: true | undefined;
  /** Set where invocations wait for an isolate, or isolates for a processor. */
  readonly isCrowded?: true | undefined;
  /** With insight: when its time will be over, on the clock that all processes share (`hrtime`), in milliseconds. */
  readonly endsAtMs?: number | undefined;
}

/** Give back these invocations if they have not started. */
interface Retract {
  readonly kind: "retract";
  readonly ids: readonly number[];
}

/** Nobody waits for this invocation's reply any more. It runs on; the function may ask, and stop early. */
interface Abort {
  readonly kind: "abort";
  readonly id: number;
}

/** From the pool to an isolate. */
export type ToIsolate = Setup | Invoke | Retract | Abort;

/** An error as it crosses the process boundary. */
export interface SerializedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

/** Why the isolate could not produce the author's own reply. Each is a code of the ledger. */
export type FailureCode =
  | "body-malformed"
  | "body-encoding-unsupported"
  | "body-charset-unsupported"
  | "request-too-large"
  | "handler-missing"
  | "function-load-failed"
  | "handler-threw"
  | "callback-error"
  | "reply-not-serializable"
  | "reply-too-large"
  | "reply-headers-too-long"
  | "reply-header-invalid"
  | "reply-status-invalid"
  | "cookie-too-old";

/** The function is being loaded ahead of its first invocation. */
interface Loading {
  readonly kind: "loading";
  readonly function: string;
}

/** A function could not be loaded ahead; it is tried again when it is called. */
interface LoadFailed {
  readonly kind: "load-failed";
  readonly function: string;
  readonly error: SerializedError;
}

/** In development: functions have loaded these files, which lie outside of the project's folder. */
interface FilesLoaded {
  readonly kind: "files-loaded";
  /** Absolute paths. */
  readonly files: readonly string[];
}

/** The isolate has loaded what it was told to and takes invocations at full speed. */
interface Ready {
  readonly kind: "ready";
}

/** The author's reply, complete. Its bytes are the frame's body. */
export interface Reply {
  readonly kind: "reply";
  readonly id: number;
  readonly status: number;
  /** Names and values in turn, valid for HTTP, without `content-length`. */
  readonly headers: readonly string[];
  /** Set where the author called back with an error of his own making (a string or an object). */
  readonly failure?: FailureCode;
  /** Milliseconds that loading the function took, where it was not loaded before. */
  readonly loadMs?: number | undefined;
  /** Set where the invocation has settled already, and nothing is left of it: its `tookMs`. No `settled` follows. */
  readonly settledMs?: number;
}

/** There is no reply of the author's: the gateway writes one from the ledger. */
interface Failed {
  readonly kind: "failed";
  readonly id: number;
  readonly code: FailureCode;
  /** As above. */
  readonly loadMs?: number | undefined;
  /** The author's error, or what explains the code. Never reworded. */
  readonly error?: SerializedError;
}

/** What is left of an invocation that has replied. Empty: the isolate is as it was before. */
export interface Settled {
  readonly kind: "settled";
  readonly id: number;
  /** Milliseconds from its start inside the isolate to here, loading included. */
  readonly tookMs: number;
  /** It failed in a way that may have left anything behind: while loading, or by an error nobody caught. */
  readonly isTainted: boolean;
  /** What still runs or has changed, for people: `2 timers`, `global "x"`. */
  readonly leftovers: readonly string[];
}

/** These had not started and never will here. */
interface Retracted {
  readonly kind: "retracted";
  readonly ids: readonly number[];
}

/** Output of user code. The text is the frame's body (UTF-8). */
interface Output {
  readonly kind: "output";
  /** The invocation that wrote it; 0 when none runs (module scope). */
  readonly id: number;
  readonly level: LogLevel;
}

/**
 * - `computing`, `waiting`: its time is as good as over.
 * - `ended`: the handler has ended without `callback`, and nothing is left that could call it.
 * - `failed`: it is about to answer with an error.
 * - `called-again`: `callback` was called a second time.
 * - `error-as-reply`: an error was passed to `callback` where the reply belongs.
 * - `promise-as-reply`: so was a promise, which nobody has awaited.
 * - `request-replaced`: a parameter called `request` stands in `event` in place of the headers and cookies.
 * - `left`: something of it goes on after its reply.
 */
export type DiagnosisState =
  | "computing"
  | "waiting"
  | "ended"
  | "failed"
  | "called-again"
  | "error-as-reply"
  | "promise-as-reply"
  | "request-replaced"
  | "left";

/** The state of an invocation that goes wrong. It changes nothing but what its author is shown. */
export interface Diagnosis {
  readonly kind: "diagnosis";
  readonly id: number;
  readonly state: DiagnosisState;
  /** Where it computes, what it waits at, innermost first; as V8 writes stacks. */
  readonly stacks: readonly string[];
  /**
   * For people: what is still open; of `failed` the names of its parameters; of `ended` what it returned, and `pending`
   * where the stacks are of what still waits, else they are of the last that does not; of `request-replaced` where the
   * parameter came from.
   */
  readonly notes: readonly string[];
}

/** A child process was started: its process group must end with the isolate. */
interface Spawned {
  readonly kind: "spawned";
  readonly pid: number;
}

/** The isolate's own code is about to end the process. */
export interface Exiting {
  readonly kind: "exiting";
  /** `error`: nobody caught one outside of any invocation, or user code has changed the language so that ours does not run. */
  readonly how: "exit" | "abort" | "kill" | "error";
  readonly code: number;
}

/** Its inspector is open, as the setup asked. Said again when it no longer waits. */
interface Debugger {
  readonly kind: "debugger";
  /** `ws://127.0.0.1:40000/` and an id that cannot be guessed. */
  readonly url: string;
  readonly isWaiting: boolean;
}

/** From an isolate to the pool. */
export type FromIsolate =
  | Loading
  | LoadFailed
  | FilesLoaded
  | Ready
  | Reply
  | Failed
  | Settled
  | Retracted
  | Output
  | Diagnosis
  | Spawned
  | Exiting
  | Debugger;
