import { serveOptions } from "@offhook/serve/options";

import { command } from "../command.ts";
import { logOptions, settingFlags } from "./log-options.ts";

export default command({
  usage: "--data <folder> [options]",
  positionals: [],
  about: `Serves many projects on this machine. You deploy to it with Twilio's own tools, or with offhook deploy.

The first start makes the data folder, an account and an API key, and prints the key once.`,
  examples: [
    "offhook serve --data /var/lib/offhook",
    "offhook serve --data /var/lib/offhook --account-sid AC0123456789abcdef0123456789abcdef --auth-token-file token.txt",
  ],
  options: { ...serveOptions, ...logOptions },
  settings: "all",
  mainSettings: ["port", "host", "trustProxy", "log"],
  notes: `Each option is also an environment variable: --api-port is OFFHOOK_API_PORT. The settings of the runtime are
the defaults for services. They can also be in offhook.json in the data folder, with the highest values that
deployments get under "maxima".`,
  exitCodes: ["ok", "internal", "usage", "project", "address", "node"],
  async run({ flags, options: { json, ...options } }, context) {
    const { serveServices } = await import("../serve/serve.ts");
    return await serveServices({ options, flags: settingFlags({ flags, options: { json } }) }, context);
  },
});
