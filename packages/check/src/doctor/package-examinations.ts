/** Examines the installed packages. */
import { readFile } from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import semver from "semver";

import { excerpt } from "@offhook/runtime/internal/printable";
import { listed, ok, problem, warning } from "./result.ts";
import type { Examination } from "./examination.ts";

/** Hosted Functions require it. Offhook does not use it. */
const notNeeded = "@twilio/runtime-handler";

export const packageExaminations: readonly Examination[] = [
  {
    id: "packages",
    looksAt: "whether the dependencies of `package.json` are installed, in matching versions",
    examine({ folder, manifest }) {
      if (manifest === undefined)
        return [ok("There is no package.json. Functions can use twilio, which comes with Offhook")];
      const wanted = Object.entries(manifest.dependencies).filter(([name]) => name !== notNeeded);
      const missing: string[] = [];
      const unfit: string[] = [];
      for (const [name, range] of wanted) {
        const version = installedVersion(folder, name);
        const shown = excerpt(name, 60);
        if (version === undefined) missing.push(shown);
        else if (semver.validRange(range) !== null && !semver.satisfies(version, range, { includePrerelease: true })) {
          unfit.push(`${shown} is ${excerpt(version, 30)}, required is ${excerpt(range, 30)}`);
        }
      }
      const message = "twilio is not installed in the project; functions use the version that comes with Offhook";
      const others = missing.filter((name) => name !== "twilio");
      const results = [
        ...(others.length > 0
          ? [problem(`Not installed: ${listed(others)}`, "Run npm install in the project's folder.")]
          : []),
        ...(missing.includes("twilio") ? [warning(message, "Run npm install in the project's folder.")] : []),
        ...(unfit.length > 0
          ? [warning(`Versions differ from package.json: ${listed(unfit)}`, "Run npm install in the project's folder.")]
          : []),
      ];
      return results.length > 0
        ? results
        : [
            ok(
              wanted.length === 0
                ? "package.json has no dependencies"
                : `All dependencies in package.json are installed (${wanted.length})`,
            ),
          ];
    },
  },
  {
    id: "lockfile",
    looksAt: "whether `node_modules` matches `package-lock.json`",
    async examine({ folder }) {
      const [locked, installed] = await Promise.all([
        packagesIn(join(folder, "package-lock.json")),
        packagesIn(join(folder, "node_modules/.package-lock.json")),
      ]);
      if (locked === undefined || installed === undefined) return [];
      const names = [...locked.keys()].filter((path) => path.startsWith("node_modules/") && installed.has(path));
      const other = names.filter((path) => locked.get(path) !== installed.get(path)).map(nameOf);
      if (other.length === 0) return [ok("node_modules matches package-lock.json")];
      return [
        warning(`Versions differ from package-lock.json: ${listed(other)}`, "Run npm ci in the project's folder."),
      ];
    },
  },
  {
    id: "copies",
    looksAt: "whether there are two copies of `twilio`",
    async examine({ folder }) {
      const installed = await packagesIn(join(folder, "node_modules/.package-lock.json"));
      const copies = [...(installed?.keys() ?? [])].filter((path) => path.endsWith("node_modules/twilio"));
      if (copies.length < 2) return [];
      const message = `There are ${copies.length} copies of twilio: ${listed(copies.map((path) => excerpt(path, 80)))}`;
      return [
        warning(message, "Run npm dedupe. An object of one copy is not an instance of the other copy's classes."),
      ];
    },
  },
];

/** The version that functions would load: searches from the project's folder upwards. */
function installedVersion(folder: string, name: string): string | undefined {
  const file = join(folder, "node_modules", name, "package.json");
  if (existsSync(file)) {
    try {
      return String((JSON.parse(readFileSync(file, "utf8")) as { version?: unknown }).version);
    } catch {
      return undefined;
    }
  }
  const above = dirname(folder);
  return above === folder ? undefined : installedVersion(above, name);
}

/** Path → version in an npm lockfile. Undefined if the file is missing or unreadable. */
async function packagesIn(file: string): Promise<Map<string, unknown> | undefined> {
  try {
    const { packages } = JSON.parse(await readFile(file, "utf8")) as {
      packages?: Record<string, { version?: unknown }>;
    };
    return packages && new Map(Object.entries(packages).map(([path, { version }]) => [path, version]));
  } catch {
    return undefined;
  }
}

function nameOf(path: string): string {
  return excerpt(path.slice("node_modules/".length), 80);
}
