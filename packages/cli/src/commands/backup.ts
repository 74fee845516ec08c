import { exitCodes } from "@offhook/runtime/errors";
import { OffhookError } from "@offhook/runtime/offhook-error";

import { command } from "../command.ts";
import { dataFolderOf, masterKeyFileIn, operatorOptions } from "../operators/actions.ts";
import { listingText } from "../operators/listing.ts";

export default command({
  usage: "<folder> [options]",
  positionals: ["folder"],
  about: `Copies the database and the artefacts of a server to a new folder. The server may run meanwhile.

The copy has no master key, unless you pass --with-key. Without the key, variables and tokens in the copy cannot be
read. Keep the key in another place than the copy.`,
  examples: ["offhook backup /backup/offhook-monday --data /var/lib/offhook"],
  options: {
    "with-key": { kind: "switch", description: "Also copy the master key." },
    ...operatorOptions,
  },
  settings: [],
  exitCodes: ["ok", "internal", "usage", "project"],
  async run({ positionals: [target], options }, { stdout, environment }) {
    if (target === undefined) throw new OffhookError("setting-invalid", "Missing argument: offhook backup <folder>.");
    const dataFolder = dataFolderOf(options.data, environment);
    const { writeBackup } = await import("@offhook/serve/operators/backup");
    const withKey = options["with-key"];
    const folder = await writeBackup({ dataFolder, target, withKey, masterKeyFile: masterKeyFileIn(environment) });
    const note = withKey ? "It has the master key." : "It has no master key: keep a copy of the key elsewhere.";
    stdout.write(
      options.json
        ? `${JSON.stringify({ folder, withKey })}\n`
        : listingText({ value: folder, lines: [`The backup is in ${folder}. ${note}`] }),
    );
    return exitCodes.ok;
  },
});
