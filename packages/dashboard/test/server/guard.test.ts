/** Which requests reach the dashboard: those with its host name that come from its own page or from the user. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isEmbedded, isForeign, isOurHost } from "../../src/server/guard.ts";

const origin = "http://127.0.0.1:3001";

test("the dashboard has one host", () => {
  assert.ok(isOurHost({ rawHeaders: ["Host", "127.0.0.1:3001"] }, "127.0.0.1:3001"));
});

for (const rawHeaders of [
  [],
  ["host", ""],
  ["host", "127.0.0.1"],
  ["host", "127.0.0.1:3000"],
  ["host", "localhost:3001"],
  ["host", "[::1]:3001"],
  ["host", "evil.com"],
  ["host", "evil.com:3001"],
  ["host", "127.0.0.1:3001@evil.com"],
  ["host", "127.0.0.1.nip.io:3001"],
  ["host", "127.0.0.1:3001, evil.com"],
  ["host", "127.0.0.1:3001", "Host", "evil.com"],
  ["host", "127.0.0.1:3001", "Host", "127.0.0.1:3001"],
  ["x-host", "127.0.0.1:3001"],
  ["x", "host", "127.0.0.1:3001", "y"],
]) {
  test(`${JSON.stringify(rawHeaders)} is not our host`, () => assert.ok(!isOurHost({ rawHeaders }, "127.0.0.1:3001")));
}

const cases: readonly (readonly [string, Record<string, string>, boolean])[] = [
  ["GET", {}, false],
  ["GET", { "sec-fetch-site": "none" }, false],
  ["HEAD", { "sec-fetch-site": "none" }, false],
  ["GET", { "sec-fetch-site": "same-origin" }, false],
  ["GET", { "sec-fetch-site": "cross-site" }, true],
  ["GET", { "sec-fetch-site": "same-site" }, true],
  ["GET", { "sec-fetch-site": "something-new" }, true],
  ["GET", { origin: "http://localhost:3000" }, true],
  ["POST", { "sec-fetch-site": "same-origin", origin }, false],
  ["POST", { "sec-fetch-site": "same-origin", origin: "http://127.0.0.1:3000" }, true],
  ["POST", { "sec-fetch-site": "none" }, true],
  ["POST", { "sec-fetch-site": "same-site", origin: "http://127.0.0.1:3000" }, true],
  ["POST", { origin }, false],
  ["POST", { origin: "http://127.0.0.1:3000" }, true],
  ["POST", { origin: "http://localhost:3001" }, true],
  ["POST", { origin: "https://127.0.0.1:3001" }, true],
  ["POST", { origin: "null" }, true],
  ["POST", { origin: "http://evil.com" }, true],
];

for (const [method, headers, expected] of cases) {
  test(`${method} with ${JSON.stringify(headers)} is ${expected ? "foreign" : "accepted"}`, () => {
    assert.equal(isForeign({ method, headers }, origin), expected);
  });
}

test("the page is for a tab, not for scripts, frames and service workers", () => {
  assert.ok(!isEmbedded({ headers: {} }));
  assert.ok(!isEmbedded({ headers: { "sec-fetch-dest": "document" } }));
  for (const destination of ["empty", "iframe", "object", "embed", "script", "serviceworker", "image"])
    assert.ok(isEmbedded({ headers: { "sec-fetch-dest": destination } }), destination);
});
