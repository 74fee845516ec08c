import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";

const source = join(import.meta.dirname, "../src");

/** All that is loaded with a file, but for what it asks for later with `import()`. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(join(source, file), "utf8");
  for (const [, specifier = ""] of text.matchAll(/^(?:import|export) (?!type)[^;]*?from "([^"]+)";/gm)) {
    if (specifier.startsWith(".")) loadedWith(normalize(join(dirname(file), specifier)), seen);
    else seen.add(specifier);
  }
  return seen;
}

test("start, dev and the help load nothing of check and doctor, nor what these need", () => {
  const serving = [
    "main.ts",
    "serving.ts",
    "start.ts",
    "dev/dev.ts",
    "help.ts",
    ...globSync("commands/*.ts", { cwd: source }),
  ];
  for (const file of serving) {
    const wrong = [...loadedWith(file)].filter((each) =>
      /^(?:check|doctor|analysis)\/|^(?:oxc-parser|semver)$/.test(each),
    );
    assert.deepEqual(wrong, [], file);
  }
  assert.ok(loadedWith("check/check.ts").has("semver"));
  assert.ok(loadedWith("analysis/source-worker.ts").has("oxc-parser"));
});
