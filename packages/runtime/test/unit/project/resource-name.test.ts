import assert from "node:assert/strict";
import { test } from "node:test";

import { nameAsset, nameFunction, remarksOn } from "../../../src/project/resource-name.ts";

const functions: readonly (readonly [string, string | undefined, string?])[] = [
  ["hello.js", "/hello", "public"],
  ["hello.cjs", "/hello", "public"],
  ["hello.mjs", "/hello", "public"],
  ["sms/reply.js", "/sms/reply", "public"],
  ["sms/reply.protected.js", "/sms/reply", "protected"],
  ["lib/helper.private.js", "/lib/helper", "private"],
  ["lib.private/helper.js", "/lib.private/helper", "public"],
  ["a.b.js", "/a.b", "public"],
  ["private.js", "/private", "public"],
  ["my function.js", "/my-function", "public"],
  ["hello.ts", "/hello", "public"],
  ["hello.mts", "/hello", "public"],
  ["hello.protected.cts", "/hello", "protected"],
  ["hello.d.ts", undefined],
  ["hello.d.mts", undefined],
  ["hello.tsx", undefined],
  ["hello.json", undefined],
  ["hello", undefined],
  ["hello.js.map", undefined],
  ["sms/.js", undefined],
];

for (const [file, path, visibility] of functions) {
  test(`the function file ${file} becomes ${path ?? "no function"}`, () => {
    assert.deepEqual(nameFunction(file), path === undefined ? undefined : { path, visibility });
  });
}

const assets: readonly (readonly [string, string, string])[] = [
  ["a.css", "/a.css", "public"],
  ["img/logo.png", "/img/logo.png", "public"],
  ["b.private.txt", "/b.txt", "private"],
  ["b.protected.txt", "/b.txt", "protected"],
  ["m.private.js", "/m.js", "private"],
  ["LICENSE", "/LICENSE", "public"],
  ["LICENSE.private", "/LICENSE", "private"],
  ["data.json.protected", "/data.json", "protected"],
  [".well-known/security.txt", "/.well-known/security.txt", "public"],
  ["a.min.private.js", "/a.min.js", "private"],
  ["a.b/c", "/a.b/c", "public"],
  ["a.private/c.txt", "/a.private/c.txt", "public"],
];

for (const [file, path, visibility] of assets) {
  test(`the asset file ${file} becomes ${path}, ${visibility}`, () => {
    assert.deepEqual(nameAsset(file), { path, visibility });
  });
}

function remarks(file: string): string {
  return remarksOn(file, nameAsset(file)).join("\n");
}

test("a marker that does not work gets a remark", () => {
  assert.match(remarks("a.private.min.js"), /^is public: \.private works only/);
  assert.match(remarks("a.PRIVATE.js"), /^is public/);
  assert.match(remarks("a.private.protected.js"), /^is protected/);
  assert.equal(remarks("a.private.js"), "");
  assert.equal(remarks("a.privateer.js"), "");
});

test("characters in a path that the hosted product would refuse get a remark", () => {
  assert.match(remarks("a&b (1).txt"), /has & \( \) in its path/);
  assert.match(remarks(`${"a".repeat(252)}.txt`), /more than 255 characters/);
  assert.equal(remarks(`${"a".repeat(250)}.txt`), "");
});
