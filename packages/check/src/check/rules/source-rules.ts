/** Whether a file is what hosted Functions run. */
import { excerpt } from "@offhook/runtime/internal/printable";
import { at } from "../rule.ts";
import type { Rule } from "../rule.ts";

export const sourceRules: readonly Rule[] = [
  {
    id: "syntax",
    severity: "error",
    contract: "row 32",
    page: "errors.md#function-load-failed",
    finds: "a file that cannot be parsed",
    next: "Mend it at that place.",
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
    finds: "a file that cannot be read, or is too large to be looked at: nothing is known of it",
    next: "Check that this user may read it. Bundles of more than a megabyte are not looked into: check what they are made of.",
    *find({ sources, isCut }) {
      for (const { file, problem } of sources) {
        if (problem === undefined || problem.kind === "syntax") continue;
        const reason = problem.kind === "unreadable" ? "cannot be read" : "is too large";
        yield { file, message: `${reason} (${problem.message}), and was not checked` };
      }
      if (isCut) yield { file: ".", message: "has more files than are looked at; the rest was not checked" };
    },
  },
  {
    id: "typescript",
    severity: "error",
    contract: "§11, TypeScript",
    page: "typescript.md#where-we-differ-from-hosted-functions",
    finds: "a function in TypeScript",
    next: "Compile it to CommonJS before you deploy it.",
    *find({ sources }) {
      for (const { file, isTypeScript, resource } of sources) {
        if (isTypeScript && resource !== undefined)
          yield { file, message: "is TypeScript: hosted Functions run JavaScript only" };
      }
    },
  },
  {
    id: "build-output",
    severity: "warning",
    contract: "§11, TypeScript",
    page: "check.md#projects-with-a-build",
    finds: "TypeScript that a build compiles, where the build was not run, or not since the source has changed",
    next: "Run the build, then check again.",
    *find({ build }) {
      if (build === undefined) return;
      const run = build.command === undefined ? "" : `: run ${build.command}`;
      if (!build.isThere) {
        const message = `The build's output is not there${run}. Only what holds for the sources as well was checked`;
        yield { file: build.functionsFolder, message };
      }
      for (const file of build.outdated) {
        yield {
          file,
          message: `is newer than what the build made of it in ${excerpt(build.functionsFolder, 80)}${run}`,
        };
      }
    },
  },
  {
    id: "es-module",
    severity: "error",
    contract: "row 189",
    page: "handler.md#es-modules",
    finds: "an ES module: `import` and `export` statements, `.mjs`",
    next: "Use require() and exports, or await import() inside of the handler for packages that are ES modules.",
    *find({ sources }) {
      for (const source of sources) {
        if (source.isTypeScript || source.resource === undefined) continue;
        const place = source.facts.moduleSyntax ?? (source.file.endsWith(".mjs") ? { line: 1, column: 1 } : undefined);
        if (place !== undefined) yield at(source, place, "This is an ES module: hosted Functions run CommonJS only");
      }
    },
  },
];
