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
  const { message, code } = error as { message?: string; code?: string };
  return { reason: message ?? String(error), isNetwork: code !== undefined && networkCodes.has(code) };
}
