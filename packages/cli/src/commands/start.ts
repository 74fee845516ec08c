import { command } from "../command.ts";
import { logOptions, settingFlags } from "./log-options.ts";

export default command({
  usage: "[folder] [options]",
  positionals: ["folder"],
  about: "Serves the functions and assets of a project folder.",
  options: logOptions,
  settings: "all",
  exitCodes: ["ok", "internal", "usage", "project", "address", "node"],
  async run({ positionals: [folder = "."], flags, options }, context) {
    const [{ start }, { serve }] = await Promise.all([import("../start.ts"), import("../serving.ts")]);
    return await serve(start, folder, settingFlags({ flags, options }), context);
  },
});
