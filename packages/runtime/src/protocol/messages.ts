/**
 * The messages between the pool and an isolate. Everything on one side of this file can be replaced without changing
 * the other. It imports only types.
 *
 * A frame carries one message: its kind, a head (JSON), and a body (bytes, often empty). See `frames.ts`.
 */

import type { Language } from "../language/language.ts";
import type { LogLevel } from "../log-level.ts";

/** The first message to an isolate. Sent once. */
export interface Setup {
  readonly kind: "setup";
  /** Absolute path of the project folder, the isolate's working directory. */
  readonly folder: string;
  /** Key in `Runtime.getFunctions()` → absolute path of the file. */
  readonly functions: Readonly<Record<string, string>>;
  /**
   * Private assets: key in `Runtime.getAssets()` → absolute path of the file. TypeScript files have their compiled
   * name.
   */
  readonly assets: Readonly<Record<string, string>>;
  /**
   * The same for TypeScript assets under the name of the source. `Runtime.getAssets()` accepts it but does not list it.
   */
  readonly sourceAssets?: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly serviceSid: string;
  readonly environmentSid: string;
  /** Functions to load before the first invocation, by name. */
  readonly preload: readonly string[];
  /** Number of invocations that run in the isolate at once. If it is more than one, leftovers are not detected. */
  readonly concurrency: number;
  /** Time limit of an invocation, for the function's information. The pool enforces it. Absent: no limit. */
  readonly timeoutMs?: number;
  /** Whether to detect leftovers of invocations (`reuse: clean`). */
  readonly detectLeftovers: boolean;
  readonly limits: WorkerLimits;
  /** The user to change to before anything else. Absent: the process keeps its user. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** The name of the user, if the system has no entry for them. Absent: it has one. */
  readonly userName?: string;
  /** Whether the process runs under Node's permission model. The worker then closes the model's gaps. */
  readonly isHardened: boolean;
  /** Absent if all functions are plain CommonJS. */
  readonly language?: Language | undefined;
  /** Whether to open an inspector, and how. Absent: none. */
  readonly debugger?: {
    /** Wait, before user code runs, until a debugger lets the isolate run. */
    readonly waits: boolean;
    /** Stop the first invocation at the first line of the author's code. */
    readonly stopsAtFirstLine: boolean;
  };
  /**
   * Send a diagnosis of each invocation that goes wrong, for the author. Set in development, unless a debugger is
   * attached.
   */
  readonly hasInsight?: true | undefined;
  /** Send `files-loaded`. */
  readonly reportsFiles?: true | undefined;
}

/** The part of the setup that comes from the project, and may change while the service runs. */
export type ServiceSetup = Pick<Setup, "functions" | "assets" | "sourceAssets" | "variables" | "preload" | "language">;

/** Limits that the worker enforces, inside the isolate. */
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
  /** Path of the request, with the leading slash and without the query. */
  readonly path: string;
  /** Query of the request, without the question mark. Empty if there is none. */
  readonly query: string;
  /** Host (and port) at which the caller reached the service. */
  readonly domain: string;
  /** Names and values alternate, as received: Node's `rawHeaders`. */
  readonly headers: readonly string[];
  /** Set if the caller has disconnected already. See `Abort`. */
  readonly isAbandoned?: true | undefined;
  /** Set if invocations wait for an isolate, or isolates for a processor. */
  readonly isCrowded?: true | undefined;
  /** With insight: the deadline in milliseconds, on the clock that all processes share (`hrtime`). */
  readonly endsAtMs?: number | undefined;
}

/** Asks for these invocations back if they have not started. */
interface Retract {
  readonly kind: "retract";
  readonly ids: readonly number[];
}

/** The caller of this invocation has disconnected. It keeps running. The function can check this, and stop early. */
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

/** The isolate is preloading this function. */
interface Loading {
  readonly kind: "loading";
  readonly function: string;
}

/** The isolate could not preload this function. It tries again when the function is called. */
interface LoadFailed {
  readonly kind: "load-failed";
  readonly function: string;
  readonly error: SerializedError;
}

/** In development: functions have loaded these files, which are outside the project's folder. */
interface FilesLoaded {
  readonly kind: "files-loaded";
  /** Absolute paths. */
  readonly files: readonly string[];
}

/** The isolate has preloaded its functions, and runs invocations at full speed. */
interface Ready {
  readonly kind: "ready";
}

/** The author's reply, complete. Its bytes are the frame's body. */
export interface Reply {
  readonly kind: "reply";
  readonly id: number;
  readonly status: number;
  /** Names and values alternate. Valid for HTTP, without `content-length`. */
  readonly headers: readonly string[];
  /** Set if the author called back with an error (a string or an object). */
  readonly failure?: FailureCode;
  /** Milliseconds that loading the function took, if it was not loaded before. */
  readonly loadMs?: number | undefined;
  /** The `tookMs` of an invocation that has settled already and left nothing. No `settled` message follows. */
  readonly settledMs?: number;
}

/** The author's code did not reply, so the gateway writes a reply from the ledger. */
interface Failed {
  readonly kind: "failed";
  readonly id: number;
  readonly code: FailureCode;
  /** As above. */
  readonly loadMs?: number | undefined;
  /** The author's error, or an error that explains the code. Never reworded. */
  readonly error?: SerializedError;
}

/** Reports the leftovers of an invocation that has replied. If there are none, the isolate is as it was before. */
export interface Settled {
  readonly kind: "settled";
  readonly id: number;
  /** Milliseconds from its start inside the isolate to this message, loading included. */
  readonly tookMs: number;
  /** Whether it failed in a way that may have left unknown changes: while loading, or by an uncaught error. */
  readonly isTainted: boolean;
  /** Work that still runs, and changes, described for people: `2 timers`, `global "x"`. */
  readonly leftovers: readonly string[];
}

/** These invocations had not started, and will not start in this isolate. */
interface Retracted {
  readonly kind: "retracted";
  readonly ids: readonly number[];
}

/** Output of user code. The text is the frame's body (UTF-8). */
interface Output {
  readonly kind: "output";
  /** The invocation that wrote it. 0 if none runs (module scope). */
  readonly id: number;
  readonly level: LogLevel;
}

/**
 * - `computing`, `waiting`: its deadline is near.
 * - `ended`: the handler returned without calling `callback`, and nothing is left that could call it.
 * - `failed`: it is about to reply with an error.
 * - `called-again`: `callback` was called a second time.
 * - `error-as-reply`: an error was passed to `callback` in place of the reply.
 * - `promise-as-reply`: a promise was passed to `callback` in place of the reply, without `await`.
 * - `request-replaced`: a parameter named `request` has replaced the headers and cookies in `event`.
 * - `left`: some of its work continues after its reply.
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

/** The state of an invocation that goes wrong. It is only shown to the author. */
export interface Diagnosis {
  readonly kind: "diagnosis";
  readonly id: number;
  readonly state: DiagnosisState;
  /** The stacks of the code that runs, or of the `await`s, in V8's format, innermost first. */
  readonly stacks: readonly string[];
  /**
   * Notes for people, in general the work that is still open. For `failed`: the names of its parameters. For `ended`:
   * the value that it returned, and `pending` if the stacks show work that still waits; otherwise they show the last
   * work that finished. For `request-replaced`: the source of the parameter.
   */
  readonly notes: readonly string[];
}

/** The isolate has started a child process, whose process group must end with the isolate. */
interface Spawned {
  readonly kind: "spawned";
  readonly pid: number;
}

/** The worker is about to end the process. */
export interface Exiting {
  readonly kind: "exiting";
  /**
   * `error`: an uncaught error outside of any invocation, or user code changed built-ins so that the worker cannot run.
   */
  readonly how: "exit" | "abort" | "kill" | "error";
  readonly code: number;
}

/** The isolate's inspector is open, as the setup requested. Sent again when the isolate no longer waits. */
interface Debugger {
  readonly kind: "debugger";
  /** `ws://127.0.0.1:40000/` followed by an id that cannot be guessed. */
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
