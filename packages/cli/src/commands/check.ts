/**
 * `offhook check`: the parts of a project that would fail or behave differently on hosted Functions.
 */
import { exitCodes } from "@offhook/runtime/errors";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { suggest } from "@offhook/runtime/internal/suggestion";
import { loadSettings } from "@offhook/runtime/settings";

import { command } from "../command.ts";
import { writeWrapped } from "../screen/screen.ts";

export default command({
  usage: "[folder] [options]",
  positionals: ["folder"],
  about: `Reads a project without running it. Reports what would fail on hosted Functions (error), what behaves
differently there or is probably a mistake (warning), what is good to know (info), and which features
of the platform it uses. Each finding names its file, its line, and its rule in brackets.

Names that exist only while the code runs, as in require(name) or context[name], are not checked.`,
  examples: ["offhook check", "offhook check my-project --strict --ignore engines-node-default"],
  options: {
    strict: { kind: "switch", description: `Also exit with ${exitCodes.findings} if there are only warnings.` },
    ignore: { kind: "list", placeholder: "rule", description: "Skip a rule. May be given several times." },
    json: { kind: "switch", description: "Print all findings as one line of JSON." },
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
    if (json) stdout.write(jsonReport(result));
    else writeWrapped(stdout, textReport(result));
    const isBad = countOf(result.findings, "error") > 0 || (strict && countOf(result.findings, "warning") > 0);
    return isBad ? exitCodes.findings : exitCodes.ok;
  },
});

function refuseUnknown(ignored: readonly string[], rules: readonly string[]): void {
  for (const id of ignored) {
    if (rules.includes(id)) continue;
    const suggestion = suggest(id, rules);
    const question = suggestion === undefined ? "" : ` Did you mean ${suggestion}?`;
    const problem = `Invalid value for --ignore: "${id}". Expected the name of a rule.`;
    throw new OffhookError("setting-invalid", problem + question);
  }
}
