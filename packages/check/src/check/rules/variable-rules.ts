/** The variables of the service. Their values are measured, and never told. */
import { excerpt } from "@offhook/runtime/internal/printable";
import type { EnvRemark } from "@offhook/runtime/project";
import { suggest } from "@offhook/runtime/internal/suggestion";

import { variableUses } from "../../analysis/variable-uses.ts";
import { usesOf } from "../rule.ts";
import type { CheckedProject } from "../checked-project.ts";
import type { RuleFinding, Rule } from "../rule.ts";

const maxNameLength = 128;
const maxValueBytes = 450;
const maxContextBytes = 3000;

/** What stands in a context beside the variables. */
const ownKeys = new Set(["DOMAIN_NAME", "PATH", "SERVICE_SID", "ENVIRONMENT_SID", "getTwilioClient"]);
/** They come from the account there. */
const credentials = ["ACCOUNT_SID", "AUTH_TOKEN"];

export const variableRules: readonly Rule[] = [
  {
    id: "variable-unset",
    severity: "warning",
    contract: "row 110",
    page: "context.md",
    finds: "a variable that the code asks for, without a test or a fallback, and that the `.env` file does not have",
    next: "Add it to the .env file, and to the environment that you deploy to.",
    *find(project) {
      const { variables } = project.service;
      const names = Object.keys(variables);
      for (const { name, place, file, isOptional, count } of variableUses(project.sources, names)) {
        if (isOptional || Object.hasOwn(variables, name)) continue;
        const suggestion = suggest(name, names);
        const where = project.envFile ?? ".env";
        const more = count > 1 ? ` (${count} places)` : "";
        const question = suggestion === undefined ? "" : `; did you mean ${excerpt(suggestion, 60)}?`;
        yield { file, ...place, message: `${excerpt(name, 60)} is not set in ${where}${more}${question}` };
      }
    },
  },
  {
    id: "credentials-missing",
    severity: "warning",
    contract: "row 113",
    page: "context.md#gettwilioclientoptions",
    finds: "`getTwilioClient()` or `Runtime.getSync()` without `ACCOUNT_SID` and `AUTH_TOKEN` in the `.env` file",
    next: "Add both to .env. Hosted Functions have them of their own, unless the service excludes them.",
    *find(project) {
      const missing = credentials.filter((name) => !project.service.variables[name]);
      const [first] = [...usesOf(project, "context", "getTwilioClient"), ...usesOf(project, "Runtime", "getSync")];
      if (first === undefined || missing.length === 0) return;
      const { source, reference } = first;
      const { line, column } = reference.steps[1] ?? reference;
      yield { file: source.file, line, column, message: `This throws here: .env has no ${missing.join(" and no ")}` };
    },
  },
  {
    id: "variable-too-long",
    severity: "error",
    contract: "row 175",
    page: "check.md#offhook-check",
    finds: "a variable whose value has more than 450 bytes, or whose name has more than 128 characters",
    next: "Put what is large, such as a key, into a private asset.",
    *find({ service, envFile = ".env" }) {
      for (const [name, value] of Object.entries(service.variables)) {
        const bytes = Buffer.byteLength(value);
        const shown = excerpt(name, 60);
        if (bytes > maxValueBytes) {
          yield { file: envFile, message: `${shown} has ${bytes} bytes; hosted Functions take ${maxValueBytes}` };
        }
        if (name.length > maxNameLength) {
          yield {
            file: envFile,
            message: `${shown} has ${name.length} characters; hosted Functions take ${maxNameLength}`,
          };
        }
      }
    },
  },
  {
    id: "variables-too-large",
    severity: "error",
    contract: "row 117",
    page: "errors.md#context-too-large",
    finds: "variables of more than 3 kB in all",
    next: "Remove those that nothing uses, and put what is large into a private asset.",
    *find({ service, envFile = ".env" }) {
      const bytes = Buffer.byteLength(JSON.stringify(service.variables));
      if (bytes <= maxContextBytes) return;
      yield {
        file: envFile,
        message: `The variables have ${bytes} bytes; hosted Functions take about ${maxContextBytes}`,
      };
    },
  },
  {
    id: "variable-reserved",
    severity: "warning",
    contract: "row 112",
    page: "context.md",
    finds: "a variable with the name of something that `context` has anyway",
    next: "Give it another name, unless it is meant to replace that.",
    *find({ service, envFile = ".env" }) {
      for (const name of Object.keys(service.variables)) {
        if (ownKeys.has(name))
          yield { file: envFile, message: `${name} takes the place of what context has of that name` };
      }
    },
  },
  {
    id: "env-line",
    severity: "warning",
    contract: "§3",
    page: "settings.md#variables",
    finds: "a line of the `.env` file that sets nothing",
    next: "Write NAME=value, quote values of several lines, and begin comments with #.",
    *find(project) {
      yield* envFindings(project, (kind) => kind === "stray");
    },
  },
  {
    id: "env-value",
    severity: "warning",
    contract: "§3",
    page: "settings.md#variables",
    finds: "a value in the `.env` file that ends early, or that Twilio's tools read differently when they deploy it",
    next: "Close quotes in the same line, put comments on lines of their own, and leave out export and backticks.",
    *find(project) {
      yield* envFindings(project, (kind) => kind !== "stray");
    },
  },
];

function* envFindings(
  { envRemarks, envFile = ".env" }: CheckedProject,
  isIncluded: (kind: EnvRemark["kind"]) => boolean,
): Iterable<RuleFinding> {
  for (const { line, kind, text } of envRemarks) {
    if (isIncluded(kind)) yield { file: envFile, line, column: 1, message: text.replace(/\.$/, "") };
  }
}
