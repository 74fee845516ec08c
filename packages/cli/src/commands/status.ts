import { command } from "../command.ts";
import { operatorOptions, runInOffice } from "../operators/actions.ts";

export default command({
  usage: "[options]",
  positionals: [],
  about: "Shows whether a server runs on a data folder, and what the folder holds.",
  examples: ["offhook status --data /var/lib/offhook"],
  options: operatorOptions,
  settings: [],
  exitCodes: ["ok", "internal", "usage", "project"],
  async run({ options }, context) {
    const { readStatus } = await import("@offhook/serve/operators/reports");
    return await runInOffice(options, context, async (office) => ({ value: await readStatus(office) }));
  },
});
