/**
 * `offhook start`: one project folder, served until a signal comes.
 */
import { join } from "node:path";

import { jsonBanner, textBanner } from "./banner.ts";
import type { Mode } from "./serving.ts";
import { watchVariables } from "./variable-watch.ts";

export const start: Mode = {
  defaults: {},
  isDevelopment: false,
  textBanner,
  jsonBanner,
  watch(server, { envFile, service }) {
    // `.env` may not exist yet. Watch for it anyway.
    const file = envFile ?? join(service.folder, ".env");
    return watchVariables(file, service, (variables) => server.updateVariables(variables));
  },
};
