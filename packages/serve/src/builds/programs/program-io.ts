/** How a program of a build gets its input and gives its result. */
import { writeSync } from "node:fs";
import { json } from "node:stream/consumers";

/** Standard output has the result, and nothing else. */
const resultDescriptor = 1;

/** Options of npm's library, and what to do. */
export interface ProgramInput {
  /** Absolute path of the folder to work in. */
  readonly folder: string;
  /** Registries, tokens, proxies, certificates, cache. */
  readonly npm: Readonly<Record<string, unknown>>;
}

/** Runs the program, and prints its result as JSON. A failure is a result too, in npm's words. */
export async function runProgram(run: (input: unknown) => Promise<unknown>): Promise<void> {
  // Libraries may print. That must not be taken for the result.
  process.stdout.write = process.stderr.write.bind<typeof process.stdout.write>(process.stderr);
  let result: object;
  try {
    result = { ok: true, output: await run(await json(process.stdin)) };
  } catch (error) {
    result = { ok: false, ...describe(error) };
  }
  const bytes = Buffer.from(JSON.stringify(result));
  for (let at = 0; at < bytes.length;) at += writeSync(resultDescriptor, bytes, at);
  // Sockets to the registry may still be open.
  process.exit();
}

/** Codes of a registry that cannot be reached. */
const networkCodes = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTCACHED",
  "ENOTFOUND",
  "ERR_SOCKET_TIMEOUT",
  "ETIMEDOUT",
]);

function describe(error: unknown): { reason: string; isNetwork: boolean } {
  const { message, code = "" } = error as { message?: string; code?: string };
  const reason = code === "ERESOLVE" ? conflictOf(error) : code.startsWith("EALLOW") ? foreignOf(error) : undefined;
  // A registry that answers 5xx or 429 is away too: E503.
  const isNetwork = networkCodes.has(code) || /^E(?:5\d\d|429)$/.test(code);
  return { reason: reason ?? message ?? String(error), isNetwork };
}

/** The library's message about a conflict names no package. */
function conflictOf(error: unknown): string | undefined {
  const { edge, current } = error as { edge?: Named & { spec?: string; from?: Named }; current?: Named };
  if (edge?.name === undefined) return undefined;
  const wanted = `${edge.from?.name ?? "The build"} needs ${edge.name}@${edge.spec}`;
  return current?.version === undefined
    ? `${wanted}, and the build has no such version.`
    : `${wanted}, and the build has ${edge.name}@${current.version}.`;
}

interface Named {
  readonly name?: string;
  readonly version?: string;
}

function foreignOf(error: unknown): string {
  const { package: spec } = error as { package?: string };
  return `A package depends on ${spec ?? "something"}. Only packages of a registry are accepted.`;
}
