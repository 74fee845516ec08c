import { command } from "../command.ts";
import { replay } from "../replay/replay.ts";

export default command({
  usage: "[id] [folder] [options]",
  positionals: ["id", "folder"],
  about: `Repeats a request that offhook dev recorded. Sends it to offhook dev if that is running, otherwise to the function
alone, as invoke does. A signed request gets a new signature. The reply's body goes to standard output,
everything else to standard error.`,
  options: {
    json: { kind: "switch", description: "Print one line of JSON: id, status, headers, body." },
  },
  settings: ["env", "functionsFolder", "assetsFolder"],
  notes: `The id is the full id, the four characters from the log, or last, which is the default.
The last request is never an asset or an automatic request of a browser, such as /favicon.ico.

Examples:
  offhook replay
  offhook replay 3f2a my-project`,
  exitCodes: ["ok", "internal", "usage", "project", "node", "failed"],
  run: replay,
});
