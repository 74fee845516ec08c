/** What files require. */
import { isBuiltin } from "node:module";

import { excerpt } from "@offhook/runtime/internal/printable";

import { packageOf } from "../../analysis/manifest.ts";
import type { CheckedProject, CheckedSource } from "../checked-project.ts";
import type { Import } from "../../analysis/facts.ts";
import { at, usesOf } from "../rule.ts";
import type { Rule } from "../rule.ts";

/** Hosted Functions always have them. */
const alwaysThere = new Set(["twilio", "@twilio/runtime-handler"]);

/** Imports of packages, each in the order of the source. */
function* packageImports({ sources }: CheckedProject): Iterable<{ source: CheckedSource; each: Import; name: string }> {
  for (const source of sources) {
    for (const each of source.facts.imports) {
      const { specifier, isGuarded } = each;
      // What begins with "#" is the package's own business, what has a scheme is no package.
      const isPackage = !/^(?:[./#]|[a-z]+:)/.test(specifier) && specifier !== "" && !isBuiltin(specifier);
      if (isPackage && !isGuarded && source.ownFile(each) === undefined) {
        yield { source, each, name: packageOf(specifier) };
      }
    }
  }
}

function isRelative({ specifier }: Import): boolean {
  return /^\.{0,2}\//.test(specifier) || specifier === "." || specifier === "..";
}

export const importRules: readonly Rule[] = [
  {
    id: "dependency-missing",
    severity: "error",
    contract: "§11",
    page: "runtime.md#twilio",
    finds: "a package that is required and is not in `package.json`",
    next: "npm install it in the project: hosted Functions have twilio and what is among the dependencies, nothing else.",
    *find(project) {
      const { dependencies = {}, devDependencies = {}, otherDependencies = {} } = project.manifest ?? {};
      const declared = { ...dependencies, ...devDependencies, ...otherDependencies };
      for (const { source, each, name } of packageImports(project)) {
        if (alwaysThere.has(name) || Object.hasOwn(declared, name)) continue;
        yield at(source, each, `${excerpt(name, 60)} is not among the dependencies in package.json`);
      }
    },
  },
  {
    id: "dependency-dev",
    severity: "error",
    contract: "§11",
    page: "check.md#offhook-check",
    finds: "a package that is required and is only among `devDependencies`, or the optional ones",
    next: "Move it to the dependencies: only they are installed for hosted Functions.",
    *find(project) {
      const { dependencies = {}, devDependencies = {}, otherDependencies = {} } = project.manifest ?? {};
      const others = { ...devDependencies, ...otherDependencies };
      for (const { source, each, name } of packageImports(project)) {
        if (alwaysThere.has(name) || Object.hasOwn(dependencies, name) || !Object.hasOwn(others, name)) continue;
        yield at(source, each, `${excerpt(name, 60)} is required, but not among the "dependencies" in package.json`);
      }
    },
  },
  {
    id: "file-missing",
    severity: "error",
    contract: "row 32",
    page: "errors.md#function-load-failed",
    finds: "a file of the project that is required and is not there",
    next: "Mend the path: it counts from the file that requires it.",
    *find({ sources }) {
      for (const source of sources) {
        for (const each of source.facts.imports) {
          if (each.isGuarded || !isRelative(each) || source.ownFile(each) !== undefined) continue;
          yield at(source, each, `${excerpt(each.specifier, 80)} is not there`);
        }
      }
    },
  },
  {
    id: "relative-require",
    severity: "error",
    contract: "§7",
    page: "runtime.md#runtimegetfunctions",
    finds: "a relative path that is required: files lie elsewhere on hosted Functions",
    next: 'Put it into a private function, and require(Runtime.getFunctions()["name"].path); data into a private asset.',
    *find({ sources }) {
      for (const source of sources) {
        // What is not deployed itself is told where it is required.
        if (source.resource === undefined) continue;
        for (const each of source.facts.imports) {
          const found = isRelative(each) ? source.ownFile(each) : undefined;
          if (found === undefined) continue;
          yield at(source, each, `${excerpt(each.specifier, 80)} is found here, and not on hosted Functions`);
        }
      }
    },
  },
  {
    id: "native-addon",
    severity: "error",
    contract: "§11",
    page: "check.md#offhook-check",
    finds: "a dependency, or a `.node` file, that is native code",
    next: "Take a package that is JavaScript only.",
    *find(project) {
      const { sources, manifest, nativePackages } = project;
      for (const name of nativePackages) {
        const message = `${excerpt(name, 60)} is native code, which hosted Functions do not install`;
        yield { file: "package.json", line: manifest?.lineOf(name) ?? 1, column: 1, message };
      }
      for (const source of sources) {
        for (const each of source.facts.imports) {
          if (!each.specifier.endsWith(".node") || !isRelative(each)) continue;
          yield at(source, each, "This is native code, which hosted Functions do not take");
        }
      }
    },
  },
  {
    id: "child-process",
    severity: "warning",
    contract: "§5.4",
    page: "isolation.md#where-we-differ-from-hosted-functions",
    finds: "`child_process`",
    next: "Here it is allowed, and children end with the invocation; of hosted Functions nothing is documented. Try it there first.",
    *find(project) {
      const seen = new Set<CheckedSource>();
      for (const { source, reference } of usesOf(project, "node:child_process")) {
        if (seen.has(source)) continue;
        seen.add(source);
        yield at(source, reference, "Programs that functions start are not documented for hosted Functions");
      }
    },
  },
];
