import { performance } from "node:perf_hooks";

import { isOffhookError } from "@offhook/runtime/offhook-error";

import { command } from "../command.ts";
import { logOptions, settingFlags } from "./log-options.ts";

export default command({
  usage: "[folder] [options]",
  positionals: ["folder"],
  about: `Serves the functions and assets of a project folder while you work on it. Limits and signatures work as
with start. Changes in the folder are live at the next request. The log has a line for each request
(--no-access-log turns that off). The reply to a failed request shows the error's stack: as a page in a
browser, as text elsewhere.`,
  examples: ["offhook dev", "offhook dev my-project --port 3100 --tunnel 'cloudflared tunnel --url {url}'"],
  options: {
    ...logOptions,
    inspect: {
      kind: "optional",
      placeholder: "[host:]port",
      description: "Allow debuggers to connect: Chrome (chrome://inspect) and editors. [127.0.0.1:9229]",
    },
    "inspect-brk": {
      kind: "optional",
      placeholder: "[host:]port",
      description: "The same, but wait for a debugger and stop at the first line of the first call.",
    },
  },
  settings: "all",
  mainSettings: ["port", "publicUrl", "tunnel", "env", "timeout", "logLevel", "dashboard"],
  exitCodes: ["ok", "internal", "usage", "project", "address", "node"],
  async run({ positionals: [folder = "."], flags, options }, context) {
    // Loaded only if it is used, which is rare.
    const isAsked = options.inspect !== undefined || options["inspect-brk"] !== undefined;
    const inspect = isAsked ? (await import("../dev/inspect-flags.ts")).readInspect(options) : undefined;
    const [{ dev }, { serve }] = await Promise.all([import("../dev/dev.ts"), import("../serving.ts")]);
    const run = (startedAt = 0): Promise<number> =>
      serve({ ...dev, inspect, startedAt }, folder, settingFlags({ flags, options }), context);
    try {
      return await run();
    } catch (error) {
      if (!isOffhookError(error) || error.code !== "project-empty") throw error;
      const { offerInit } = await import("../init/offer.ts");
      if (!(await offerInit(folder, context))) throw error;
      return await run(performance.now());
    }
  },
});
