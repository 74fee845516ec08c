import assert from "node:assert/strict";
import { chmod, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { assetsIn, call, exchangeRaw, fn, open, startGateway, until } from "./gateway-fixture.ts";

test("an asset comes with its type, validators and nosniff", async (t) => {
  const { assets } = await assetsIn(t, {
    "/a.css": "a{}",
    "/x.html": "<p>",
    "/app.js": "1",
    "/data.unknownext": "?",
    "/noext": "?",
    "/.well-known/x.json": "{}",
  });
  const fixture = await startGateway(t, { assets });
  const types: Record<string, RegExp> = {
    "/a.css": /^text\/css/,
    "/x.html": /^text\/html/,
    "/app.js": /javascript/,
    "/data.unknownext": /^application\/octet-stream$/,
    "/noext": /^application\/octet-stream$/,
    "/.well-known/x.json": /^application\/json/,
  };
  for (const [path, type] of Object.entries(types)) {
    const reply = await call(fixture, `${path}?v=1`);
    assert.equal(reply.status, 200, path);
    assert.match(String(reply.headers["content-type"]), type);
    assert.ok(reply.headers.etag);
    assert.ok(reply.headers["last-modified"]);
    assert.equal(reply.headers["x-content-type-options"], "nosniff");
    assert.equal(reply.headers["accept-ranges"], "bytes");
    assert.match(String(reply.headers["x-offhook-request-id"]), /^RQ/);
  }
  assert.deepEqual(fixture.invocations, []);
  await until(() => fixture.ended.length === 6);
  assert.equal(fixture.ended[0]?.resource, "asset");
  assert.equal(fixture.ended[0]?.bytes, 3);
});

test("ranges, conditions, HEAD and POST", async (t) => {
  const { assets } = await assetsIn(t, { "/a.txt": "0123456789" });
  const fixture = await startGateway(t, { assets });
  const range = await call(fixture, "/a.txt", { headers: { range: "bytes=0-3" } });
  assert.equal(range.status, 206);
  assert.equal(range.body, "0123");
  assert.equal(range.headers["content-range"], "bytes 0-3/10");

  const outside = await call(fixture, "/a.txt", { headers: { range: "bytes=99-" } });
  assert.equal(outside.status, 416);
  assert.equal(outside.headers["content-range"], "bytes */10");

  const { etag } = (await call(fixture, "/a.txt")).headers;
  const fresh = await call(fixture, "/a.txt", { headers: { "if-none-match": String(etag) } });
  assert.equal(fresh.status, 304);
  assert.equal(fresh.body, "");
  assert.equal((await call(fixture, "/a.txt", { headers: { "if-match": '"other"' } })).status, 412);

  const head = "HEAD /a.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  assert.match(await exchangeRaw(t, fixture, head), /^HTTP\/1\.1 200 [^]*content-length: 10\r\n[^]*\r\n\r\n$/i);
  const post = await call(fixture, "/a.txt", { method: "POST", body: "a=1" });
  assert.equal(post.status, 200);
  assert.equal(post.body, "0123456789");
});

test("a removed file is not found, and is served again when it is back", async (t) => {
  const { assets, folder } = await assetsIn(t, { "/a.txt": "here" });
  const fixture = await startGateway(t, { assets });
  const file = join(folder, "a.txt");
  await rename(file, `${file}.away`);
  const reply = await call(fixture, "/a.txt");
  assert.equal(reply.status, 404);
  assert.equal(reply.headers["x-offhook-error"], "not-found");
  await rename(`${file}.away`, file);
  assert.equal((await call(fixture, "/a.txt")).body, "here");
});

test("a link that replaces a file is not followed", async (t) => {
  const { assets, folder } = await assetsIn(t, { "/a.txt": "here", "/sub/b.txt": "here" });
  const outside = await assetsIn(t, { "/secret.txt": "secret", "/b.txt": "secret" });
  const fixture = await startGateway(t, { assets });
  await rm(join(folder, "a.txt"));
  await symlink(join(outside.folder, "secret.txt"), join(folder, "a.txt"));
  await rm(join(folder, "sub"), { recursive: true });
  await symlink(outside.folder, join(folder, "sub"));
  for (const path of ["/a.txt", "/sub/b.txt"]) {
    const reply = await call(fixture, path);
    assert.equal(reply.status, 500);
    assert.equal(reply.headers["x-offhook-error"], "asset-unreadable");
    assert.doesNotMatch(reply.body, /secret/);
  }
  assert.match(fixture.ended[0]?.detail ?? "", /secret\.txt/);
});

test("a file that is unreadable, or has become a folder, is an error", async (t) => {
  const { assets, folder } = await assetsIn(t, { "/locked/a.txt": "here", "/b.txt": "here" });
  const fixture = await startGateway(t, { assets });
  await rm(join(folder, "b.txt"));
  await mkdir(join(folder, "b.txt"));
  await writeFile(join(folder, "b.txt", "index.html"), "listing");
  const asFolder = await call(fixture, "/b.txt");
  assert.equal(asFolder.status, 500);
  assert.equal(asFolder.headers["x-offhook-error"], "asset-unreadable");
  assert.equal(asFolder.headers.etag, undefined);

  if (process.getuid?.() === 0) return t.diagnostic("root reads everything: the rest was left out");
  await chmod(join(folder, "locked/a.txt"), 0);
  const locked = await call(fixture, "/locked/a.txt");
  assert.equal(locked.status, 500);
  assert.equal(locked.headers["x-offhook-error"], "asset-unreadable");
  assert.equal(locked.headers.etag, undefined);
});

test("a client that disconnects in the middle of a file affects no other", async (t) => {
  const { assets } = await assetsIn(t, { "/big.bin": Buffer.alloc(20_000_000) });
  const fixture = await startGateway(t, { assets, functions: [fn("/hello")] });
  const raw = await open(t, fixture);
  raw.socket.write("GET /big.bin HTTP/1.1\r\nHost: h\r\n\r\n");
  await raw.until(/\r\n\r\n/);
  raw.socket.resetAndDestroy();
  await until(() => fixture.ended.length === 1);
  assert.equal((await call(fixture, "/hello")).status, 200);
});
