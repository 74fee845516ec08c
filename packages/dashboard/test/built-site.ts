/** What is published of the page, built into a folder of its own. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { buildPage } from "../scripts/page-bundle.ts";
import type { Site } from "./stand-in.ts";

const run = promisify(execFile);
const tsc = join(import.meta.dirname, "../../../node_modules/.bin/tsc");
const project = join(import.meta.dirname, "../tsconfig.build.json");

export interface BuiltSite extends AsyncDisposable {
  readonly site: Site;
}

export async function buildSite(): Promise<BuiltSite> {
  const folder = await mkdtemp(join(tmpdir(), "offhook-page-"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await Promise.all([
    run(tsc, ["-p", project, "--outDir", folder, "--tsBuildInfoFile", join(folder, ".tsbuildinfo")]),
    buildPage(folder),
  ]);
  return {
    site: (await import(pathToFileURL(join(folder, "site.js")).href)) as Site,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
