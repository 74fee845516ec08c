import assert from "node:assert/strict";
import { test } from "node:test";
import { isFromOwnPage, isFromThisMachine, wantsPage } from "../../../../src/development/pages/author-browser.ts";

const html = "text/html,application/xhtml+xml,*/*;q=0.8";

function requestOf(headers: Record<string, string>, remoteAddress = "127.0.0.1", method = "GET") {
  return { method, url: "/", headers: { host: "localhost:3000", ...headers }, socket: { remoteAddress } };
}

test("a caller on this machine uses a name of this machine, and no proxy", () => {
  for (const host of [
    "localhost:3000",
    "LOCALHOST",
    "127.0.0.1:3000",
    "127.0.0.2",
    "[::1]:3000",
    "app.localhost:3000",
  ]) {
    assert.ok(isFromThisMachine(requestOf({ host })), host);
  }
  for (const address of ["::1", "::ffff:127.0.0.1", "127.8.0.1"]) {
    assert.ok(isFromThisMachine(requestOf({}, address)), address);
  }
});

test("callers through a tunnel, from another machine, or under a foreign name are strangers", () => {
  const foreign = [
    "my.example.org",
    "127.0.0.1.nip.io:3000",
    "localhost.example.org",
    "192.168.1.4:3000",
    "",
    "1270.0.0.1",
  ];
  for (const host of foreign) assert.ok(!isFromThisMachine(requestOf({ host })), host);
  for (const address of ["192.168.1.4", "::ffff:10.0.0.1", "fe80::1", "172.17.0.1", ""]) {
    assert.ok(!isFromThisMachine(requestOf({}, address)), address);
  }
  assert.ok(!isFromThisMachine({ ...requestOf({}), url: "http://my.example.org/" }));
  for (const name of [
    "x-forwarded-for",
    "x-forwarded-proto",
    "forwarded",
    "via",
    "x-real-ip",
    "cf-ray",
    "x-original-host",
  ]) {
    assert.ok(!isFromThisMachine(requestOf({ [name]: "1" })), name);
  }
});

test("only a reply that fills a tab is a page", () => {
  assert.ok(wantsPage(requestOf({ accept: html })));
  assert.ok(wantsPage(requestOf({ accept: html, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" })));
  assert.ok(wantsPage(requestOf({ accept: html }, "127.0.0.1", "POST")));
  assert.ok(!wantsPage(requestOf({ accept: "*/*" })));
  assert.ok(!wantsPage(requestOf({ accept: html, "sec-fetch-mode": "cors" })));
  assert.ok(!wantsPage(requestOf({ accept: html, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" })));
  assert.ok(!wantsPage(requestOf({ accept: html }, "127.0.0.1", "PUT")));
});

test("a page of another origin is not a page of this server", () => {
  assert.ok(isFromOwnPage(requestOf({})));
  assert.ok(isFromOwnPage(requestOf({ origin: "http://localhost:3000", "sec-fetch-site": "same-origin" })));
  for (const origin of ["http://localhost:3001", "http://127.0.0.1:3000", "https://localhost:3000", "null"]) {
    assert.ok(!isFromOwnPage(requestOf({ origin })), origin);
  }
  for (const site of ["same-site", "cross-site", "none"])
    assert.ok(!isFromOwnPage(requestOf({ "sec-fetch-site": site })));
});
