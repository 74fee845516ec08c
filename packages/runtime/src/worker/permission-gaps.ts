/**
 * Closes gaps in Node's permission model for hardened isolates: signals to other processes, V8 flags, files that Node
 * writes without a check, sockets in the file system, and calls that reveal whether a path outside exists.
 *
 * Constants hold every function that the checks use, because user code can change the realm.
 */
import type { Socket } from "node:net";

type Call = (this: unknown, ...args: unknown[]) => unknown;
type Methods = Record<string, Call>;
type Permission = "fs.read" | "fs.write";

// Not imported: user code can replace the exports of a module, and imports then change too.
const { permission, cwd, getBuiltinModule } = process;
const fs = getBuiltinModule("node:fs");
const nodeModule = getBuiltinModule("node:module");
const { dirname, resolve } = getBuiltinModule("node:path");
const has = permission.has.bind(permission);
/** Calls any function with any arguments, without types. */
const apply = Reflect.apply as (call: unknown, self: unknown, args: readonly unknown[]) => unknown;
const { isBuffer } = Buffer;
const bytesToText = Buffer.prototype.toString;
const { assign, defineProperty, getPrototypeOf } = Object;
const { URL, Error, String, decodeURIComponent, setImmediate } = globalThis;
const { startsWith, endsWith, includes } = String.prototype;
const protocolOf = getterOf(URL.prototype, "protocol");
const pathnameOf = getterOf(URL.prototype, "pathname");

/** The system's error number, as Node gets it. */
const refused = -getBuiltinModule("node:os").constants.errno.EACCES;

/** The internal method behind `process.kill`. User code can call it. */
const killMethod = "_kill";
/** The internal method that makes another process listen for a debugger. User code can call it. */
const debugMethod = "_debugProcess";
/** The internal method with which the CommonJS loader looks for files. */
const statMethod = "_stat";

/** @param socket a Unix socket. The prototype of its handle has the methods that all Unix sockets use. */
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

/** V8 flags can disable its safety. Node writes traces, and heap snapshots of a full heap, to the working directory. */
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
 * A Unix socket has a path, or an abstract name without a file. User code may create sockets only in the scratch
 * folder, and connect only to paths that it may read. Otherwise, `listen()` could leave files anywhere, and `connect()`
 * would reveal which files exist. The caller gets an `error` event, as for each socket that the system refuses.
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
    // Asynchronously, like the system. Right now, clients have no listener yet.
    const { oncomplete } = request as { oncomplete: Call };
    setImmediate(() => apply(oncomplete, request, [refused, this, request, false, false]));
    return 0;
  };
}

/**
 * Closes functions that reveal something about paths outside in some version of Node, by their error or their result.
 */
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
  // Reading `fs.promises` costs a few milliseconds at each start of an isolate.
  const { promises } = fs;
  for (const [name, needed] of unaskedPromises) assign(promises, { [name]: promisedChecked(promises, name, needed) });
  closeGlobs();
}

/**
 * Functions that older versions of Node run without a check, or reject in a way that no code can catch. Each has the
 * permissions that its paths need.
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
    // The path is a prefix, so a slash at its end matters.
    const end = name === "mkdtemp" && apply(endsWith, textOf(path), ["/"]) ? "/" : "";
    const checked = allowed(first ?? "fs.read", path) + end;
    return apply(call, this, [checked, second === undefined ? other : allowed(second, other), third]);
  };
}

/** Whether this version of Node checks the permission itself. Newer versions have closed most of these gaps. */
function asksPermission(ask: (path: string) => unknown): boolean {
  try {
    ask("/");
    return false;
  } catch {
    return true;
  }
}

/** Leaves out matches outside, as if those files did not exist. */
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

/** Uses array literals, because a setter on a prototype could see and change arguments that are appended one by one. */
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
 * Returns the absolute path if it may be used. The caller must use this path, because it is the one that was checked.
 * @throws ERR_ACCESS_DENIED
 */
function allowed(what: Permission, value: unknown): string {
  const path = permitted(what, value);
  if (path === undefined) throw denied(textOf(value));
  return path;
}

/** Returns the absolute path if it may be used, otherwise undefined. */
function permitted(what: Permission, value: unknown): string | undefined {
  const text = textOf(value);
  // A null byte starts an abstract name, which the kernel keeps outside the file system.
  if (apply(includes, text, ["\0"])) return undefined;
  const path = resolve(text);
  return has(what, path) ? path : undefined;
}

function textOf(path: unknown): string {
  if (isBuffer(path)) return apply(bytesToText, path, ["utf8"]) as string;
  const text = String(path);
  return path instanceof URL ? (fileOf(text) ?? text) : text;
}

/** The path of a file URL. Undefined for other URLs. */
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

/** Both module loaders access the file system through their own internal functions. */
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
 * Checks a specifier: a path, a URL, or a package, which loaders look for in the folders around the importing module.
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
