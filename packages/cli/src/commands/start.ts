import { command } from "../command.ts";
import { logOptions, settingFlags } from "./log-options.ts";

export default command({
  usage: "[folder] [options]",
  positionals: ["folder"],
  about: "Serves the functions and assets of a project folder.",
  examples: ["offhook start", "offhook start my-project --port 8080 --public-url https://example.com"],
  options: logOptions,
  settings: "all",
  mainSettings: ["port", "host", "publicUrl", "trustProxy", "env", "timeout", "concurrency", "hardened", "accessLog"],
  exitCodes: ["ok", "internal", "usage", "project", "address", "node"],
  async run({ positionals: [folder = "."], flags, options }, context) {
    const [{ start }, { serve }] = await Promise.all([import("../start.ts"), import("../serving.ts")]);
    return await serve(start, folder, settingFlags({ flags, options }), context);
  },
});
