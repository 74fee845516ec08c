/** Valid request lines and hosts. No spelling of them reaches a resource without a URL. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assetsIn, call, exchangeRaw, fn, open, startGateway } from "./gateway-fixture.ts";

const ask = (line: string, host = "h"): string => `${line}\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

test("an invalid host is malformed, in the header and in the target", async (t) => {
  const fixture = await startGateway(t);
  const bad = [
    "a b",
    "a, b",
    "a@b",
    "user:pass@b",
    "a/b",
    "a?b",
    "a#b",
    "a\\b",
    "h:x",
    "h:1:2",
    "[::1",
    "::1",
    "a<b>",
    '"a"',
    "\u00e9",
    ":80",
  ];
  for (const host of bad) {
    const reply = await exchangeRaw(t, fixture, ask("GET /hello HTTP/1.1", host));
    assert.match(reply, /^HTTP\/1\.1 400 [^]*x-offhook-error: request-malformed\r\n/, host);
  }
  for (const target of ["http://user@b/hello", "http:///hello", "http://a,b/hello", "http://?x"]) {
    const reply = await exchangeRaw(t, fixture, ask(`GET ${target} HTTP/1.1`));
    assert.match(reply, /^HTTP\/1\.1 400 [^]*x-offhook-error: request-malformed\r\n/, target);
  }
  assert.deepEqual(fixture.invocations, []);
  const good = [
    "localhost:3000",
    "a-b_c.example.org",
    "127.0.0.1",
    "[::1]:80",
    "[fe80::1%25eth0]",
    "xn--caf-dma.fr:",
    "EXAMPLE",
  ];
  for (const host of good) {
    assert.match(await exchangeRaw(t, fixture, ask("GET /hello HTTP/1.1", host)), /^HTTP\/1\.1 200 /, host);
  }
});

test("two hosts are malformed, also the same twice, and a bad one after good ones", async (t) => {
  const fixture = await startGateway(t);
  const two = "GET /hello HTTP/1.1\r\nHost: h\r\nHost: h\r\nConnection: close\r\n\r\n";
  assert.match(await exchangeRaw(t, fixture, two), /^HTTP\/1\.1 400 /);
  const raw = await open(t, fixture);
  raw.socket.write("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n".repeat(3));
  raw.socket.write(ask("GET /hello HTTP/1.1", "a b"));
  assert.match(await raw.closed(), /^(?:HTTP\/1\.1 200 (?:(?!HTTP)[^])*){3}HTTP\/1\.1 400 /);
});

test("a target without a known path is not found or malformed, in any form", async (t) => {
  const fixture = await startGateway(t);
  const forms: Record<string, number> = {
    "GET * HTTP/1.1": 404,
    "OPTIONS * HTTP/1.1": 404,
    "GET h:80 HTTP/1.1": 400,
    "GET hello HTTP/1.1": 400,
    "GET ftp://h/hello HTTP/1.1": 404,
    "GET HTTP://h/hello HTTP/1.1": 404,
    "GET file:///etc/passwd HTTP/1.1": 404,
    "GET /hello#fragment HTTP/1.1": 404,
    "GET //h/hello HTTP/1.1": 404,
    "GET ?x HTTP/1.1": 400,
    "CONNECT /hello HTTP/1.1": 405,
    "CONNECT h:443 HTTP/1.1": 405,
    "TRACE /hello HTTP/1.1": 405,
    "M-SEARCH /hello HTTP/1.1": 405,
    "QUERY /hello HTTP/1.1": 405,
    "PRI /hello HTTP/1.1": 400,
  };
  for (const [line, status] of Object.entries(forms)) {
    const reply = await exchangeRaw(t, fixture, ask(line));
    assert.match(reply, new RegExp(`^HTTP/1\\.1 ${status} [^]*\\r\\nx-offhook-error: `), line);
  }
  assert.deepEqual(fixture.invocations, []);
});

test("TRACE does not echo the request", async (t) => {
  const fixture = await startGateway(t);
  const reply = await exchangeRaw(
    t,
    fixture,
    ask("TRACE /hello HTTP/1.1").replace("\r\n\r\n", "\r\nCookie: secret\r\n\r\n"),
  );
  assert.doesNotMatch(reply, /secret|TRACE/);
});

test("a fragment after a query is part of the query, and a broken escape stays unchanged", async (t) => {
  const fixture = await startGateway(t);
  for (const query of ["a#b", "a=%", "a=%zz", "a=%c0%af", "a=%ff", "a;b", "a=%00", "a=\\"]) {
    await exchangeRaw(t, fixture, ask(`GET /hello?${query} HTTP/1.1`));
    assert.equal(fixture.invocations.at(-1)?.query, query);
  }
});

test("an expectation other than 100-continue is refused from the ledger, and the connection kept", async (t) => {
  const fixture = await startGateway(t);
  for (const expect of ["200-ok", "x"]) {
    const raw = await open(t, fixture);
    raw.socket.write(`GET /hello HTTP/1.1\r\nHost: h\r\nExpect: ${expect}\r\n\r\n${ask("GET /hello HTTP/1.1")}`);
    assert.match(
      await raw.closed(),
      /^HTTP\/1\.1 417 [^]*x-offhook-error: request-malformed\r\n[^]*Bad requestHTTP\/1\.1 200 /,
    );
    assert.equal(fixture.ended.splice(0)[0]?.code, "request-malformed");
  }
  assert.equal(fixture.invocations.length, 2);
});

/** Ways to write `..`, a slash and nothing, in all encodings that some layer might decode. */
const dots = [
  "..",
  "%2e%2e",
  ".%2e",
  "%252e%252e",
  "..%00",
  "%c0%ae%c0%ae",
  "%u002e%u002e",
  "..;",
  ".%00.",
  "\\..",
  "..\\",
  "%ff..",
];
const slashes = ["/", "%2f", "%5c", "\\", "%252f", "%c0%af", "//", "/./", ";/"];

test("no spelling of a path leads outside the assets, or to a private asset", async (t) => {
  const { assets, folder } = await assetsIn(t, { "/a.txt": "public", "/sub/b.txt": "public" });
  const { assets: hidden } = await assetsIn(t, { "/secret.txt": "SECRET" }, "private");
  const fixture = await startGateway(t, {
    assets: [...assets, ...hidden],
    functions: [fn("/hello"), fn("/lib", "private")],
  });
  const targets = ["secret.txt", "lib", ".env", "package.json", "etc/passwd", "a.txt"].flatMap((name) =>
    dots.flatMap((dot) =>
      slashes.flatMap((slash) => [
        `/${dot}${slash}${name}`,
        `/sub${slash}${dot}${slash}${name}`,
        `/sub${slash}b.txt${slash}${dot}${slash}${dot}${slash}${name}`,
      ]),
    ),
  );
  targets.push(
    folder,
    `/${folder}/a.txt`,
    "/secret.txt",
    "/lib",
    "/SECRET.TXT",
    "/secret.txt%00.txt",
    "/secret%2etxt",
    "/secret.txt/",
    "/a.txt/",
    "/a.txt%00",
    "/a.txt::$DATA",
    "/%61.txt",
    "/a.txt.",
    "/a.txt%20",
    "/sub",
    "/sub/",
  );
  const raw = await open(t, fixture);
  let received = 0;
  for (const target of targets) {
    raw.socket.write(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`, "latin1");
    received += 1;
  }
  raw.socket.write(ask("GET /a.txt HTTP/1.1"));
  const reply = await raw.closed();
  assert.doesNotMatch(reply, /SECRET|root:/);
  assert.equal(reply.split("HTTP/1.1 404 Not Found").length - 1, received);
  assert.match(reply, /HTTP\/1\.1 200 OK\r\n(?:(?!HTTP\/1)[^])*public$/);
  assert.equal(fixture.invocations.length, 0);
  assert.equal((await call(fixture, "/sub/b.txt")).body, "public");
});
