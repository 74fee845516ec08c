/**
 * The manifests of the published packages are correct, and the packages are complete.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { repository, startOffhook } from "./offhook-process.ts";
import { allPackages, helpers, install, removeCopy, unpackInto } from "./packed-packages.ts";
import { copyProject } from "./temporary-project.ts";

after(removeCopy);

type Manifest = Readonly<Record<string, unknown>>;

/** Every path that a manifest names: "./dist/site.js", under any key. */
function pathsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(pathsIn) : [];
}

test("a published package has every file that its manifest names", async (t) => {
  const folder = await install(t, allPackages);
  for (const { name } of allPackages) {
    const packed = join(folder, "node_modules", name);
    const manifest = JSON.parse(await readFile(join(packed, "package.json"), "utf8")) as Manifest;
    const { main, types, bin, exports, typesVersions, files } = manifest;
    const named = pathsIn([main, types, bin, exports, typesVersions, files].filter((each) => each !== undefined));
    assert.ok(named.length > 0);
    const missing = named.filter((path) => !path.startsWith("!") && !existsSync(join(packed, path)));
    assert.deepEqual(missing, [], name);
    assert.doesNotMatch(JSON.stringify(exports ?? {}), /offhook-source/);
  }
});

test("a published package has a README, the licence, and names its repository", async (t) => {
  const folder = await install(t, allPackages);
  const licence = await readFile(join(repository, "LICENSE"), "utf8");
  for (const { name, source } of allPackages) {
    const packed = join(folder, "node_modules", name);
    const manifest = JSON.parse(await readFile(join(packed, "package.json"), "utf8")) as Manifest;
    assert.match(await readFile(join(packed, "README.md"), "utf8"), new RegExp(`^# ${name}\n`));
    assert.equal(await readFile(join(packed, "LICENSE"), "utf8"), licence);
    assert.match(JSON.stringify(manifest["repository"]), new RegExp(`\\.git","directory":"${source}"`));
    assert.match(String(manifest["homepage"]), /^https:/);
    assert.ok((manifest["keywords"] as string[]).includes("twilio-functions"), name);
    assert.ok(String(manifest["description"]).length > 20);
  }
});

test("packing leaves the checkout's manifests as they are", async () => {
  for (const { source } of allPackages) {
    assert.ok(!existsSync(join(repository, source, "package.json.original")));
  }
});

test("the offhook of a checkout runs a project that has the published wrappers", async () => {
  await using project = await copyProject(
    undefined,
    {
      "functions/count.js": `const { prepareStudioFunction } = require("@offhook/helpers");
      exports.handler = prepareStudioFunction(["count"], (context, event, callback, response) => {
        response.setBody({ count: event.count });
        return callback(null, response);
      });`,
    },
    { hasPackages: false },
  );
  await mkdir(join(project.folder, "node_modules"));
  await unpackInto(project.folder, [helpers]);
  await writeFile(join(project.folder, "package.json"), "{}");
  await using offhook = await startOffhook(project.folder);
  const reply = await fetch(`${offhook.url}/count`, { method: "POST", body: new URLSearchParams({ count: "2" }) });
  assert.equal(await reply.text(), '{"count":"2"}');
});

test("the lock file has the packages of every platform, and CONTRIBUTING lists the versions of Node", async () => {
  const { packages } = JSON.parse(await readFile(join(repository, "package-lock.json"), "utf8")) as {
    packages: Record<string, { optionalDependencies?: Record<string, string>; version?: string }>;
  };
  for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const name of Object.keys(optionalDependencies)) {
      const isLocked = `node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages;
      assert.ok(isLocked, `${name}, which ${path || "the repository"} depends on`);
    }
  }
  const contributing = await readFile(join(repository, "CONTRIBUTING.md"), "utf8");
  const nodes = Object.entries(packages[""]?.optionalDependencies ?? {});
  assert.equal(nodes.length, 5);
  for (const [name, version] of nodes) assert.match(contributing, new RegExp(`\`${name}\` *\\| ${version} *\\|`));
});
