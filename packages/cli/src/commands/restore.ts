import { exitCodes } from "@offhook/runtime/errors";
import { OffhookError } from "@offhook/runtime/offhook-error";

import { command } from "../command.ts";
import { dataFolderOf, masterKeyFileIn, operatorOptions } from "../operators/actions.ts";

export default command({
  usage: "<folder> [options]",
  positionals: ["folder"],
  about: `Makes a data folder from a backup. The folder must be missing or empty.

If the backup has no master key, OFFHOOK_MASTER_KEY_FILE must name the file that has it.`,
  examples: ["offhook restore /backup/offhook-monday --data /var/lib/offhook"],
  options: operatorOptions,
  settings: [],
  exitCodes: ["ok", "internal", "usage", "project"],
  async run({ positionals: [source], options }, { stdout, environment }) {
    if (source === undefined) throw new OffhookError("setting-invalid", "Missing argument: offhook restore <folder>.");
    const dataFolder = dataFolderOf(options.data, environment);
    const { restoreBackup } = await import("@offhook/serve/operators/backup");
    await restoreBackup({ source, dataFolder, masterKeyFile: masterKeyFileIn(environment) });
    stdout.write(
      options.json
        ? `${JSON.stringify({ dataFolder })}\n`
        : `Restored to ${dataFolder}. Start the server: offhook serve --data ${dataFolder}\n`,
    );
    return exitCodes.ok;
  },
});
