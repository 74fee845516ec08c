import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";
import { isOffhookError } from "@offhook/runtime/offhook-error";

import { newPathOf, type Kind } from "../../src/new/new-path.ts";

const usual = { visibility: "public", rootName: "functions", extension: ".js" } as const;

const accepted: readonly (readonly [Kind, string, "public" | "protected" | "private", string, string])[] = [
  ["function", "sms", "public", "sms.js", "/sms"],
  ["function", "sms/reply", "protected", "sms/reply.protected.js", "/sms/reply"],
  ["function", "lib.private", "public", "lib.private.js", "/lib"],
  ["function", "a.ts", "private", "a.private.ts", "/a"],
  ["function", "a.protected.mjs", "protected", "a.protected.mjs", "/a"],
  ["function", "functions/a.js", "public", "a.js", "/a"],
  ["function", "v1.2/status", "public", "v1.2/status.js", "/v1.2/status"],
  ["function", "größe", "public", "größe.js", "/größe"],
  ["asset", "images/logo.svg", "protected", "images/logo.protected.svg", "/images/logo.svg"],
  ["asset", "LICENSE", "private", "LICENSE.private", "/LICENSE"],
  ["asset", ".well-known/x", "private", ".well-known/x.private", "/.well-known/x"],
  ["asset", ".well-known/assetlinks.json", "public", ".well-known/assetlinks.json", "/.well-known/assetlinks.json"],
];

for (const [kind, given, visibility, place, path] of accepted) {
  test(`${kind} ${given}, ${visibility}, becomes ${place}`, () => {
    const made = newPathOf(kind, given, { ...usual, visibility });
    assert.deepEqual([made.place, made.path], [place, path]);
    if (visibility !== "public") assert.equal(made.visibility, visibility);
  });
}

const refused: readonly (readonly [Kind, string])[] = [
  ["function", ""],
  ["function", "/sms"],
  ["function", "C:\\sms"],
  ["function", "../sms"],
  ["function", "a/../../sms"],
  ["function", "./sms"],
  ["function", "a//b"],
  ["function", "a/"],
  ["function", "a b"],
  ["function", "a\\b"],
  ["function", "a\u001b[2J"],
  ["function", "a\0b"],
  ["function", ".hidden"],
  ["function", "a?b"],
  ["function", "a%2fb"],
  ["function", "types.d.ts"],
  ["function", "node_modules/x"],
  ["function", "a.Private"],
  ["function", "a".repeat(256)],
  ["asset", ".env"],
  ["asset", "x/.env.local"],
  ["asset", "../x.svg"],
  ["asset", ".private"],
];

for (const [kind, given] of refused) {
  test(`${kind} ${JSON.stringify(given).slice(0, 40)} is rejected`, () => {
    assert.throws(
      () => newPathOf(kind, given, usual),
      (error) => isOffhookError(error) && error.code === "name-invalid",
    );
  });
}

test("a marker in the name cannot contradict the options", () => {
  assert.throws(
    () => newPathOf("function", "a.private", { ...usual, visibility: "protected" }),
    /contradicts "a\.private", which is private/,
  );
});

test("for every path, the file stays in its folder and gets the reported path", () => {
  const part = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom("..", ".", "", "a", ".private", "x.js", "~", "-"));
  fc.assert(
    fc.property(fc.constantFrom<Kind>("function", "asset"), fc.array(part, { maxLength: 4 }), (kind, parts) => {
      let made;
      try {
        made = newPathOf(kind, parts.join("/"), usual);
      } catch (error) {
        assert.ok(isOffhookError(error), String(error));
        return;
      }
      assert.doesNotMatch(made.place, /(?:^|\/)\.{0,2}(?:\/|$)|^[/\\]|[\p{C}\s]/u);
      assert.equal(made.path.includes(".."), made.place.includes(".."));
    }),
  );
});
