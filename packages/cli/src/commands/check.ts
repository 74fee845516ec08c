/**
 * `offhook check`: what of a project would be different, or fail, on hosted Functions.
 */
import { exitCodes } from "@offhook/runtime/errors";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { suggest } from "@offhook/runtime/internal/suggestion";
import { loadSettings } from "@offhook/runtime/settings";

import { command } from "../command.ts";

export default command({
  usage: "[folder] [options]",
  positionals: ["folder"],
  about: `Reads a project, without running any of it, and tells what would fail on hosted Functions (error),
what behaves differently there, or is probably not what was meant (warning), what is good to know
(info), and what it uses of the platform. Each finding has its file and line, and its rule in brackets.

What is decided only when the code runs, such as require(name) or context[name], is not guessed at.`,
  options: {
    strict: { kind: "switch", description: `Exit with ${exitCodes.findings} also if there are only warnings.` },
    ignore: { kind: "list", placeholder: "rule", description: "Leave a rule out; may be given several times." },
    json: { kind: "switch", description: "Print all that was found as one line of JSON." },
  },
  settings: ["env", "functionsFolder", "assetsFolder"],
  exitCodes: ["ok", "internal", "usage", "project", "node", "findings"],
  async run({ positionals: [folder = "."], flags, options: { strict, ignore, json } }, { stdout, environment }) {
    const [{ check }, { readCheckedProject }, { ruleTable }, { countOf, jsonReport, textReport }] = await Promise.all([
      import("@offhook/check"),
      import("@offhook/check/checked-project"),
      import("@offhook/check/rule-table"),
      import("@offhook/check/report"),
    ]);
    refuseUnknown(
      ignore,
      ruleTable.map(({ id }) => id),
    );
    const settings = await loadSettings(folder, { flags, environment });
    const result = check(await readCheckedProject(folder, settings), ignore);
    stdout.write(json ? jsonReport(result) : textReport(result));
    const isBad = countOf(result.findings, "error") > 0 || (strict && countOf(result.findings, "warning") > 0);
    return isBad ? exitCodes.findings : exitCodes.ok;
  },
});

function refuseUnknown(ignored: readonly string[], rules: readonly string[]): void {
  for (const id of ignored) {
    if (rules.includes(id)) continue;
    const suggestion = suggest(id, rules);
    const question = suggestion === undefined ? "" : `; did you mean ${suggestion}?`;
    throw new OffhookError("setting-invalid", `--ignore is "${id}"; it takes the name of a rule${question}`);
  }
}
