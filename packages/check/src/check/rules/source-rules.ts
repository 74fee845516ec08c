/** Whether hosted Functions can run a file. */
import { excerpt } from "@offhook/runtime/internal/printable";
import type { CheckedProject, CheckedSource } from "../checked-project.ts";
import { at } from "../rule.ts";
import type { Rule } from "../rule.ts";

/** Files in TypeScript that would be deployed. */
function typedResources({ sources }: CheckedProject): CheckedSource[] {
  return sources.filter(({ isTypeScript, resource }) => isTypeScript && resource !== undefined);
}

/**
 * The script that serves the project with Offhook. Undefined if there is none, or if the project is also deployed: hosted
 * Functions require the runtime handler.
 */
function servingScript({ manifest }: CheckedProject): string | undefined {
  if (manifest === undefined) return undefined;
  const { scripts, dependencies, devDependencies } = manifest;
  const isDeployed =
    ["@twilio/runtime-handler", "twilio-run"].some((name) => name in dependencies || name in devDependencies) ||
    Object.values(scripts).some((text) => /\btwilio\b.*\bdeploy\b/.test(text));
  return isDeployed ? undefined : Object.keys(scripts).find((name) => /\boffhook start\b/.test(scripts[name] ?? ""));
}

export const sourceRules: readonly Rule[] = [
  {
    id: "syntax",
    severity: "error",
    contract: "row 32",
    page: "errors.md#function-load-failed",
    finds: "a file that cannot be parsed",
    next: "Fix the syntax error at that place.",
    *find({ sources }) {
      for (const { file, problem } of sources) {
        if (problem?.kind !== "syntax") continue;
        const { line, column, message, frame } = problem;
        yield { file, line, column, message, ...(frame !== undefined && { frame }) };
      }
    },
  },
  {
    id: "source-unread",
    severity: "warning",
    contract: "",
    page: "check.md#offhook-check",
    finds: "a file that was not checked, because it cannot be read or is too large",
    next: "Check that this user may read it. Files of more than a megabyte are not checked; for a bundle, check its sources.",
    *find({ sources, isCut }) {
      for (const { file, problem } of sources) {
        if (problem === undefined || problem.kind === "syntax") continue;
        const reason = problem.kind === "unreadable" ? "cannot be read" : "is too large";
        yield { file, message: `${reason} (${problem.message}), so it was not checked` };
      }
      if (isCut) yield { file: ".", message: "has too many files; some were not checked" };
    },
  },
  {
    id: "typescript",
    severity: "error",
    contract: "§11, TypeScript",
    page: "typescript.md#where-we-differ-from-hosted-functions",
    finds: "a function or an asset in TypeScript",
    next: "Compile it to CommonJS before you deploy it.",
    *find(project) {
      if (servingScript(project) !== undefined) return;
      for (const { file } of typedResources(project)) {
        yield { file, message: "is TypeScript, but hosted Functions only run JavaScript" };
      }
    },
  },
  {
    id: "typescript-served",
    severity: "info",
    contract: "§11, TypeScript",
    page: "typescript.md#where-we-differ-from-hosted-functions",
    finds: "TypeScript in a project that a script serves with `offhook start`, and that no script deploys",
    next: "Nothing while Offhook serves the project. Compile it to CommonJS before you deploy it to hosted Functions.",
    *find(project) {
      const script = servingScript(project);
      const count = typedResources(project).length;
      if (project.manifest === undefined || script === undefined || count === 0) return;
      const what = count === 1 ? "1 file is TypeScript, which" : `${count} files are TypeScript, which`;
      const line = project.manifest.lineOf(script);
      yield {
        file: "package.json",
        line,
        column: 1,
        message: `${what} Offhook serves as it is. Hosted Functions do not`,
      };
    },
  },
  {
    id: "build-output",
    severity: "warning",
    contract: "§11, TypeScript",
    page: "check.md#projects-with-a-build",
    finds: "missing or outdated build output of TypeScript sources",
    next: "Run the build, then check again.",
    *find({ build }) {
      if (build === undefined) return;
      const run = build.command === undefined ? "" : `: run ${build.command}`;
      if (!build.isThere) {
        const message = `The build output is missing${run}. Rules that need the output were skipped`;
        yield { file: build.functionsFolder, message };
      }
      for (const file of build.outdated) {
        yield {
          file,
          message: `is newer than its build output in ${excerpt(build.functionsFolder, 80)}${run}`,
        };
      }
    },
  },
  {
    id: "es-module",
    severity: "error",
    contract: "row 189",
    page: "handler.md#es-modules",
    finds: "an ES module: a file with `import` or `export` statements, or an `.mjs` file",
    next: "Use require() and exports. For packages that are ES modules, use await import() inside the handler.",
    *find({ sources }) {
      for (const source of sources) {
        if (source.isTypeScript || source.resource === undefined) continue;
        const place = source.facts.moduleSyntax ?? (source.file.endsWith(".mjs") ? { line: 1, column: 1 } : undefined);
        if (place !== undefined)
          yield at(source, place, "This is an ES module, but hosted Functions only run CommonJS");
      }
    },
  },
];
