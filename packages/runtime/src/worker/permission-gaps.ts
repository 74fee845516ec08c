/**
 * What Node's permission model leaves open, closed for hardened isolates: signals to other processes, flags of V8, files that
 * Node writes without asking, sockets in the file system, and calls that say whether a path outside exists.
 *
 * Everything here is held in constants: user code can change what it finds in the realm, and the checks must not notice.
 */
import type { Socket } from "node:net";

type Call = (this: unknown, ...args: unknown[]) => unknown;
type Methods = Record<string, Call>;
type Permission = "fs.read" | "fs.write";

// Not imported: what a module exports can be replaced, and imports follow.
const { permission, cwd, getBuiltinModule } = process;
const fs = getBuiltinModule("node:fs");
const nodeModule = getBuiltinModule("node:module");
const { dirname, resolve } = getBuiltinModule("node:path");
const has = permission.has.bind(permission);
/** Any function, with any arguments: what Node and user code give it is theirs. */
const apply = Reflect.apply as (call: unknown, self: unknown, args: readonly unknown[]) => unknown;
const { isBuffer } = Buffer;
const bytesToText = Buffer.prototype.toString;
const { assign, defineProperty, getPrototypeOf } = Object;
const { URL, Error, String, decodeURIComponent, setImmediate } = globalThis;
const { startsWith, endsWith, includes } = String.prototype;
const protocolOf = getterOf(URL.prototype, "protocol");
const pathnameOf = getterOf(URL.prototype, "pathname");

/** As the system says it to Node. */
const refused = -getBuiltinModule("node:os").constants.errno.EACCES;

/** What `process.kill` comes down to, and its sibling that makes another process listen for a debugger: both can be reached. */
const killMethod = "_kill";
const debugMethod = "_debugProcess";
/** How the loader of CommonJS looks for files. */
const statMethod = "_stat";

/** @param socket one of Unix's: its prototype leads to what all others of the kind come down to. */
export function closeGaps(socket: Socket): void {
  closeSignals();
  closeNode();
  closeSockets(socket);
  closeFileSystem();
  closeModules();
}

function closeSignals(): void {
  const methods = process as unknown as Record<string, (...args: number[]) => unknown>;
  const kill = methods[killMethod]?.bind(process);
  const ownPids = [process.pid, -process.pid, 0] as const;
  methods[killMethod] = (pid = 0, signal = 0) => {
    if (pid !== ownPids[0] && pid !== ownPids[1] && pid !== ownPids[2]) throw denied("A signal to another process");
    return kill?.(pid, signal);
  };
  methods[debugMethod] = () => {
    throw denied("A debugger");
  };
}

/** Flags of V8 switch its safety off. A heap snapshot of a full heap and a trace are written to the working directory. */
function closeNode(): void {
  const v8 = getBuiltinModule("node:v8");
  v8.setFlagsFromString = () => {
    throw denied("v8.setFlagsFromString()");
  };
  v8.setHeapSnapshotNearHeapLimit = () => {
    throw denied("v8.setHeapSnapshotNearHeapLimit()");
  };
  getBuiltinModule("node:trace_events").createTracing = () => {
    throw denied("A trace");
  };
}

/**
 * A socket of Unix has a path, or a name that is no file's: it is made in the scratch folder only, and connected to where files
 * can be read. Else `listen()` would leave files anywhere, and `connect()` would say which files exist. What asked gets an event
 * `error`, as for each socket that the system refuses.
 */
function closeSockets(socket: Socket): void {
  const { _handle: handle } = socket as unknown as { _handle: object };
  const prototype = getPrototypeOf(handle) as Methods;
  const { bind, connect } = prototype as { bind: Call; connect: Call };
  prototype["bind"] = function (name) {
    const path = permitted("fs.write", name);
    return path === undefined ? refused : apply(bind, this, [path]);
  };
  prototype["connect"] = function (request, name) {
    const path = permitted("fs.read", name);
    if (path !== undefined) return apply(connect, this, [request, path]);
    // Later, as the system would: at once, clients have no listener yet.
    const { oncomplete } = request as { oncomplete: Call };
    setImmediate(() => apply(oncomplete, request, [refused, this, request, false, false]));
    return 0;
  };
}

/** Those that answer for paths outside in some version of Node: with their own error, or with what is there. */
function closeFileSystem(): void {
  const { realpath, realpathSync, cp, cpSync } = fs;
  const isOld = !asksPermission(realpathSync.native);
  assign(fs, {
    realpathSync: assign(checkedOne(realpathSync), { native: checkedOne(realpathSync.native) }),
    realpath: assign(checkedOne(realpath), { native: checkedOne(realpath.native) }),
    cp: checkedTwo(cp),
    cpSync: checkedTwo(cpSync),
  });
  if (!isOld) return;
  // To look at it takes some milliseconds at each start of an isolate.
  const { promises } = fs;
  for (const [name, needed] of unaskedPromises) assign(promises, { [name]: promisedChecked(promises, name, needed) });
  closeGlobs();
}

/**
 * What older versions answer without asking, and what they refuse by a rejection that nothing can catch; with what each path
 * needs.
 */
const unaskedPromises: readonly (readonly [string, readonly Permission[]])[] = [
  ["access", ["fs.read"]],
  ["stat", ["fs.read"]],
  ["lstat", ["fs.read"]],
  ["statfs", ["fs.read"]],
  ["realpath", ["fs.read"]],
  ["readdir", ["fs.read"]],
  ["unlink", ["fs.write"]],
  ["chown", ["fs.write"]],
  ["lchown", ["fs.write"]],
  ["mkdtemp", ["fs.write"]],
  ["rename", ["fs.write", "fs.write"]],
  ["link", ["fs.write", "fs.write"]],
  ["copyFile", ["fs.read", "fs.write"]],
  ["cp", ["fs.read", "fs.write"]],
];

function promisedChecked(promises: object, name: string, [first, second]: readonly Permission[]): Call {
  const call = (promises as Methods)[name] as Call;
  return async function (path, other, third) {
    // A prefix of a name: that it ends a folder counts.
    const end = name === "mkdtemp" && apply(endsWith, textOf(path), ["/"]) ? "/" : "";
    const checked = allowed(first ?? "fs.read", path) + end;
    return apply(call, this, [checked, second === undefined ? other : allowed(second, other), third]);
  };
}

/** Newer versions of Node have closed most of these. */
function asksPermission(ask: (path: string) => unknown): boolean {
  try {
    ask("/");
    return false;
  } catch {
    return true;
  }
}

/** What a pattern matches outside is left out, as if it were not there. */
function closeGlobs(): void {
  const { globSync, glob, promises } = fs as unknown as { globSync: Call; glob: Call; promises: { glob: Call } };
  const find = promises.glob as (...args: unknown[]) => AsyncIterable<Match>;
  assign(fs, {
    globSync: (pattern: unknown, options?: GlobOptions) => readable(globSync(pattern, options) as Match[], options),
    glob: (pattern: unknown, ...rest: unknown[]) => {
      const onMatches = rest.pop() as (error: unknown, matches?: Match[]) => void;
      const options = rest[0] as GlobOptions | undefined;
      glob(pattern, options ?? {}, (error: unknown, matches?: Match[]) =>
        error ? onMatches(error) : onMatches(null, readable(matches ?? [], options)),
      );
    },
  });
  assign(fs.promises, {
    glob: async function* (pattern: unknown, options?: GlobOptions) {
      for await (const match of find(pattern, options)) if (isReadable(match, options)) yield match;
    },
  });
}

type Match = string | { readonly name: string; readonly parentPath: string };
type GlobOptions = { readonly cwd?: unknown };

function readable(matches: readonly Match[], options: GlobOptions | undefined): Match[] {
  const kept: Match[] = [];
  for (let i = 0; i < matches.length; i++) {
    const value = matches[i] as Match;
    const place = { __proto__: null, value, writable: true, enumerable: true, configurable: true };
    if (isReadable(value, options)) defineProperty(kept, kept.length, place);
  }
  return kept;
}

function isReadable(match: Match, options: GlobOptions | undefined): boolean {
  const folder = options?.cwd === undefined ? cwd() : textOf(options.cwd);
  const path = typeof match === "string" ? resolve(folder, match) : resolve(folder, match.parentPath, match.name);
  return has("fs.read", path);
}

/** Lists are written out: what fills one step by step can be watched, and changed, by a setter on a prototype. */
function checkedOne<F>(call: F): F {
  return function (this: unknown, path: unknown, second: unknown, third: unknown) {
    return apply(call, this, [allowed("fs.read", path), second, third]);
  } as F;
}

function checkedTwo<F>(call: F): F {
  return function (this: unknown, from: unknown, to: unknown, third: unknown, fourth: unknown) {
    return apply(call, this, [allowed("fs.read", from), allowed("fs.read", to), third, fourth]);
  } as F;
}

/**
 * The path, absolute, if it may be used: what is checked is what is used.
 * @throws ERR_ACCESS_DENIED
 */
function allowed(what: Permission, value: unknown): string {
  const path = permitted(what, value);
  if (path === undefined) throw denied(textOf(value));
  return path;
}

/** The same, or undefined. */
function permitted(what: Permission, value: unknown): string | undefined {
  const text = textOf(value);
  // What begins with it is a name that the kernel keeps beside the file system.
  if (apply(includes, text, ["\0"])) return undefined;
  const path = resolve(text);
  return has(what, path) ? path : undefined;
}

function textOf(path: unknown): string {
  if (isBuffer(path)) return apply(bytesToText, path, ["utf8"]) as string;
  const text = String(path);
  return path instanceof URL ? (fileOf(text) ?? text) : text;
}

/** The path that a URL of a file names; undefined where it is none. */
function fileOf(href: string, base?: string): string | undefined {
  try {
    const url = new URL(href, base);
    return apply(protocolOf, url, []) === "file:"
      ? decodeURIComponent(apply(pathnameOf, url, []) as string)
      : undefined;
  } catch {
    return undefined;
  }
}

function getterOf(prototype: object, name: string): () => unknown {
  return Object.getOwnPropertyDescriptor(prototype, name)?.get as () => unknown;
}

/** Both loaders ask the file system in ways of their own. */
function closeModules(): void {
  const loader = nodeModule as unknown as Methods;
  const { [statMethod]: stat, findPackageJSON } = loader;
  const missing = -2;
  loader[statMethod] = (path) => (has("fs.read", resolve(path as string)) ? stat?.(path) : missing);
  if (findPackageJSON !== undefined) {
    loader["findPackageJSON"] = (specifier, base) => {
      const [from, parent] = [textOf(specifier), base === undefined ? undefined : textOf(base)] as const;
      assertWithin(from, parent);
      return findPackageJSON(from, parent);
    };
  }
  nodeModule.registerHooks({
    resolve(specifier, context, nextResolve) {
      assertWithin(specifier, context.parentURL);
      return nextResolve(specifier, context);
    },
  });
}

/**
 * Loaders take a specifier for a path, for a URL, or for a package, which is looked for around the module that asks.
 * @throws ERR_ACCESS_DENIED
 */
function assertWithin(specifier: string, parent = ""): void {
  const from = is(parent, "file:") ? fileOf(parent) : is(parent, "/") ? parent : undefined;
  const isUrl = is(specifier, "file:");
  if (!isUrl && !is(specifier, "/") && !is(specifier, ".")) {
    if (from !== undefined) allowed("fs.read", from);
    return;
  }
  const folder = from === undefined ? cwd() : dirname(from);
  const file = fileOf(specifier, `file://${folder}/`);
  if (file !== undefined) allowed("fs.read", file);
  if (!isUrl) allowed("fs.read", resolve(folder, specifier));
}

function is(text: string, start: string): boolean {
  return apply(startsWith, text, [start]) as boolean;
}

function denied(what: string): Error {
  return assign(new Error(`${what} is not allowed: the isolate is hardened`), { code: "ERR_ACCESS_DENIED" });
}
