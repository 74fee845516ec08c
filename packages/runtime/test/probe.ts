/** A function that runs what it is sent: for tests of what code in a function can do. */
import type { Site } from "./site.ts";

export const probe = {
  "functions/probe.js": `
    try { callback(null, { value: eval(event.code) }); }
    catch (error) { callback(null, { code: error.code ?? error.message }); }`,
};

/** The value of the code, or the code of the error that it threw. */
export async function ask(site: Site, code: string): Promise<{ value?: unknown; code?: string }> {
  return (await site.call("/probe", { form: { code } })).json() as { value?: unknown; code?: string };
}
