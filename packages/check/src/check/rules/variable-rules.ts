/** The variables of the service. Rules measure values, but never show them. */
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

/** Keys of `context` that are not variables. */
const ownKeys = new Set(["DOMAIN_NAME", "PATH", "SERVICE_SID", "ENVIRONMENT_SID", "getTwilioClient"]);
/** Hosted Functions get them from the account. */
const credentials = ["ACCOUNT_SID", "AUTH_TOKEN"];

export const variableRules: readonly Rule[] = [
  {
    id: "variable-unset",
    severity: "warning",
    contract: "row 110",
    page: "context.md",
    finds: "a variable that the code uses without a test or a fallback, and that is not set in the `.env` file",
    next: "Add it to the .env file, and set it in the environment that you deploy to.",
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
    next: "Add both to .env. On hosted Functions they are set automatically, unless the service excludes them.",
    *find(project) {
      const missing = credentials.filter((name) => !project.service.variables[name]);
      const [first] = [...usesOf(project, "context", "getTwilioClient"), ...usesOf(project, "Runtime", "getSync")];
      if (first === undefined || missing.length === 0) return;
      const { source, reference } = first;
      const { line, column } = reference.steps[1] ?? reference;
      yield {
        file: source.file,
        line,
        column,
        message: `This throws here, because .env has no ${missing.join(" and no ")}`,
      };
    },
  },
  {
    id: "variable-too-long",
    severity: "error",
    contract: "row 175",
    page: "check.md#offhook-check",
    finds: "a variable whose value has more than 450 bytes, or whose name has more than 128 characters",
    next: "Put large values, such as keys, into a private asset.",
    *find({ service, envFile = ".env" }) {
      for (const [name, value] of Object.entries(service.variables)) {
        const bytes = Buffer.byteLength(value);
        const shown = excerpt(name, 60);
        if (bytes > maxValueBytes) {
          yield {
            file: envFile,
            message: `${shown} has ${bytes} bytes; the limit of hosted Functions is ${maxValueBytes}`,
          };
        }
        if (name.length > maxNameLength) {
          yield {
            file: envFile,
            message: `${shown} has ${name.length} characters; the limit of hosted Functions is ${maxNameLength}`,
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
    finds: "variables with a total of more than 3 kB",
    next: "Remove unused variables, and put large values into a private asset.",
    *find({ service, envFile = ".env" }) {
      const bytes = Buffer.byteLength(JSON.stringify(service.variables));
      if (bytes <= maxContextBytes) return;
      yield {
        file: envFile,
        message: `The variables have ${bytes} bytes; the limit of hosted Functions is about ${maxContextBytes}`,
      };
    },
  },
  {
    id: "variable-reserved",
    severity: "warning",
    contract: "row 112",
    page: "context.md",
    finds: "a variable with the name of a built-in property of `context`",
    next: "Rename it, unless you want to replace the built-in value.",
    *find({ service, envFile = ".env" }) {
      for (const name of Object.keys(service.variables)) {
        if (ownKeys.has(name)) yield { file: envFile, message: `${name} replaces the built-in context.${name}` };
      }
    },
  },
  {
    id: "env-line",
    severity: "warning",
    contract: "§3",
    page: "settings.md#variables",
    finds: "a line of the `.env` file that sets nothing",
    next: "Write NAME=value, quote values of several lines, and start comments with #.",
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
    next: "Close quotes on the same line, put comments on separate lines, and leave out export and backticks.",
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
