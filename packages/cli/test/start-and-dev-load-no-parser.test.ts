import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const source = join(import.meta.dirname, "../src");
const checks = join(import.meta.dirname, "../../check/src");

/** All modules that a file loads from our packages, except those of a later `import()`. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, "utf8");
  for (const [, specifier = ""] of text.matchAll(/^(?:import|export) (?!type)[^;]*?from "([^"]+)";/gm)) {
    if (specifier.startsWith(".")) loadedWith(join(dirname(file), specifier), seen);
    else if (specifier.startsWith("@offhook/")) loadedWith(fileURLToPath(import.meta.resolve(specifier)), seen);
    else seen.add(specifier);
  }
  return seen;
}

test("start, dev and the help do not load check, doctor, or their dependencies", () => {
  const serving = globSync(["main.ts", "serving.ts", "start.ts", "dev/dev.ts", "help.ts", "commands/*.ts"], {
    cwd: source,
  });
  assert.ok(serving.length > 10);
  for (const file of serving) {
    const wrong = [...loadedWith(join(source, file))].filter((each) => {
      return /^(?:oxc-parser|semver)$/.test(each) || /^\/(?:check|doctor|analysis)\//.test(each.split(checks)[1] ?? "");
    });
    assert.deepEqual(wrong, [], file);
  }
  assert.ok(loadedWith(join(checks, "check/check.ts")).has("semver"));
  assert.ok(loadedWith(join(checks, "analysis/source-worker.ts")).has("oxc-parser"));
});

test("start and dev load the dashboard's server, page and editor only on demand", () => {
  const dashboard = join(import.meta.dirname, "../../dashboard/src");
  for (const file of ["main.ts", "serving.ts", "start.ts", "dev/dev.ts"]) {
    const wrong = [...loadedWith(join(source, file))].filter((each) => {
      return each === "launch-editor" || each.startsWith(dashboard);
    });
    assert.deepEqual(wrong, [], file);
  }
});

test("dev loads the pages for the author's browser with the first page", () => {
  const development = join(import.meta.dirname, "../../runtime/src/development");
  const loaded = [...loadedWith(join(development, "development.ts"))];
  assert.ok(loaded.length > 10);
  assert.deepEqual(
    loaded.filter((each) => each.startsWith(join(development, "pages"))),
    [],
  );
});
