/** Contract rows 165 and 166, and what leads out of a registry. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDependencies } from "../../src/builds/dependency-rules.ts";

const list = [
  { name: "lodash", version: "4.17.21" },
  { name: "@scope/pack.age", version: "^1.0 || ~2" },
];

test("both spellings of the list are read", () => {
  const json = JSON.stringify(list);
  for (const text of [json, `"${json}"`, ` "${json}" `, JSON.stringify(json)]) {
    assert.deepEqual(parseDependencies(text), list, text);
  }
  assert.deepEqual(parseDependencies("[]"), []);
  assert.deepEqual(parseDependencies('[{"name":"a"},{"name":"b","version":" "}]'), [
    { name: "a", version: "*" },
    { name: "b", version: "*" },
  ]);
});

test("only versions, ranges and tags of a registry are accepted", () => {
  for (const version of ["1.0.0", "latest", ">=1 <2", "1.x", "1.0.0 - 2.0.0", "~1.2.3-beta.1+build"]) {
    assert.deepEqual(parseDependencies(JSON.stringify([{ name: "a", version }])), [{ name: "a", version }]);
  }
  for (const version of [
    "file:../a",
    "../a",
    "/etc",
    "git+https://example.com/a.git",
    "git@example.com:a",
    "github:user/repo",
    "user/repo",
    "https://example.com/a.tgz",
    "npm:other@1",
    "link:a",
    "workspace:*",
    "1".repeat(101),
  ]) {
    assert.throws(() => parseDependencies(JSON.stringify([{ name: "leaky", version }])), {
      status: 400,
      message: /leaky/,
    });
  }
});

test("what is no list of packages is refused", () => {
  for (const text of [
    "",
    "nonsense",
    "{}",
    '[{"version":"1"}]',
    "[null]",
    '["lodash"]',
    '[{"name":"a","version":1}]',
    '[{"name":"../a"}]',
    '[{"name":"a b"}]',
    '[{"name":"-rf /"}]',
    '[{"name":"node_modules"}]',
    '[{"name":".hidden"}]',
    '[{"name":"a"},{"name":"a"}]',
    JSON.stringify(Array.from({ length: 501 }, (_, index) => ({ name: `a${index}` }))),
    `[{"name":"${"a".repeat(215)}"}]`,
  ]) {
    assert.throws(() => parseDependencies(text), { status: 400 }, text.slice(0, 40));
  }
});

test("the platform's handler has an exact version, 1.2.0 or newer", () => {
  const parse = (version: string): unknown =>
    parseDependencies(JSON.stringify([{ name: "@twilio/runtime-handler", version }]));
  for (const version of ["1.2.0", "1.3.0", "2.0.1", "1.2.0-rc.3"]) assert.ok(parse(version));
  for (const version of ["^1.0", "~1.3.0", "1.1.9", "1.3", "latest", "*", ""]) {
    assert.throws(() => parse(version), { status: 400, message: /1\.2\.0 or newer/ }, version);
  }
});
