/** Examines the variables of the service, and their file. Results show names, lengths and shapes, but never a value. */
import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { relative } from "node:path";
import { promisify } from "node:util";

import { excerpt } from "@offhook/runtime/internal/printable";
import { suggest } from "@offhook/runtime/internal/suggestion";

import { beginsWith } from "../analysis/facts.ts";
import { variableUses } from "../analysis/variable-uses.ts";
import { credentialFault } from "./credential-shape.ts";
import { listed, ok, problem, warning } from "./result.ts";
import type { Examination } from "./examination.ts";
import type { Result } from "./result.ts";
import type { ExaminedProject } from "./examined-project.ts";

/** Variables that the platform or a package uses. The project's code does not have to. */
const platformKeys =
  /^(?:ACCOUNT_SID|AUTH_TOKEN|DOMAIN_NAME|PATH|SERVICE_SID|ENVIRONMENT_SID|TZ|LANG|NODE_\w+|TWILIO_(?:REGION|EDGE|SERVICE_\w+)|ENABLE_LOCAL_LOGGING|\w*_PROXY)$/;

const gitMs = 5_000;

export const variableExaminations: readonly Examination[] = [
  {
    id: "variables-unset",
    looksAt: "variables that the code uses without a fallback, and that are not set",
    examine({ project, sources }) {
      if (project === undefined) return [];
      const { variables } = project.service;
      const names = Object.keys(variables);
      const uses = variableUses(sources, names).filter(({ isOptional }) => !isOptional);
      const missing = uses.map(({ name }) => name).filter((name) => !Object.hasOwn(variables, name));
      if (uses.length === 0) return [ok("The code needs no variables")];
      if (missing.length === 0) return [ok(`All required variables are set (${uses.length})`)];
      const descriptions = missing.map((name) => {
        const suggestion = suggest(name, names);
        return `${excerpt(name, 60)}${suggestion === undefined ? "" : ` (did you mean ${excerpt(suggestion, 60)}?)`}`;
      });
      return [
        warning(
          `Required variables that are not set: ${listed(descriptions)}`,
          `In .env: ${excerpt(missing[0] ?? "", 60)}=…`,
        ),
      ];
    },
  },
  {
    id: "variables-unused",
    looksAt: "variables that are set, but that nothing in the project uses by name",
    examine({ project, sources }) {
      if (project === undefined || project.envFile === undefined || asksForAny(sources)) return [];
      const names = Object.keys(project.service.variables);
      const used = new Set(variableUses(sources, names).map(({ name }) => name));
      const unused = names
        .filter((name) => !used.has(name) && !platformKeys.test(name))
        .map((name) => excerpt(name, 60));
      if (unused.length === 0) return [ok("No unused variables in .env")];
      const message = `Set, but not used in the project (packages may use them): ${listed(unused)}`;
      return [warning(message, "Remove them from .env if nothing needs them.")];
    },
  },
  {
    id: "credentials",
    looksAt: "the shape of `ACCOUNT_SID` and `AUTH_TOKEN`, where they are needed",
    examine(examined) {
      const { project } = examined;
      if (project === undefined) return [];
      const { variables } = project.service;
      const needed = neededCredentials(examined);
      const results = (["ACCOUNT_SID", "AUTH_TOKEN"] as const).flatMap((name): Result[] => {
        const value = variables[name];
        const why = needed.get(name);
        if (value === undefined || value === "") {
          return why === undefined
            ? []
            : [problem(`${name} is not set, but ${why}`, `In .env: ${name}=…, from the Twilio Console`)];
        }
        const fault = credentialFault(name, value);
        return fault === undefined
          ? []
          : [warning(`${name} ${fault}`, "Copy it again from the Twilio Console, without quotes or spaces.")];
      });
      if (results.length > 0) return results;
      const areSet = Boolean(variables["ACCOUNT_SID"] && variables["AUTH_TOKEN"]);
      return [ok(areSet ? "ACCOUNT_SID and AUTH_TOKEN look valid" : "ACCOUNT_SID and AUTH_TOKEN are not needed")];
    },
  },
  {
    id: "env-file",
    looksAt: "the `.env` file: whether it is in git, and who can read it",
    async examine({ project, folder }) {
      const file = project?.envFile;
      if (project === undefined || file === undefined)
        return project === undefined ? [] : [ok("There is no .env file")];
      const shown = excerpt(relative(folder, file), 80);
      const results: Result[] = [];
      const git = await gitState(folder, file);
      const token = project.service.variables["AUTH_TOKEN"];
      // A placeholder is safe to publish.
      const hasToken = token !== undefined && credentialFault("AUTH_TOKEN", token) === undefined;
      const nextOf = `git rm --cached ${shown}; echo '${shown}' >> .gitignore; and replace the secrets in it`;
      if (git === "tracked") results.push((hasToken ? problem : warning)(`${shown} is in git`, nextOf));
      if (git === "untracked") results.push(warning(`${shown} is not ignored by git`, `echo '${shown}' >> .gitignore`));
      const { mode } = await stat(file);
      if (process.platform !== "win32" && (mode & 0o004) !== 0) {
        results.push(warning(`Every user of this machine can read ${shown}`, `chmod 600 ${shown}`));
      }
      return results.length > 0 ? results : [ok(`Only you can read ${shown}`)];
    },
  },
];

/** Whether the code reads a variable by a computed name, as in `context[name]`. */
function asksForAny(sources: ExaminedProject["sources"]): boolean {
  return sources.some(({ facts }) =>
    facts.references.some((reference) => {
      const { steps } = reference;
      const behind = beginsWith(reference, "context")
        ? steps[1]
        : beginsWith(reference, "process", "env")
          ? steps[2]
          : steps[0];
      return behind !== undefined && behind.name === undefined;
    }),
  );
}

/** Maps names to reasons. */
function neededCredentials({ project, sources }: ExaminedProject): Map<string, string> {
  const needed = new Map<string, string>();
  const resources = [...(project?.service.functions ?? []), ...(project?.service.assets ?? [])];
  if (resources.some(({ visibility }) => visibility === "protected")) {
    needed.set("AUTH_TOKEN", "protected functions need it to check signatures");
  }
  const isClient = sources.some(({ facts }) =>
    facts.references.some(
      (each) => beginsWith(each, "context", "getTwilioClient") || beginsWith(each, "Runtime", "getSync"),
    ),
  );
  if (isClient)
    for (const name of ["ACCOUNT_SID", "AUTH_TOKEN"]) needed.set(name, "a function creates a Twilio client");
  return needed;
}

/** Undefined without a repository, or without git. */
async function gitState(folder: string, file: string): Promise<"tracked" | "ignored" | "untracked" | undefined> {
  // Do not run the file monitor that the repository's own configuration may set.
  const git = (...args: string[]): Promise<number> =>
    promisify(execFile)("git", ["-c", "core.fsmonitor=false", "-C", folder, ...args], { timeout: gitMs }).then(
      () => 0,
      ({ code }: { code?: unknown }) => (typeof code === "number" ? code : -1),
    );
  if ((await git("rev-parse", "--is-inside-work-tree")) !== 0) return undefined;
  if ((await git("ls-files", "--error-unmatch", "--", file)) === 0) return "tracked";
  const ignored = await git("check-ignore", "-q", "--", file);
  return ignored === 0 ? "ignored" : ignored === 1 ? "untracked" : undefined;
}
