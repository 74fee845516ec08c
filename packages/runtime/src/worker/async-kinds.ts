/**
 * Kinds of asynchronous work: what Node calls each of them, what the log calls it, and when one that Node still lists can
 * run nothing more.
 *
 * The types are those of `async_hooks`. A test compares this table with the types of the Node that runs it, so that a new
 * type is either counted here or listed there as harmless.
 */

// User code may replace these.
const { set } = Reflect;
const { captureStackTrace } = Error;

/** The stack of where something was begun. It is formatted only when somebody reads it. */
export interface Origin {
  stack?: string;
}

/** @param below this function's frame, and those that it called, are left out. */
export function originHere(frames: number, below: (...args: never[]) => unknown = originHere): Origin {
  const limit = Error.stackTraceLimit;
  // Not an assignment, which would throw where the class is frozen.
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
  /** Whether the place where it was begun is kept: `few` for the first hundred of an invocation. That costs 10 µs each. */
  readonly traced?: "few" | "always";
  /** Node's list of active resources shows it too, while it holds the process up. */
  readonly isHandle?: boolean;
  /** Worth waiting for: a stream closes its file, and a client its socket, after all that they have told. */
  readonly endsSoon?: boolean;
  /** Node may report its end late, or never. True where no code of the author can run because of it. */
  isAtRest?(operation: Operation): boolean;
}

const timer: Kind = { what: "timer", traced: "few", isAtRest: isHousekeeping };
const immediate: Kind = { what: "immediate", traced: "few", isAtRest: isHousekeeping };
const fileOperation: Kind = { what: "file operation", endsSoon: true };
const lookUp: Kind = { what: "name look-up" };
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
 * Timers and immediates that Node makes for connections: time limits, idle keep-alive, closing. Whatever of the author's
 * they could run belongs to a connection, which is counted itself.
 */
const housekeepers =
  /\(?node:(?:_http_|_tls_wrap|net:|internal\/(?:tls\/|http:|http2\/|deps\/undici\/|stream_base_commons|js_stream_socket|process\/))/;
/** Of `AbortSignal.timeout`. Its signal mostly outlives the request that it was made for. */
const abortSignal = /\(?node:internal\/abort_controller/;

/** Cleared when its invocation is over, see `LeftoverWatch.forget`. */
export function isOfAbortSignal({ kind, origin }: Operation): boolean {
  return kind === timer && abortSignal.test(framesOf(origin)[0] ?? "");
}

function isHousekeeping({ origin }: Operation): boolean {
  const caller = framesOf(origin)[0] ?? "";
  return housekeepers.test(caller) || abortSignal.test(caller);
}

const timerMachinery = /\(?node:(?:internal\/)?(?:async_hooks|timers)|(?:leftovers|unlisted-work)\.[jt]s/;

/** Without those of the machinery of timers: the first one is the caller. */
export function framesOf(origin: Origin | undefined): string[] {
  const lines = (origin?.stack ?? "").split("\n");
  return lines.filter((line) => line.startsWith("    at ") && !timerMachinery.test(line));
}

/**
 * A synchronous job ends only when the garbage collector finds it. An asynchronous one has somebody who waits for it: a
 * callback, or a promise. What makes such a promise is Node's own `jobPromise`.
 */
function isSynchronous({ resource, origin }: Operation): boolean {
  if ("ondone" in resource && typeof resource.ondone === "function") return false;
  return !/\bjobPromise \(node:internal\/crypto\//.test(origin?.stack ?? "");
}

function hasNoInput({ resource }: Operation): boolean {
  return !("buffer" in resource) || resource.buffer === null;
}

/** Most writes are done at once, and then end only with the garbage collector. */
function isWritten({ resource }: Operation): boolean {
  return !("async" in resource) || resource.async !== true;
}

function hasNoListener({ resource }: Operation): boolean {
  const { listenerCount } = resource as { listenerCount?: (event: string) => number };
  return typeof listenerCount === "function" && Reflect.apply(listenerCount, resource, ["message"]) === 0;
}

/** What Node, its HTTP clients and undici keep in a socket, by the description of the symbol. */
type SymbolProperties = Record<symbol, unknown>;

interface Handle extends SymbolProperties {
  hasRef?(): boolean;
}

/** The socket of a handle. A handle that is used again stands in an object of its own. */
export function ownerOf(resource: object): object | undefined {
  const owner = markOf(handleOf(resource), "owner_symbol");
  return typeof owner === "object" && owner !== null ? owner : undefined;
}

function handleOf(resource: object): Handle {
  const { handle } = resource as { handle?: unknown };
  return typeof handle === "object" && handle !== null ? (handle as Handle) : (resource as Handle);
}

/** Destroyed, or kept open by a client that has nothing to do for it. */
function isIdleSocket({ resource }: Operation): boolean {
  const owner = ownerOf(resource) as (SymbolProperties & { destroyed?: unknown }) | undefined;
  if (owner === undefined) return false;
  if (owner.destroyed === true) return true;
  // Node's HTTP agent, and undici, which is what `fetch` uses.
  if (markOf(owner, "async_id_symbol") === -1 || markOf(owner, "no ref") === true) return true;
  return isIdleHttp2(owner, handleOf(resource));
}

/** No stream is open, and its client has said that it holds nothing up. */
function isIdleHttp2(owner: SymbolProperties, handle: Handle): boolean {
  // The key is meant to be a symbol. In the Node of today that symbol is undefined.
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
