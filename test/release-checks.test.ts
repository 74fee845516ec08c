import assert from "node:assert/strict";
import { test } from "node:test";
import { allPackages } from "../scripts/packed-packages.ts";
import {
  changelogProblems,
  contentProblems,
  orderProblems,
  sizeProblems,
  versionProblems,
} from "../scripts/release-checks.ts";

test("a release needs one version for all packages", () => {
  const a = { name: "@offhook/a", version: "1.0.0" };
  const b = { name: "offhook", version: "1.0.0", dependencies: { "@offhook/a": "1.0.0", other: "^2.0.0" } };
  assert.deepEqual(versionProblems([a, b]), []);
  assert.deepEqual(versionProblems([a, { ...b, version: "1.0.1" }]), ["offhook has the version 1.0.1, not 1.0.0"]);
  assert.deepEqual(versionProblems([a, { ...b, dependencies: { "@offhook/a": "^1.0.0" } }]), [
    "offhook depends on @offhook/a ^1.0.0, not 1.0.0",
  ]);
});

test("a release publishes a package after those that it depends on", () => {
  const cli = { name: "offhook", version: "1.0.0", dependencies: { "@offhook/runtime": "1.0.0" } };
  assert.deepEqual(orderProblems(allPackages, [cli]), []);
  assert.deepEqual(orderProblems(allPackages.toReversed(), [cli]), [
    "offhook is published before @offhook/runtime, which it depends on",
  ]);
});

test("a release needs an entry in the changelog, without the remark that it is not released", () => {
  const changelog = "# Changes\n\n## 1.0.0, not yet released\n";
  assert.deepEqual(changelogProblems(changelog, "1.0.0", true), []);
  assert.deepEqual(changelogProblems(changelog, "1.0.0", false), ['CHANGELOG.md says "1.0.0, not yet released"']);
  assert.deepEqual(changelogProblems("## 1.0.0, 2026-12-01\n", "1.0.0", false), []);
  assert.deepEqual(changelogProblems(changelog, "1.0.1", true), ['CHANGELOG.md has no heading "## 1.0.1"']);
});

test("a release has no sources, tests, files with variables, or secrets", () => {
  const accepted = ["dist/a.js", "dist/a.d.ts", "src/types/types.d.cts", "templates/sms/js/test/sms.test.js"];
  accepted.push("templates/sms/ts/functions/sms.protected.ts", "templates/every/env.example");
  assert.deepEqual(
    contentProblems(
      "a",
      accepted.map((path) => ({ path, text: `AC${"0".repeat(32)}` })),
    ),
    [],
  );
  const rejected = ["src/a.ts", "dist/a.ts", "test/a.js", "dist/a.test.js", "dist/.tsbuildinfo", ".env", ".npmrc"];
  for (const path of rejected) assert.equal(contentProblems("a", [{ path, text: "" }]).length, 1, path);
  const digits = "6f1ed002ab5595859014ebf0951522d9";
  for (const text of [`AC${digits}`, `npm_${"aB3".repeat(12)}`, "-----BEGIN RSA PRIVATE KEY-----"]) {
    assert.match(contentProblems("a", [{ path: "dist/a.js", text }]).join(), /^a has .+ in dist\/a\.js$/, text);
  }
});

test("a release stays small", () => {
  assert.deepEqual(sizeProblems(new Map([["a", 400_000]])), []);
  assert.deepEqual(sizeProblems(new Map([["a", 501_000]])), ["a has 501 kB, more than 500 kB"]);
  const three = new Map([
    ["a", 490_000],
    ["b", 490_000],
    ["c", 490_000],
  ]);
  assert.deepEqual(sizeProblems(three), ["All archives have 1470 kB, more than 1100 kB"]);
});
