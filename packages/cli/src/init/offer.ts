/**
 * Offers to create a project where `dev` found none.
 */
import { exitCodes } from "@offhook/runtime/errors";
import { printable } from "@offhook/runtime/internal/printable";

import type { CommandContext } from "../command-context.ts";
import { init } from "./init.ts";
import { confirm } from "./questions.ts";

/**
 * @param folder as typed on the command line.
 * @returns whether there is a project now. False if nobody can be asked, or the answer is no.
 */
export async function offerInit(folder: string, context: CommandContext): Promise<boolean> {
  const { stdin, stdout } = context;
  if (stdin === undefined || stdout.isTTY !== true) return false;
  const where = folder === "." ? "this folder" : printable(folder);
  if (!(await confirm(`There is no project in ${where}. Create one here?`, stdin, stdout))) return false;
  const options = { template: undefined, language: undefined, typescript: false, json: false };
  return (await init({ positionals: [folder], options }, context, true)) === exitCodes.ok;
}
