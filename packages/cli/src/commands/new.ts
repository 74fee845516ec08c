/**
 * `offhook new`: adds a function or an asset.
 */
import { command } from "../command.ts";
import { skeletonNames } from "../new/skeleton-names.ts";

export default command({
  usage: "function|asset <path> [options]",
  positionals: ["function|asset", "path"],
  about: `Adds a function or an asset to the project in the current folder: beside the existing ones, in their
language. Creates missing folders, overwrites nothing, and refuses a path that is taken.

The path is that of the URL without its leading slash: sms/reply. The path of an asset has its extension:
images/logo.svg.`,
  examples: [
    "offhook new function sms/reply --as sms --protected",
    "offhook new function common/hours --private",
    "offhook new asset index.html",
  ],
  options: {
    protected: { kind: "switch", description: "Only requests that Twilio signed reach it." },
    private: { kind: "switch", description: "It has no URL. Other functions load it." },
    typescript: { kind: "switch", description: "Write TypeScript, even if the other functions are JavaScript." },
    as: {
      kind: "text",
      placeholder: "kind",
      choices: skeletonNames,
      description: `The kind of function: ${skeletonNames.join(", ")}. [json]`,
    },
    json: { kind: "switch", description: "Print the result as one line of JSON." },
  },
  settings: ["functionsFolder", "assetsFolder"],
  exitCodes: ["ok", "internal", "usage", "project", "node"],
  async run(input, context) {
    const { makeNew } = await import("../new/new.ts");
    return await makeNew(input, context);
  },
});
