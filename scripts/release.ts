/**
 * `npm run release` packs the packages, checks them, and lets npm check their publication, without publishing them.
 * With `--publish`, it publishes them, in the order of their dependencies.
 */
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { allPackages, packedPackages } from "./packed-packages.ts";
import {
  changelogProblems,
  contentProblems,
  orderProblems,
  sizeProblems,
  versionProblems,
  type Manifest,
  type PackedFile,
} from "./release-checks.ts";

const run = promisify(execFile);

const unknown = process.argv.slice(2).find((each) => !["--dry-run", "--publish"].includes(each));
if (unknown !== undefined) throw new Error(`Unknown option: "${unknown}". Expected --dry-run or --publish.`);
const isDryRun = !process.argv.includes("--publish");

const changed = (await run("git", ["status", "--porcelain"])).stdout;
if (changed !== "") fail(["The checkout has changes that are not committed:", changed.trimEnd()]);

const archives = await packedPackages({ onPack: () => console.log("Packing takes up to a minute.") });
const problems: string[] = [];
const manifests: Manifest[] = [];
const sizes = new Map<string, number>();
for (const [name, archive] of archives) {
  const files = await filesIn(archive);
  const manifest = files.find(({ path }) => path === "package.json");
  manifests.push(JSON.parse(manifest?.text ?? "") as Manifest);
  sizes.set(name, (await stat(archive)).size);
  problems.push(...contentProblems(name, files));
  console.log(`${name}: ${files.length} files, ${Math.round((sizes.get(name) ?? 0) / 1000)} kB packed`);
}
const version = manifests[0]?.version ?? "";
problems.push(
  ...versionProblems(manifests),
  ...orderProblems(allPackages, manifests),
  ...changelogProblems(await readFile("CHANGELOG.md", "utf8"), version, isDryRun),
  ...sizeProblems(sizes),
);
if (problems.length > 0) fail(problems);

console.log("\nRunning the tests of the packed packages, their types and their manifests.");
const tests = ["manifests", "types-resolve", "packages"].map((name) => `test/published-${name}.test.ts`);
await inherit(process.execPath, ["--conditions=offhook-source", "--test", "--test-reporter=dot", ...tests]);

for (const [name, archive] of archives) {
  console.log(`\n${isDryRun ? "Would publish" : "Publishing"} ${name} ${version}`);
  // Provenance is in the manifests. npm can only make it in a workflow that has an identity.
  await inherit("npm", ["publish", archive, "--access", "public", ...(isDryRun ? ["--dry-run"] : [])]);
}
console.log(isDryRun ? "\nEverything is ready. Nothing was published." : `\nPublished version ${version}.`);

async function filesIn(archive: string): Promise<PackedFile[]> {
  const folder = await mkdtemp(join(tmpdir(), "offhook-release-"));
  try {
    await run("tar", ["-xzf", archive, "-C", folder, "--strip-components=1"]);
    const paths = (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const read = async (path: string): Promise<PackedFile> => ({
      path: path.slice(folder.length + 1),
      text: await readFile(path, "utf8"),
    });
    return await Promise.all(paths.map(read));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function inherit(command: string, args: readonly string[]): Promise<void> {
  const code = await new Promise((resolve) => {
    spawn(command, args, { stdio: "inherit" }).on("close", resolve);
  });
  if (code !== 0) fail([`${command} ${args.join(" ")} failed.`]);
}

function fail(lines: readonly string[]): never {
  console.error(lines.join("\n"));
  console.error("Nothing more was published.");
  process.exit(1);
}
