import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { repository } from "./offhook-process.ts";

const maxFileLines = 400;
const kebabCase = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const sayNothing = ["utils", "util", "common", "lib", "misc", "helpers", "shared"];

const sources = globSync(
  [
    "packages/*/src/**/*.{ts,tsx,cts}",
    "packages/*/scripts/**/*.ts",
    "conformance/src/**/*.ts",
    "benchmarks/src/**/*.ts",
    "soak/src/**/*.ts",
    "scripts/**/*.ts",
  ],
  { cwd: repository },
);
const tests = globSync(
  [
    "packages/*/test/**/*.{ts,tsx,cts}",
    "conformance/test/**/*.ts",
    "benchmarks/test/**/*.ts",
    "soak/test/**/*.ts",
    "test/**/*.ts",
  ],
  { cwd: repository, exclude: ["**/node_modules/**"] },
);

test("the repository has sources", () => {
  assert.ok(sources.length > 30 && tests.length > 10);
  assert.ok(sources.filter((file) => file.endsWith(".tsx")).length > 30, "those of the page");
});

test("no source is longer than 400 lines", () => {
  const long = sources.filter(
    (file) => readFileSync(join(repository, file), "utf8").split("\n").length - 1 > maxFileLines,
  );
  assert.deepEqual(long, []);
});

test("the oldest supported Node can read the packages' sources and tests", () => {
  // `using` came with Node 24. A build would replace it, but a checkout runs the sources as they are.
  const newer = [...sources, ...tests].filter((file) => {
    return (
      file.startsWith("packages/") && /^\s*(?:await )?using \w/m.test(readFileSync(join(repository, file), "utf8"))
    );
  });
  assert.deepEqual(newer, []);
});

test("names are in kebab-case", () => {
  const wrong = [...sources, ...tests].filter((file) => {
    const name = basename(file).replace(/(?:\.test|\.d)?\.c?tsx?$/, "");
    return !kebabCase.test(name);
  });
  assert.deepEqual(wrong, []);
});

test("names say what is inside", () => {
  const wrong = [...sources, ...tests].filter((file) =>
    file
      // The name of a package is for the people who install it.
      .replace(/^packages\/[^/]+|\.c?tsx?$/g, "")
      .split("/")
      .some((part) => sayNothing.includes(part)),
  );
  assert.deepEqual(wrong, []);
});
