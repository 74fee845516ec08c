import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { serve } from "../site.ts";
import { exchangeRaw, open } from "../unit/gateway/gateway-fixture.ts";

const secret = "SECRET-7f3a";

const files = {
  ".env": `KEY=${secret}\n`,
  "package.json": `{ "name": "${secret}" }`,
  "offhook.json": "{}",
  "package-lock.json": `{ "name": "${secret}" }`,
  "node_modules/x/index.js": `module.exports = "${secret}";`,
  "README.md": secret,
  "functions/hello.js": `callback(null, "hello");`,
  "functions/lib.private.js": `exports.handler = (c, e, callback) => callback(null, "${secret}");`,
  "functions/signed.protected.js": `callback(null, "${secret}");`,
  "functions/.hidden.js": `callback(null, "${secret}");`,
  "assets/a.txt": "public",
  "assets/sub/b.txt": "public",
  "assets/key.private.txt": secret,
  "assets/signed.protected.txt": secret,
};

/** Paths at which a client might look for such files. */
const names = [
  ".env",
  "package.json",
  "package-lock.json",
  "offhook.json",
  "README.md",
  "node_modules/x/index.js",
  "functions/hello.js",
  "functions/lib.private.js",
  "hello.js",
  "lib",
  "lib.js",
  "lib.private",
  "lib.private.js",
  "key.txt",
  "key.private.txt",
  "signed",
  "signed.protected",
  "signed.txt",
  "signed.protected.txt",
  "assets/key.private.txt",
  "assets/a.txt",
  ".hidden",
];
const prefixes = [
  "/",
  "//",
  "/./",
  "/../",
  "/sub/../",
  "/sub/../../",
  "/%2e%2e/",
  "/sub/%2e%2e%2f",
  "/..%2f",
  "/..\\",
  "/..%5c",
  "/%252e%252e/",
  "/..;/",
  "/sub/b.txt/../../../",
  "/hello/../",
  "/hello/..%2f",
];
const suffixes = ["", "/", "%00", "%00.txt", "?x=1", "#x", ";.txt", "%20", ".", "::$DATA", "~"];

test("no spelling of a path shows private files, protected assets or files outside the assets", async (t) => {
  const site = await serve(t, files);
  const targets = prefixes.flatMap((prefix) =>
    names.flatMap((name) => suffixes.map((suffix) => `${prefix}${name}${suffix}`)),
  );
  for (let from = 0; from < targets.length; from += 500) {
    const some = targets.slice(from, from + 500);
    const raw = await open(t, site.server.address);
    raw.socket.write(some.map((target) => `GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`).join(""), "latin1");
    raw.socket.write("GET /a.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const reply = await raw.closed();
    assert.ok(!reply.includes(secret));
    const statuses = [...reply.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status);
    assert.equal(statuses.length, some.length + 1);
    for (const [index, target] of some.entries()) assert.match(String(statuses[index]), /^40[34]$/, target);
    assert.ok(reply.endsWith("public"));
  }
  assert.deepEqual(site.output, []);
  assert.equal((await site.call("/hello")).text, "hello");
});

test("methods, hosts and headers do not show them either", async (t) => {
  const site = await serve(t, files);
  const heads = [
    "GET http://127.0.0.1/lib HTTP/1.1",
    "POST /lib HTTP/1.1",
    "HEAD /lib HTTP/1.1",
    "OPTIONS /lib HTTP/1.1",
    "PUT /lib HTTP/1.1",
    "GET /hello HTTP/1.1\r\nX-Original-URL: /lib",
    "GET /hello HTTP/1.1\r\nX-Rewrite-URL: /key.private.txt",
    "POST /hello HTTP/1.1\r\nX-HTTP-Method-Override: GET\r\nX-Forwarded-Prefix: /lib",
    "GET /signed HTTP/1.1\r\nX-Twilio-Signature: \r\nX-Forwarded-For: 127.0.0.1",
    `GET /signed HTTP/1.1\r\nX-Twilio-Signature: ${"A".repeat(27)}=`,
    `GET /signed.txt HTTP/1.1\r\nX-Twilio-Signature: ${"A".repeat(27)}=\r\nRange: bytes=0-1`,
  ];
  for (const head of heads) {
    const reply = await exchangeRaw(t, site.server.address, `${head}\r\nHost: h\r\nConnection: close\r\n\r\n`);
    assert.ok(!reply.includes(secret), head);
    assert.match(reply, head.includes("/hello") ? /^HTTP\/1\.1 200 [^]*hello$/ : /^HTTP\/1\.1 40[345] /, head);
  }
});

test("a link out of the assets folder is not followed to a secret", async (t) => {
  const site = await serve(t, files);
  await symlink(join(site.folder, ".env"), join(site.folder, "assets", "env.txt"));
  assert.equal((await site.call("/env.txt")).status, 404);
});
