/** The variables of the service, and the file they are in. Names, lengths and shapes are told, never a value. */
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

/** What asks for them is the platform, or a package. */
const platformKeys =
  /^(?:ACCOUNT_SID|AUTH_TOKEN|DOMAIN_NAME|PATH|SERVICE_SID|ENVIRONMENT_SID|TZ|LANG|NODE_\w+|TWILIO_(?:REGION|EDGE|SERVICE_\w+)|ENABLE_LOCAL_LOGGING|\w*_PROXY)$/;

const gitMs = 5_000;

export const variableExaminations: readonly Examination[] = [
  {
    id: "variables-unset",
    looksAt: "variables that the code asks for, without a fallback, and that are not set",
    examine({ project, sources }) {
      if (project === undefined) return [];
      const { variables } = project.service;
      const names = Object.keys(variables);
      const uses = variableUses(sources, names).filter(({ isOptional }) => !isOptional);
      const missing = uses.map(({ name }) => name).filter((name) => !Object.hasOwn(variables, name));
      if (uses.length === 0) return [ok("No variable is asked for that has to be set")];
      if (missing.length === 0) return [ok(`All variables that are asked for are set (${uses.length})`)];
      const descriptions = missing.map((name) => {
        const suggestion = suggest(name, names);
        return `${excerpt(name, 60)}${suggestion === undefined ? "" : ` (did you mean ${excerpt(suggestion, 60)}?)`}`;
      });
      return [warning(`Asked for and not set: ${listed(descriptions)}`, `In .env: ${excerpt(missing[0] ?? "", 60)}=…`)];
    },
  },
  {
    id: "variables-unused",
    looksAt: "variables that are set, and that nothing in the project asks for by name",
    examine({ project, sources }) {
      if (project === undefined || project.envFile === undefined || asksForAny(sources)) return [];
      const names = Object.keys(project.service.variables);
      const used = new Set(variableUses(sources, names).map(({ name }) => name));
      const unused = names
        .filter((name) => !used.has(name) && !platformKeys.test(name))
        .map((name) => excerpt(name, 60));
      if (unused.length === 0) return [ok("Nothing is set that nobody asks for")];
      const message = `Set, and not asked for in the project (packages may do so): ${listed(unused)}`;
      return [warning(message, "Remove them from .env, if that is not meant.")];
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
            : [problem(`${name} is not set, and ${why}`, `In .env: ${name}=…, from the Twilio Console`)];
        }
        const fault = credentialFault(name, value);
        return fault === undefined
          ? []
          : [warning(`${name} ${fault}`, "Copy it anew from the Twilio Console, without quotes or blanks.")];
      });
      if (results.length > 0) return results;
      const areSet = Boolean(variables["ACCOUNT_SID"] && variables["AUTH_TOKEN"]);
      return [
        ok(areSet ? "ACCOUNT_SID and AUTH_TOKEN have the shape of such" : "ACCOUNT_SID and AUTH_TOKEN are not needed"),
      ];
    },
  },
  {
    id: "env-file",
    looksAt: "the `.env` file: whether git would publish it, and who may read it",
    async examine({ project, folder }) {
      const file = project?.envFile;
      if (project === undefined || file === undefined)
        return project === undefined ? [] : [ok("There is no .env file")];
      const shown = excerpt(relative(folder, file), 80);
      const results: Result[] = [];
      const git = await gitState(folder, file);
      const token = project.service.variables["AUTH_TOKEN"];
      // A placeholder may be published.
      const hasToken = token !== undefined && credentialFault("AUTH_TOKEN", token) === undefined;
      const nextOf = `git rm --cached ${shown}; echo '${shown}' >> .gitignore; and change what was secret in it`;
      if (git === "tracked") results.push((hasToken ? problem : warning)(`${shown} is in git`, nextOf));
      if (git === "untracked") results.push(warning(`${shown} is not ignored by git`, `echo '${shown}' >> .gitignore`));
      const { mode } = await stat(file);
      if (process.platform !== "win32" && (mode & 0o004) !== 0) {
        results.push(warning(`${shown} may be read by every user of this machine`, `chmod 600 ${shown}`));
      }
      return results.length > 0 ? results : [ok(`${shown} is nobody else's`)];
    },
  },
];

/** `context[name]`: who knows which. */
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

/** Name → why. */
function neededCredentials({ project, sources }: ExaminedProject): Map<string, string> {
  const needed = new Map<string, string>();
  const resources = [...(project?.service.functions ?? []), ...(project?.service.assets ?? [])];
  if (resources.some(({ visibility }) => visibility === "protected")) {
    needed.set("AUTH_TOKEN", "signatures of protected functions are checked with it");
  }
  const isClient = sources.some(({ facts }) =>
    facts.references.some(
      (each) => beginsWith(each, "context", "getTwilioClient") || beginsWith(each, "Runtime", "getSync"),
    ),
  );
  if (isClient)
    for (const name of ["ACCOUNT_SID", "AUTH_TOKEN"]) needed.set(name, "a function makes a client of Twilio's API");
  return needed;
}

/** Undefined where there is no repository, or no git. */
async function gitState(folder: string, file: string): Promise<"tracked" | "ignored" | "untracked" | undefined> {
  // What the repository's own configuration would run is not run.
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
