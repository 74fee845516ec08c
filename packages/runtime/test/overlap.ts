/**
 * Functions that overlap for as long as a test needs. No clock is involved: such a function runs until the test
 * releases it.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The body of a handler that prints `begun` and replies once the test has called {@link release}.
 * @param reply the expression that it replies with.
 */
export function heldFunction(reply: string): string {
  return `
    console.log('begun');
    const poll = setInterval(() => {
      if (!require('node:fs').existsSync(event.latch ?? 'release')) return;
      clearInterval(poll);
      callback(null, ${reply});
    }, 5);`;
}

/**
 * Lets the functions of a project reply.
 * @param latch the query parameter `latch` of the invocations to release. Default: invocations without that parameter.
 */
export async function release(folder: string, latch = "release"): Promise<void> {
  await writeFile(join(folder, latch), "");
}
