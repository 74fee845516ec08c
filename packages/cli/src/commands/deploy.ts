import { exitCodes } from "@offhook/runtime/errors";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { loadSettings } from "@offhook/runtime/settings";

import { command } from "../command.ts";
import type { DeployOptions } from "../deploy/deploy.ts";

export default command({
  usage: "[folder] [options]",
  positionals: ["folder"],
  about: `Deploys a project to the server that you logged in to. It makes the service and the environment if they do not
exist. Variables come from .env, dependencies from package.json, and settings of the service from offhook.json.
Environments have the same names as those of twilio-run, so both tools can deploy to one.`,
  examples: [
    "offhook deploy",
    "offhook deploy --production",
    "offhook deploy --preview my-branch",
    "offhook deploy --watch",
  ],
  options: {
    service: { kind: "text", placeholder: "name", description: "The service. Default: the name in package.json." },
    environment: { kind: "text", placeholder: "suffix", description: "The environment. Default: dev." },
    production: { kind: "switch", description: "Deploy to the environment without a suffix." },
    preview: {
      kind: "text",
      placeholder: "name",
      description: "Deploy to an environment of its own, such as one for a branch.",
    },
    delete: { kind: "switch", description: "Delete the environment of --preview." },
    "replace-variables": {
      kind: "switch",
      description: "Remove variables of the environment that .env does not have.",
    },
    runtime: {
      kind: "text",
      placeholder: "name",
      description: "Such as node22. Default: from engines in package.json.",
    },
    watch: { kind: "switch", short: "w", description: "Deploy again after each change, until Ctrl+C." },
    "dry-run": { kind: "switch", description: "Print what would be deployed, and send nothing." },
    json: { kind: "switch", description: "Print each result as one line of JSON." },
  },
  settings: ["env", "functionsFolder", "assetsFolder"],
  exitCodes: ["ok", "internal", "usage", "project", "node", "failed"],
  async run({ positionals: [folder = "."], flags, options }, context) {
    refuseMixed(options);
    const { deployOnce, deployWatching, deletePreview, printPlan } = await import("../deploy/deploy.ts");
    const settings = await loadSettings(folder, { flags, environment: context.environment });
    const input = { folder, settings, options, context };
    if (options.delete) await deletePreview(input);
    else if (options["dry-run"]) await printPlan(input);
    else if (options.watch) await deployWatching(input);
    else await deployOnce(input);
    return exitCodes.ok;
  },
});

function refuseMixed(options: DeployOptions): void {
  const places = [
    ...(options.environment === undefined ? [] : ["--environment"]),
    ...(options.production ? ["--production"] : []),
    ...(options.preview === undefined ? [] : ["--preview"]),
  ];
  if (places.length > 1) throw new OffhookError("setting-invalid", `Use only one of ${places.join(" and ")}.`);
  if (options.delete && options.preview === undefined) {
    throw new OffhookError("setting-invalid", "--delete needs the name of a preview: --preview my-branch --delete.");
  }
  if (options.delete && (options.watch || options["dry-run"])) {
    throw new OffhookError("setting-invalid", "--delete goes with neither --watch nor --dry-run.");
  }
  if (options.watch && options["dry-run"]) {
    throw new OffhookError("setting-invalid", "Use only one of --watch and --dry-run.");
  }
}
