/**
 * The first failure of each module. Node forgets why an ES module could not be loaded: who requires it again gets
 * `ERR_REQUIRE_ESM_RACE_CONDITION`, or an assertion of Node's own, which say nothing to its author.
 */
const Module = process.getBuiltinModule("node:module");

const { apply } = Reflect;

interface ModulePrototype {
  load(this: unknown, file: string): void;
}

/** Whether loading one file loads the other. */
type IsReachable = (root: string, file: string) => boolean;

const failures = new Map<string, unknown>();
let reaches: IsReachable = () => false;
let unfinished: { readonly file: string; readonly error: unknown } | undefined;

/** From here on. Node calls this method for each file that is required, also for an ES module. */
export function keepModuleFailures(how: IsReachable): void {
  reaches = how;
  const prototype = Module.prototype as unknown as ModulePrototype;
  const { load } = prototype;
  prototype.load = function (file) {
    try {
      apply(load, this, [file]);
    } catch (error) {
      if (isFollowUpError(error)) {
        unfinished = { file: fileOf(error, file), error: firstFailureOf(error, file) };
        throw unfinished.error;
      }
      failures.set(file, error);
      throw error;
    }
  };
}

/** The module that could not be required because of an earlier failure, where that is what the error came of. */
export function unfinishedBehind(error: unknown): string | undefined {
  return unfinished?.error === error ? unfinished?.file : undefined;
}

/** Whether Node says no more than that a module failed before. */
export function isFollowUpError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ERR_REQUIRE_ESM_RACE_CONDITION") return true;
  if (code === "ERR_INTERNAL_ASSERTION") return /Unexpected (?:module )?status/.test(error.message);
  // Node 22, where an imported module has a syntax error.
  return error instanceof TypeError && error.message.includes("(reading 'getStatus')");
}

/** Why the module failed that the error is about. It may have been loaded as a part of another, which failed. */
export function firstFailureOf(error: unknown, loaded: string): unknown {
  const file = fileOf(error, loaded);
  const recorded = failures.get(file);
  if (recorded !== undefined) return recorded;
  for (const [root, failure] of failures) if (reaches(root, file)) return failure;
  return error;
}

function fileOf(error: unknown, loaded: string): string {
  return /ES Module (.+?) because it is not yet fully loaded/.exec((error as Error).message)?.[1] ?? loaded;
}
