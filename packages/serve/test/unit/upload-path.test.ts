import assert from "node:assert/strict";
import { test } from "node:test";
import { readUploadName } from "../../src/api/upload-path.ts";

test("the marker that a client leaves in the path decides, if it is stricter", () => {
  const cases = [
    ["function", "/hello", "public", "/hello", "public"],
    ["function", "/hello", "PROTECTED", "/hello", "protected"],
    ["function", "/agent.ws.protected", "public", "/agent.ws", "protected"],
    ["function", "/agent.protected.js", "public", "/agent", "protected"],
    ["function", "/lib.private", "protected", "/lib", "private"],
    ["function", "/lib.protected", "private", "/lib", "private"],
    ["asset", "/a.css", "public", "/a.css", "public"],
    ["asset", "/keys.private.json", "public", "/keys.json", "private"],
    ["asset", "/LICENSE.private", "public", "/LICENSE", "private"],
  ] as const;
  for (const [kind, path, asked, served, visibility] of cases) {
    assert.deepEqual(readUploadName(kind, path, asked), { path: served, visibility }, path);
  }
});

test("a path that leads elsewhere, or that no file can have, is refused", () => {
  const paths = [
    "hello",
    "",
    "/",
    "//a",
    "/a//b",
    "/a/",
    "/../a",
    "/a/../../b",
    "/a/..",
    "/./a",
    "/a\\b",
    "/a\0b",
    "/a\nb",
    "/node_modules/x",
    "/a/Node_Modules/x",
    `/${"a".repeat(255)}`,
    `/${"ü".repeat(130)}`,
    "/\ud800",
    "/..private",
    "/a/..protected",
  ];
  for (const kind of ["function", "asset"] as const) {
    for (const path of paths) {
      assert.throws(() => readUploadName(kind, path, "public"), { status: 400 }, `${kind} ${JSON.stringify(path)}`);
    }
  }
  assert.throws(() => readUploadName("function", "/a", "secret"), { status: 400 });
});
