/** Required files and packages. */
import { isBuiltin } from "node:module";

import { excerpt } from "@offhook/runtime/internal/printable";

import { packageOf } from "../../analysis/manifest.ts";
import type { CheckedProject, CheckedSource } from "../checked-project.ts";
import type { Import } from "../../analysis/facts.ts";
import { at, usesOf } from "../rule.ts";
import type { Rule } from "../rule.ts";

/** Packages that hosted Functions always have. */
const alwaysThere = new Set(["twilio", "@twilio/runtime-handler"]);

/** Imports of packages, each in the order of the source. */
function* packageImports({ sources }: CheckedProject): Iterable<{ source: CheckedSource; each: Import; name: string }> {
  for (const source of sources) {
    for (const each of source.facts.imports) {
      const { specifier, isGuarded } = each;
      // A specifier with "#" is internal to a package. One with a scheme does not name a package.
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
    finds: "a required package that is not in `package.json`",
    next: 'Run npm install for it in the project. Hosted Functions only have twilio and the packages in "dependencies".',
    *find(project) {
      const { dependencies = {}, devDependencies = {}, otherDependencies = {} } = project.manifest ?? {};
      const declared = { ...dependencies, ...devDependencies, ...otherDependencies };
      for (const { source, each, name } of packageImports(project)) {
        if (alwaysThere.has(name) || Object.hasOwn(declared, name)) continue;
        yield at(source, each, `${excerpt(name, 60)} is not in "dependencies" in package.json`);
      }
    },
  },
  {
    id: "dependency-dev",
    severity: "error",
    contract: "§11",
    page: "check.md#offhook-check",
    finds: "a required package that is only in `devDependencies` or the optional dependencies",
    next: 'Move it to "dependencies". Hosted Functions only install those.',
    *find(project) {
      const { dependencies = {}, devDependencies = {}, otherDependencies = {} } = project.manifest ?? {};
      const others = { ...devDependencies, ...otherDependencies };
      for (const { source, each, name } of packageImports(project)) {
        if (alwaysThere.has(name) || Object.hasOwn(dependencies, name) || !Object.hasOwn(others, name)) continue;
        yield at(source, each, `${excerpt(name, 60)} is required, but not in "dependencies" in package.json`);
      }
    },
  },
  {
    id: "file-missing",
    severity: "error",
    contract: "row 32",
    page: "errors.md#function-load-failed",
    finds: "a required file of the project that does not exist",
    next: "Correct the path. It is relative to the file that requires it.",
    *find({ sources }) {
      for (const source of sources) {
        for (const each of source.facts.imports) {
          if (each.isGuarded || !isRelative(each) || source.ownFile(each) !== undefined) continue;
          yield at(source, each, `${excerpt(each.specifier, 80)} does not exist`);
        }
      }
    },
  },
  {
    id: "relative-require",
    severity: "error",
    contract: "§7",
    page: "runtime.md#runtimegetfunctions",
    finds: "a relative path in `require`, because files are in other places on hosted Functions",
    next: 'Put code into a private function: require(Runtime.getFunctions()["name"].path). Put data into a private asset.',
    *find({ sources }) {
      for (const source of sources) {
        // A file that is not deployed itself is reported where it is required.
        if (source.resource === undefined) continue;
        for (const each of source.facts.imports) {
          const found = isRelative(each) ? source.ownFile(each) : undefined;
          if (found === undefined) continue;
          yield at(source, each, `${excerpt(each.specifier, 80)} exists here, but not on hosted Functions`);
        }
      }
    },
  },
  {
    id: "native-addon",
    severity: "error",
    contract: "§11",
    page: "check.md#offhook-check",
    finds: "a dependency or a `.node` file with native code",
    next: "Use a package that is only JavaScript.",
    *find(project) {
      const { sources, manifest, nativePackages } = project;
      for (const name of nativePackages) {
        const message = `${excerpt(name, 60)} has native code, which hosted Functions do not install`;
        yield { file: "package.json", line: manifest?.lineOf(name) ?? 1, column: 1, message };
      }
      for (const source of sources) {
        for (const each of source.facts.imports) {
          if (!each.specifier.endsWith(".node") || !isRelative(each)) continue;
          yield at(source, each, "This is native code, which hosted Functions do not accept");
        }
      }
    },
  },
  {
    id: "child-process",
    severity: "warning",
    contract: "§5.4",
    page: "isolation.md#where-we-differ-from-hosted-functions",
    finds: "the use of `child_process`",
    next: "Try it on hosted Functions first: there it is not documented. Here it is allowed; children end with the invocation.",
    *find(project) {
      const seen = new Set<CheckedSource>();
      for (const { source, reference } of usesOf(project, "node:child_process")) {
        if (seen.has(source)) continue;
        seen.add(source);
        yield at(source, reference, "For hosted Functions it is not documented whether functions can start programs");
      }
    },
  },
];
