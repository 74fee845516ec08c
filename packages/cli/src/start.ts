/**
 * `offhook start`: one project folder, served until a signal comes.
 */
import { join } from "node:path";

import { jsonBanner, textBanner } from "./banner.ts";
import { serve } from "./serving.ts";
import type { Mode, ServingParts } from "./serving.ts";
import type { Surroundings } from "./surroundings.ts";
import { watchVariables } from "./variable-watch.ts";

const mode: Mode = {
  defaults: {},
  isDevelopment: false,
  textBanner,
  jsonBanner,
  watch(server, { envFile, service }) {
    // A `.env` that is not there yet may come.
    const file = envFile ?? join(service.folder, ".env");
    return watchVariables(file, service.variables, (variables) => server.updateVariables(variables));
  },
};

/** As `serve`. */
export async function start(
  folder: string,
  flags: Readonly<Record<string, unknown>>,
  surroundings: Surroundings,
  partsComing?: Promise<ServingParts>,
): Promise<number> {
  return await serve(mode, folder, flags, surroundings, partsComing);
}
