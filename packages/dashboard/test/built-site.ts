/** The published files of the page, built into a temporary folder. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { transformSync } from "oxc-transform";

import { buildPage } from "../scripts/page-bundle.ts";
import type { Site } from "./fake-server.ts";

const source = join(import.meta.dirname, "../src/site.ts");

export interface BuiltSite extends AsyncDisposable {
  readonly site: Site;
}

export async function buildSite(): Promise<BuiltSite> {
  const folder = await mkdtemp(join(tmpdir(), "offhook-page-"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  // Builds only the page. The compiler would need the other packages built for the rest.
  const { code } = transformSync(source, await readFile(source, "utf8"));
  await Promise.all([writeFile(join(folder, "site.js"), code), buildPage(folder)]);
  return {
    site: (await import(pathToFileURL(join(folder, "site.js")).href)) as Site,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 10 }),
  };
}
