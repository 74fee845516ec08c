/** A temporary folder for one run, with copies of the project, logs and a cache. The run changes no other files. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { benchmarksFolder, peerFile } from "./peer-packages.ts";

export interface RunFolder {
  readonly path: string;
  /** The whole project. Its functions use `twilio`. */
  readonly project: string;
  /** A project with only the functions that do not use `twilio`. */
  readonly plainProject: string;
  /** The value of `XDG_CACHE_HOME` for the targets. */
  readonly cache: string;
  /** Another cache, empty. */
  readonly emptyCache: () => string;
  readonly authToken: string;
  /** The asset's text. */
  readonly terms: string;
  readonly remove: () => void;
}

const source = join(benchmarksFolder, "project");
const plainFunctions = ["hello", "wait", "burn", "leaky"];

/** @param usePeers whether the projects have the peers' `twilio` instead of the one that comes with Offhook. */
export function createRunFolder(usePeers: boolean): RunFolder {
  const path = mkdtempSync(join(tmpdir(), "offhook-benchmarks-"));
  const project = join(path, "project");
  cpSync(source, project, { recursive: true });
  if (usePeers) linkPackages(project);

  const plainProject = join(path, "plain-project");
  copyPlain(plainProject, plainFunctions);

  let caches = 0;
  return {
    path,
    project,
    plainProject,
    cache: join(path, "cache"),
    emptyCache: () => join(path, `cache-${(caches += 1)}`),
    authToken: /^AUTH_TOKEN=(.*)$/m.exec(readFileSync(join(source, ".env"), "utf8"))?.[1] ?? "",
    terms: readFileSync(join(source, "assets/terms.txt"), "utf8"),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Makes a project of `count` functions. One of them is `hello`. */
export function createLargeProject(folder: RunFolder, count: number): string {
  const project = join(folder.path, `project-of-${count}`);
  if (existsSync(project)) return project;
  copyPlain(project, ["hello"]);
  const text = readFileSync(join(source, "functions/hello.js"), "utf8");
  for (let number = 1; number < count; number += 1) {
    writeFileSync(join(project, "functions", `function-${String(number).padStart(4, "0")}.js`), text);
  }
  return project;
}

function copyPlain(project: string, functions: readonly string[]): void {
  mkdirSync(join(project, "functions"), { recursive: true });
  for (const name of functions) cpSync(join(source, `functions/${name}.js`), join(project, `functions/${name}.js`));
  cpSync(join(source, ".env"), join(project, ".env"));
  writeFileSync(join(project, "package.json"), '{"name":"plain","private":true}\n');
}

/** Links packages into the project: twilio-run looks there for its handler and for `twilio`. */
function linkPackages(project: string): void {
  mkdirSync(join(project, "node_modules"));
  for (const name of ["twilio", "@twilio"]) symlinkSync(peerFile(name), join(project, "node_modules", name));
}
