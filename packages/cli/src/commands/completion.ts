import { exitCodes } from "@offhook/runtime/errors";
import { OffhookError } from "@offhook/runtime/offhook-error";

import { command } from "../command.ts";
import { bashScript } from "../completion/bash.ts";
import { readCandidates } from "../completion/candidates.ts";
import { fishScript } from "../completion/fish.ts";
import { zshScript } from "../completion/zsh.ts";

const scripts = new Map([
  ["bash", bashScript],
  ["zsh", zshScript],
  ["fish", fishScript],
]);

export default command({
  usage: "<bash|zsh|fish> [options]",
  positionals: ["bash|zsh|fish"],
  about: "Prints a script for your shell that completes commands, options and their values.",
  examples: ["offhook completion bash"],
  options: {
    json: { kind: "switch", description: "Print commands, options and their values as one line of JSON instead." },
  },
  settings: [],
  notes: `To install it for each new shell:
  bash  echo 'source <(offhook completion bash)' >> ~/.bashrc
  zsh   offhook completion zsh > "\${fpath[1]}/_offhook"
  fish  offhook completion fish > ~/.config/fish/completions/offhook.fish`,
  exitCodes: ["ok", "internal", "usage", "node"],
  async run({ positionals: [shell], options: { json } }, { stdout }, table) {
    if (json) {
      stdout.write(`${JSON.stringify({ commands: await readCandidates(table) })}\n`);
      return exitCodes.ok;
    }
    const script = scripts.get(shell ?? "");
    if (script === undefined) {
      const problem = shell === undefined ? "Missing argument: a shell." : `Unknown shell: "${shell}".`;
      throw new OffhookError("setting-invalid", `${problem} Expected bash, zsh or fish.`);
    }
    stdout.write(script(await readCandidates(table)));
    return exitCodes.ok;
  },
});
