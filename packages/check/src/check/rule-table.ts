/**
 * THE table of rules: one object each. The report, `--ignore` and the reference page are all made from it. To add a
 * rule, add an object to one of the lists. A test requires an example that the rule finds, and one that it ignores.
 */
import type { Rule } from "./rule.ts";
import { handlerRules } from "./rules/handler-rules.ts";
import { importRules } from "./rules/import-rules.ts";
import { packageRules } from "./rules/package-rules.ts";
import { platformRules } from "./rules/platform-rules.ts";
import { resourceRules } from "./rules/resource-rules.ts";
import { sourceRules } from "./rules/source-rules.ts";
import { environmentRules } from "./rules/environment-rules.ts";
import { variableRules } from "./rules/variable-rules.ts";

export const ruleTable: readonly Rule[] = [
  ...sourceRules,
  ...handlerRules,
  ...importRules,
  ...packageRules,
  ...resourceRules,
  ...variableRules,
  ...platformRules,
  ...environmentRules,
];
