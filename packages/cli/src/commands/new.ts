/**
 * `offhook new`: one more function or asset.
 */
import { command } from "../command.ts";
import { skeletonNames } from "../new/skeleton-names.ts";

export default command({
  usage: "function|asset <path> [options]",
  positionals: ["function|asset", "path"],
  about: `Adds a function or an asset to the project in the current folder: where its others are, in their
language, with the folders that it takes. Nothing is overwritten, and no path is claimed twice.

The path is that of the URL without its leading slash: sms/reply. An asset has its extension:
images/logo.svg.`,
  options: {
    protected: { kind: "switch", description: "Only requests that Twilio has signed get to it." },
    private: { kind: "switch", description: "It has no URL: other functions load it." },
    typescript: { kind: "switch", description: "In TypeScript, whatever the others are." },
    as: {
      kind: "text",
      placeholder: "kind",
      choices: skeletonNames,
      description: `What the function is for: ${skeletonNames.join(", ")}. Usually json.`,
    },
    json: { kind: "switch", description: "Print what was made as one line of JSON." },
  },
  settings: ["functionsFolder", "assetsFolder"],
  notes: `Examples:
  offhook new function sms/reply --as sms --protected
  offhook new function common/hours --private
  offhook new asset index.html`,
  exitCodes: ["ok", "internal", "usage", "project", "node"],
  async run(input, context) {
    const { makeNew } = await import("../new/new.ts");
    return await makeNew(input, context);
  },
});
