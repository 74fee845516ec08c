/**
 * Kinds of asynchronous work: Node's name, the name in the log, and how to detect that an operation which Node still
 * lists can no longer run code.
 *
 * The types are those of `async_hooks`. A test compares this table with the types of the running version of Node. Each
 * new type must be added here, or listed in the test as harmless.
 */

// User code may replace these.
const { set } = Reflect;
const { captureStackTrace } = Error;

/** The stack of the place where an operation started. V8 formats it only when it is read. */
export interface Origin {
  stack?: string;
}

/** @param below the frame of this function, and all frames above it, are left out. */
export function originHere(frames: number, below: (...args: never[]) => unknown = originHere): Origin {
  const limit = Error.stackTraceLimit;
  // An assignment would throw if user code has frozen the class.
  set(Error, "stackTraceLimit", frames);
  const origin: Origin = {};
  captureStackTrace(origin, below);
  set(Error, "stackTraceLimit", limit);
  return origin;
}

export interface Operation {
  readonly kind: Kind;
  readonly resource: object;
  readonly origin: Origin | undefined;
}

export interface Kind {
  /** For people: `timer`. */
  readonly what: string;
  /** Whether the origin is kept, which costs 10 µs. `few`: only for the first hundred operations of an invocation. */
  readonly traced?: "few" | "always";
  /** Node's list of active resources also shows it while it keeps the process alive. */
  readonly isHandle?: boolean;
  /** Whether to wait for it: a stream closes its file, and a client its socket, after their last event. */
  readonly endsSoon?: boolean;
  /** True if it can no longer run code of the author. Node may report the end of an operation late, or never. */
  isAtRest?(operation: Operation): boolean;
}

const timer: Kind = { what: "timer", traced: "few", isAtRest: isHousekeeping };
const immediate: Kind = { what: "immediate", traced: "few", isAtRest: isHousekeeping };
const fileOperation: Kind = { what: "file operation", endsSoon: true };
const lookUp: Kind = { what: "DNS lookup" };
const connecting: Kind = { what: "connection attempt" };
const server: Kind = { what: "server" };
const socket: Kind = { what: "socket", isHandle: true, endsSoon: true, isAtRest: isIdleSocket };
const pipe: Kind = { what: "pipe", isHandle: true, endsSoon: true, isAtRest: isIdleSocket };
const fileWatcher: Kind = { what: "file watcher", isHandle: true };
const crypto: Kind = { what: "crypto operation", traced: "always", isAtRest: isSynchronous };

export const kinds: Readonly<Record<string, Kind>> = {
  __proto__: null as never,
  Timeout: timer,
  Immediate: immediate,
  FSREQCALLBACK: fileOperation,
  FSREQPROMISE: fileOperation,
  FILEHANDLECLOSEREQ: fileOperation,
  FSEVENTWRAP: fileWatcher,
  STATWATCHER: fileWatcher,
  GETADDRINFOREQWRAP: lookUp,
  GETNAMEINFOREQWRAP: lookUp,
  QUERYWRAP: lookUp,
  TCPCONNECTWRAP: connecting,
  PIPECONNECTWRAP: connecting,
  TCPSERVERWRAP: server,
  PIPESERVERWRAP: server,
  TCPWRAP: socket,
  TLSWRAP: socket,
  PIPEWRAP: pipe,
  UDPWRAP: { what: "UDP socket" },
  WRITEWRAP: { what: "write", isAtRest: isWritten },
  MESSAGEPORT: { what: "message port", isHandle: true, isAtRest: hasNoListener },
  WORKER: { what: "worker thread" },
  PBKDF2REQUEST: crypto,
  SCRYPTREQUEST: crypto,
  ARGON2REQUEST: crypto,
  RANDOMBYTESREQUEST: crypto,
  RANDOMPRIMEREQUEST: crypto,
  CHECKPRIMEREQUEST: crypto,
  KEYPAIRGENREQUEST: crypto,
  KEYGENREQUEST: crypto,
  KEYEXPORTREQUEST: crypto,
  HASHREQUEST: crypto,
  CIPHERREQUEST: crypto,
  SIGNREQUEST: crypto,
  VERIFYREQUEST: crypto,
  DERIVEBITSREQUEST: crypto,
  ZLIB: { what: "compression", isAtRest: hasNoInput },
};

/**
 * Timers and immediates that Node creates for connections: timeouts, idle keep-alive, closing. If they run code of the
 * author, it belongs to a connection, and the connection is counted.
 */
const housekeepers =
  /\(?node:(?:_http_|_tls_wrap|net:|internal\/(?:tls\/|http:|http2\/|deps\/undici\/|stream_base_commons|js_stream_socket|process\/))/;
/** Timers of `AbortSignal.timeout`. The signal usually outlives its request. */
const abortSignal = /\(?node:internal\/abort_controller/;

/** `LeftoverWatch.forget` clears such a timer when its invocation is over. */
export function isOfAbortSignal({ kind, origin }: Operation): boolean {
  return kind === timer && abortSignal.test(framesOf(origin)[0] ?? "");
}

function isHousekeeping({ origin }: Operation): boolean {
  const caller = framesOf(origin)[0] ?? "";
  return housekeepers.test(caller) || abortSignal.test(caller);
}

const timerMachinery = /\(?node:(?:internal\/)?(?:async_hooks|timers)|(?:leftovers|unlisted-work)\.[jt]s/;

/** Frames without those of Node's timers. The first one is the caller. */
export function framesOf(origin: Origin | undefined): string[] {
  const lines = (origin?.stack ?? "").split("\n");
  return lines.filter((line) => line.startsWith("    at ") && !timerMachinery.test(line));
}

/**
 * A synchronous job ends only when it is garbage collected. An asynchronous job has a callback, or a promise that
 * Node's `jobPromise` created.
 */
function isSynchronous({ resource, origin }: Operation): boolean {
  if ("ondone" in resource && typeof resource.ondone === "function") return false;
  return !/\bjobPromise \(node:internal\/crypto\//.test(origin?.stack ?? "");
}

function hasNoInput({ resource }: Operation): boolean {
  return !("buffer" in resource) || resource.buffer === null;
}

/** Most writes finish immediately. Node reports their end only when they are garbage collected. */
function isWritten({ resource }: Operation): boolean {
  return !("async" in resource) || resource.async !== true;
}

function hasNoListener({ resource }: Operation): boolean {
  const { listenerCount } = resource as { listenerCount?: (event: string) => number };
  return typeof listenerCount === "function" && Reflect.apply(listenerCount, resource, ["message"]) === 0;
}

/**
 * Properties under symbols that Node, its HTTP clients and undici set on a socket. Symbols are found by description.
 */
type SymbolProperties = Record<symbol, unknown>;

interface Handle extends SymbolProperties {
  hasRef?(): boolean;
}

/** The socket of a handle. A reused handle is wrapped in another object. */
export function ownerOf(resource: object): object | undefined {
  const owner = markOf(handleOf(resource), "owner_symbol");
  return typeof owner === "object" && owner !== null ? owner : undefined;
}

function handleOf(resource: object): Handle {
  const { handle } = resource as { handle?: unknown };
  return typeof handle === "object" && handle !== null ? (handle as Handle) : (resource as Handle);
}

/** Whether the socket is destroyed, or idle in a client's connection pool. */
function isIdleSocket({ resource }: Operation): boolean {
  const owner = ownerOf(resource) as (SymbolProperties & { destroyed?: unknown }) | undefined;
  if (owner === undefined) return false;
  if (owner.destroyed === true) return true;
  // Node's HTTP agent, and undici (`fetch`).
  if (markOf(owner, "async_id_symbol") === -1 || markOf(owner, "no ref") === true) return true;
  return isIdleHttp2(owner, handleOf(resource));
}

/** Whether the HTTP/2 session has no open stream, and its client has called `unref()`. */
function isIdleHttp2(owner: SymbolProperties, handle: Handle): boolean {
  // The key should be a symbol, but in current versions of Node that symbol is undefined.
  const session = (markOf(owner, "session") ?? (owner as { undefined?: unknown }).undefined) as
    | SymbolProperties
    | undefined;
  if (typeof session !== "object" || session === null || handle.hasRef?.() === true) return false;
  const state = markOf(session, "state") as { streams?: Map<unknown, unknown>; pendingStreams?: Set<unknown> };
  return state?.streams?.size === 0 && state.pendingStreams?.size === 0;
}

function markOf(owner: SymbolProperties, description: string): unknown {
  for (let at: object | null = owner; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const symbol = Object.getOwnPropertySymbols(at).find((each) => each.description === description);
    if (symbol !== undefined) return owner[symbol];
  }
  return undefined;
}
