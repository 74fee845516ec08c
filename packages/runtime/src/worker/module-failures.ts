/**
 * Records the first failure of each module. Node forgets why an ES module failed to load. The next `require()` of it
 * throws `ERR_REQUIRE_ESM_RACE_CONDITION` or an internal assertion, which do not help the author.
 */
const Module = process.getBuiltinModule("node:module");

const { apply, ownKeys } = Reflect;

/** In Node 22, `import()` of an ES module that threw while it was required returns its exports instead of the error. */
const importsFailedModules = process.versions.node.startsWith("22.");

interface ModulePrototype {
  load(this: object, file: string): void;
}

/** Node's record of an ES module. */
interface ModuleRecord {
  getError?(): unknown;
}

/** Questions that the sources of modules answer. */
interface ModuleSources {
  /** Whether loading `root` loads `file`. */
  reaches(root: string, file: string): boolean;
  /** The syntax error of a file, or of a file that it imports. */
  syntaxErrorOf(file: string): SyntaxError | undefined;
}

const failures = new Map<string, unknown>();
let sources: ModuleSources = { reaches: () => false, syntaxErrorOf: () => undefined };
let unfinished: { readonly file: string; readonly error: unknown } | undefined;
let failedInHandler: string | undefined;

/**
 * Starts to record failures. Node calls `load` for each file that is required, including ES modules.
 * @param isHandler whether a handler is the code that requires files now.
 */
export function keepModuleFailures(of: ModuleSources, isHandler: () => boolean): void {
  sources = of;
  const prototype = Module.prototype as unknown as ModulePrototype;
  const { load } = prototype;
  prototype.load = function (file) {
    try {
      apply(load, this, [file]);
    } catch (error) {
      if (isFollowUpError(error)) {
        const first = firstFailureOf(error, file);
        const failure = first === error ? (forgottenError(this, file) ?? error) : first;
        unfinished = { file: fileOf(error, file), error: failure };
        throw failure;
      }
      failures.set(file, error);
      if (importsFailedModules && isHandler() && recordOf(this) !== undefined) failedInHandler = file;
      throw error;
    }
  };
}

/** An ES module that failed while a handler required it, if a later `import()` of it would succeed. */
export function importableFailure(): string | undefined {
  return failedInHandler;
}

/** The error of an earlier import of the module, which `require()` does not report. */
function forgottenError(module: object, file: string): unknown {
  const error = recordOf(module)?.getError?.() ?? sources.syntaxErrorOf(file);
  if (error !== undefined) failures.set(file, error);
  return error;
}

/** Undefined for a CommonJS module. */
function recordOf(module: object): ModuleRecord | undefined {
  const key = ownKeys(module).find((each) => typeof each === "symbol" && each.description === "kRequiredModuleSymbol");
  return key === undefined ? undefined : ((module as Record<PropertyKey, unknown>)[key] as ModuleRecord | undefined);
}

/** The module that could not be required because of an earlier failure, if that caused the error. */
export function unfinishedBehind(error: unknown): string | undefined {
  return unfinished?.error === error ? unfinished?.file : undefined;
}

/** Whether the error says only that a module failed before, without the reason. */
export function isFollowUpError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ERR_REQUIRE_ESM_RACE_CONDITION") return true;
  if (code === "ERR_INTERNAL_ASSERTION")
    return /Unexpected (?:module )?status|not yet fully loaded/.test(error.message);
  // Node 22, if an imported module has a syntax error.
  return error instanceof TypeError && error.message.includes("(reading 'getStatus')");
}

/** The first failure of the module that the error is about, or of a module that loaded it. */
export function firstFailureOf(error: unknown, loaded: string): unknown {
  const file = fileOf(error, loaded);
  const recorded = failures.get(file);
  if (recorded !== undefined) return recorded;
  for (const [root, failure] of failures) if (sources.reaches(root, file)) return failure;
  return error;
}

function fileOf(error: unknown, loaded: string): string {
  return /ES Module (.+?) because it is not yet fully loaded/.exec((error as Error).message)?.[1] ?? loaded;
}
