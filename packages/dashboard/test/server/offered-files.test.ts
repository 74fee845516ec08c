/**
 * Files that the phone attaches to messages: the page adds them, and functions read them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import { maxFileBytes, OfferedFiles } from "../../src/server/offered-files.ts";
import { serve } from "./dashboard-fixture.ts";

test("a function reads an offered file without a cookie, and can do nothing else", async (t) => {
  const { call, admitted } = await serve(t);
  const headers = { ...admitted, "content-type": "application/octet-stream" };
  const added = await call("POST", "/api/media?type=text/html", { headers, body: "<script>" });
  const { pathname } = new URL((JSON.parse(added.text) as { url: string }).url);
  const read = await call("GET", pathname);
  assert.deepEqual([read.status, read.headers["content-type"], read.text], [200, "text/html", "<script>"]);
  // A browser that opens it runs nothing.
  assert.match(String(read.headers["content-security-policy"]), /sandbox/);
  assert.equal(read.headers["content-disposition"], "attachment");
  assert.equal((await call("DELETE", pathname)).status, 405);
  assert.equal((await call("GET", `${pathname}0`)).status, 403);
  assert.equal((await call("GET", "/media/")).status, 403);
});

test("only the page can offer a file, and other pages cannot read it", async (t) => {
  const { call, admitted, cookie } = await serve(t);
  assert.equal((await call("POST", "/api/media", { headers: { cookie }, body: "x" })).status, 403);
  const { text } = await call("POST", "/api/media?type=image/png", { headers: admitted, body: "x" });
  const { pathname } = new URL((JSON.parse(text) as { url: string }).url);
  assert.equal((await call("GET", pathname, { headers: { "sec-fetch-site": "cross-site" } })).status, 403);
});

test("a file that is too large is refused", async (t) => {
  const { call, admitted } = await serve(t);
  const { status } = await call("POST", "/api/media", { headers: admitted, body: "x".repeat(maxFileBytes + 1) });
  assert.equal(status, 413);
});

test("the oldest file goes first, and an odd type is not kept", () => {
  const files = new OfferedFiles("http://127.0.0.1:1");
  const paths = Array.from({ length: 21 }, () => new URL(files.add(Buffer.from("x"), "a\r\nb: c")).pathname);
  assert.equal(files.find(paths[0] ?? ""), undefined);
  assert.equal(files.find(paths[1] ?? "")?.type, "application/octet-stream");
});
