/** Rules for `package.json`. */
import semver from "semver";

import { excerpt } from "@offhook/runtime/internal/printable";
import type { Manifest } from "../../analysis/manifest.ts";
import type { RuleFinding, Rule } from "../rule.ts";

const runtimeHandler = "@twilio/runtime-handler";
/** Maximum number of modules per service. */
const maxDependencies = 100;
/** The runtimes of hosted Functions, the default first. Of the last one, only the major version is documented. */
const runtimes = [
  { name: "node22", range: "22.14.0" },
  { name: "node20", range: "20.18.3" },
  { name: "node24", range: ">=24.0.0 <25" },
];

function inManifest(manifest: Manifest, name: string, message: string): RuleFinding {
  return { file: "package.json", line: manifest.lineOf(name), column: 1, message };
}

/** Whether a dependency is a package of Offhook that was packed in a checkout. Such a project need not be deployed. */
function isPackedHere(name: string, version: string): boolean {
  return name.startsWith("@offhook/") && /^file:.*\.tgz$/.test(version);
}

export const packageRules: readonly Rule[] = [
  {
    id: "engines-node",
    severity: "error",
    contract: "§11",
    page: "check.md#offhook-check",
    finds: "an `engines.node` that excludes all Node versions of hosted Functions: 20.18.3, 22.14.0 and 24",
    next: "Widen the range, or write code that runs on those versions.",
    *find({ manifest }) {
      const wanted = manifest?.enginesNode;
      if (manifest === undefined || wanted === undefined) return;
      if (semver.validRange(wanted) === null) {
        yield inManifest(
          manifest,
          "node",
          `Invalid value for engines.node: "${excerpt(wanted, 40)}". Expected a version range`,
        );
      } else if (!runtimes.some(({ range }) => semver.intersects(range, wanted))) {
        yield inManifest(manifest, "node", `Hosted Functions have no Node version in "${excerpt(wanted, 40)}"`);
      }
    },
  },
  {
    id: "engines-node-default",
    severity: "warning",
    contract: "row 190",
    page: "check.md#offhook-check",
    finds: "an `engines.node` that excludes 22.14.0, the default of hosted Functions",
    next: "Name the runtime when you deploy, for example --runtime node24.",
    *find({ manifest }) {
      const wanted = manifest?.enginesNode;
      if (manifest === undefined || wanted === undefined || semver.validRange(wanted) === null) return;
      const fitting = runtimes.filter(({ range }) => semver.intersects(range, wanted)).map(({ name }) => name);
      if (fitting.length === 0 || fitting.includes("node22")) return;
      const shown = `"${excerpt(wanted, 40)}" needs the runtime ${fitting.join(" or ")}`;
      yield inManifest(manifest, "node", `${shown}; the default of hosted Functions is node22`);
    },
  },
  {
    id: "runtime-handler-version",
    severity: "error",
    contract: "row 166",
    page: "check.md#offhook-check",
    finds: "`@twilio/runtime-handler` without an exact version, or older than 1.2.0",
    next: "Write an exact version, 1.2.0 or newer, without ^ or ~. The build fails with any other version.",
    *find({ manifest }) {
      const version = manifest?.dependencies[runtimeHandler];
      if (manifest === undefined || version === undefined) return;
      const exact = semver.valid(version);
      if (exact === null) {
        yield inManifest(manifest, runtimeHandler, `"${excerpt(version, 40)}" is not an exact version`);
      } else if (semver.lt(exact, "1.2.0")) {
        yield inManifest(manifest, runtimeHandler, `${exact} has no event.request, and builds for node24 reject it`);
      }
    },
  },
  {
    id: "dependency-source",
    severity: "error",
    contract: "§11",
    page: "check.md#offhook-check",
    finds: "a dependency from outside the public npm registry: a folder, a URL or a repository",
    next: "Publish it, or copy the code that you need into private functions.",
    *find({ manifest }) {
      for (const [name, version] of Object.entries(manifest?.dependencies ?? {})) {
        if (manifest === undefined || !/[:/]/.test(version) || version.startsWith("npm:")) continue;
        if (isPackedHere(name, version)) continue;
        const message = `${excerpt(name, 60)} is not from the public npm registry, the only one that hosted Functions use`;
        yield inManifest(manifest, name, message);
      }
    },
  },
  {
    id: "dependency-packed",
    severity: "info",
    contract: "§11",
    page: "../../README.md#install",
    finds: "a package of Offhook from a packed file, as `offhook init` writes it in a checkout",
    next: "Nothing while Offhook serves the project. Before you deploy it to hosted Functions, copy the code that you need into private functions.",
    *find({ manifest }) {
      for (const [name, version] of Object.entries(manifest?.dependencies ?? {})) {
        if (manifest === undefined || !isPackedHere(name, version)) continue;
        yield inManifest(manifest, name, `${name} is a packed file. Hosted Functions cannot install it`);
      }
    },
  },
  {
    id: "dependency-count",
    severity: "error",
    contract: "§13, 21",
    page: "check.md#offhook-check",
    finds: "more than 100 dependencies",
    next: "Remove unused dependencies, or split the service into two.",
    *find({ manifest }) {
      const count = Object.keys(manifest?.dependencies ?? {}).length;
      if (manifest === undefined || count <= maxDependencies) return;
      const message = `There are ${count} dependencies; a hosted service has at most ${maxDependencies}`;
      yield inManifest(manifest, "dependencies", message);
    },
  },
];
