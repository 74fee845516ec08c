/** A temporary folder for one run: copies of the project, logs, a cache, so that nothing of the user's is touched. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { benchmarksFolder, peerFile } from "./peer-packages.ts";

export interface RunFolder {
  readonly path: string;
  /** The whole project. Its functions use `twilio`. */
  readonly project: string;
  /** Only functions that do not use `twilio`. */
  readonly plainProject: string;
  /** What `XDG_CACHE_HOME` is for the targets. */
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

/** @param usePeers whether the projects have the peers' `twilio` in place of the one that Offhook brings. */
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

/** A project of `count` functions, one of them `hello`. */
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

/** As if they had been installed there: twilio-run looks for its handler and for `twilio` in the project. */
function linkPackages(project: string): void {
  mkdirSync(join(project, "node_modules"));
  for (const name of ["twilio", "@twilio"]) symlinkSync(peerFile(name), join(project, "node_modules", name));
}
