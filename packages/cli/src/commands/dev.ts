import { command } from "../command.ts";
import { logOptions, settingFlags } from "./log-options.ts";

export default command({
  usage: "[folder] [options]",
  positionals: ["folder"],
  about: `Serves the functions and assets of a project folder to their author: like start, with the same limits and
signatures, but what changes in the folder is live at the next request, each request has a line in the
log (--no-access-log turns that off), and errors are answered with their stack, in a
browser with a page.`,
  options: {
    ...logOptions,
    inspect: {
      kind: "optional",
      placeholder: "[host:]port",
      description: "Let debuggers in: Chrome (chrome://inspect) and editors. [127.0.0.1:9229]",
    },
    "inspect-brk": {
      kind: "optional",
      placeholder: "[host:]port",
      description: "The same, wait for one, and stop at the first line of the first call.",
    },
  },
  settings: "all",
  exitCodes: ["ok", "internal", "usage", "project", "address", "node"],
  async run({ positionals: [folder = "."], flags, options }, context) {
    // Hardly anybody asks for it.
    const isAsked = options.inspect !== undefined || options["inspect-brk"] !== undefined;
    const inspect = isAsked ? (await import("../dev/inspect-flags.ts")).readInspect(options) : undefined;
    const [{ dev }, { serve }] = await Promise.all([import("../dev/dev.ts"), import("../serving.ts")]);
    return await serve({ ...dev, inspect }, folder, settingFlags({ flags, options }), context);
  },
});
