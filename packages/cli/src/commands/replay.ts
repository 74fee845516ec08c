import { command } from "../command.ts";
import { replay } from "../replay/replay.ts";

export default command({
  usage: "[id] [folder] [options]",
  positionals: ["id", "folder"],
  about: `Sends a request that offhook dev has kept once more: to offhook dev, where it runs, else to the function alone, as invoke does.
One that was signed is signed anew. The reply's body goes to standard output, everything else to standard error.`,
  options: {
    json: { kind: "switch", description: "Print one line of JSON: id, status, headers, body." },
  },
  settings: ["env", "functionsFolder", "assetsFolder"],
  notes: `The id is the whole one, the four characters of the log, or last, which it is unless named.

Examples:
  offhook replay
  offhook replay 3f2a my-project`,
  exitCodes: ["ok", "internal", "usage", "project", "node", "failed"],
  run: replay,
});
