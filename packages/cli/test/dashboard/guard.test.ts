/**
 * Only a browser on this machine, sent by its user, reaches the dashboard.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isForeign, isLocal, isToken } from "../../src/dashboard/guard.ts";

const local = { address: "127.0.0.1", method: "GET", headers: { host: "localhost:3000" } };

for (const address of ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"]) {
  test(`${address} is this machine`, () => assert.ok(isLocal({ ...local, address })));
}

for (const address of [
  "10.0.0.1",
  "192.168.1.1",
  "::ffff:10.0.0.1",
  "fe80::1",
  "128.0.0.1",
  "127.0.0.1.example.com",
  "",
  undefined,
]) {
  test(`${address} is not`, () => assert.ok(!isLocal({ ...local, address })));
}

for (const host of ["localhost:3000", "LOCALHOST", "127.0.0.1:1", "[::1]:3000"]) {
  test(`${host} is a name of it`, () => assert.ok(isLocal({ ...local, headers: { host } })));
}

for (const host of [
  "evil.com",
  "localhost.evil.com",
  "evil.com:3000",
  "localhost:3000@evil.com",
  "127.0.0.1.nip.io",
  "x.localhost",
  "",
  undefined,
]) {
  test(`${host} is none`, () => assert.ok(!isLocal({ ...local, headers: host === undefined ? {} : { host } })));
}

for (const name of [
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "forwarded",
  "via",
  "cf-connecting-ip",
  "x-real-ip",
  "tailscale-user-login",
]) {
  test(`with ${name} it came through something`, () => {
    assert.ok(!isLocal({ ...local, headers: { ...local.headers, [name]: "1" } }));
  });
}

const own = { host: "localhost:3000" };
const cases: readonly (readonly [string, Record<string, string>, boolean])[] = [
  ["GET", {}, false],
  ["GET", { "sec-fetch-site": "none" }, false],
  ["GET", { "sec-fetch-site": "same-origin" }, false],
  ["GET", { "sec-fetch-site": "cross-site" }, true],
  ["GET", { "sec-fetch-site": "same-site" }, true],
  ["POST", { "sec-fetch-site": "same-origin", origin: "http://localhost:3000" }, false],
  ["POST", { "sec-fetch-site": "none" }, true],
  ["POST", { origin: "http://localhost:3000" }, false],
  ["POST", { origin: "http://localhost:3001" }, true],
  ["POST", { origin: "https://localhost:3000" }, true],
  ["POST", { origin: "null" }, true],
  ["POST", { origin: "http://evil.com" }, true],
];

for (const [method, headers, expected] of cases) {
  test(`${method} with ${JSON.stringify(headers)} is ${expected ? "foreign" : "our own"}`, () => {
    assert.equal(isForeign({ address: "127.0.0.1", method, headers: { ...own, ...headers } }), expected);
  });
}

test("a token is the token", () => {
  assert.ok(isToken("abc", "abc"));
  for (const given of ["", "ab", "abd", "abcd", undefined]) assert.ok(!isToken(given, "abc"));
});
