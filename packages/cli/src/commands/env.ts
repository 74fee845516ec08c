import { exitCodes } from "@offhook/runtime/errors";

import { command } from "../command.ts";

export default command({
  usage: "[options]",
  positionals: [],
  about: `Prints the variables with which Twilio's tools reach your server, as lines for a shell. They include the key,
so do not print them into a log.`,
  examples: ['eval "$(offhook env)"'],
  options: {},
  settings: [],
  exitCodes: ["ok", "internal", "usage", "node"],
  async run(_input, { stdout, environment }) {
    const { readProfile, redirectVariables } = await import("@offhook/client");
    const variables = redirectVariables(await readProfile(environment), environment["NODE_OPTIONS"]);
    for (const [name, value] of Object.entries(variables)) {
      stdout.write(`export ${name}='${value.replaceAll("'", "'\\''")}'\n`);
    }
    return exitCodes.ok;
  },
});
