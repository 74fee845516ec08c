import { spawn } from "node:child_process";
import { constants } from "node:os";
import { OffhookError } from "@offhook/runtime/offhook-error";

import { command } from "../command.ts";

export default command({
  usage: "-- <program> [arguments]",
  positionals: ["program", "arguments"],
  takesProgram: true,
  about: `Runs a program so that its requests to Twilio's Serverless API go to your server instead, with your key.
It works with programs that run on Node: twilio-run, the Twilio CLI, npm scripts, the twilio library. All other
requests go where they would have gone.`,
  examples: ["offhook with -- npm run deploy", "offhook with -- npx twilio-run deploy"],
  options: {},
  settings: [],
  exitCodes: ["ok", "internal", "usage", "failed", "node"],
  async run({ positionals: [program, ...words] }, { environment }) {
    const { readProfile, redirectVariables } = await import("@offhook/client");
    if (program === undefined) throw new OffhookError("program-missing", "no program was named");
    const variables = redirectVariables(await readProfile(environment), environment["NODE_OPTIONS"]);
    const child = spawn(program, words, { stdio: "inherit", env: { ...environment, ...variables } });
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    // The terminal sends its own signals to both.
    process.on("SIGTERM", forward);
    process.on("SIGINT", ignore);
    try {
      return await new Promise((resolve, reject) => {
        child.once("error", ({ message }) => reject(new OffhookError("program-missing", message)));
        child.once("close", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
      });
    } finally {
      process.off("SIGTERM", forward);
      process.off("SIGINT", ignore);
    }
  },
});

function ignore(): void {
  // The program decides.
}
