import assert from "node:assert/strict";
import { test } from "node:test";
import { createRoutes } from "../../../src/gateway/routes.ts";
import { originFormOf } from "../../../src/gateway/target.ts";
import { assetsIn, call, exchangeRaw, fn, startGateway } from "./gateway-fixture.ts";

test("a function answers GET and POST at its exact path, with the query apart", async (t) => {
  const fixture = await startGateway(t);
  assert.equal((await call(fixture, "/hello?a=1&b=2?3")).body, "hi");
  assert.equal((await call(fixture, "/sms/reply", { method: "POST", body: "x=1" })).status, 200);
  const [first, second] = fixture.invocations;
  assert.equal(first?.path, "/hello");
  assert.equal(first?.function, "hello");
  assert.equal(first?.query, "a=1&b=2?3");
  assert.equal(second?.function, "sms/reply");
  assert.equal(second?.query, "");
  assert.equal(Buffer.from(second?.body ?? []).toString(), "x=1");
  assert.ok(first?.headers.includes(`127.0.0.1:${fixture.port}`));
});

test("every other spelling of a path is not found, and is logged", async (t) => {
  const fixture = await startGateway(t);
  const spellings = [
    "/nope",
    "/hello/",
    "/Hello",
    "//hello",
    "/hello/x",
    "/hel%6Co",
    "/sms//reply",
    "/sms/../hello",
    "/sms/%2e%2e/hello",
    "/./hello",
    "/sms\\reply",
    "/hello%00",
    "/hello;x",
    "/",
    "/?x=/hello",
  ];
  for (const path of spellings) {
    const reply = await call(fixture, path);
    assert.equal(reply.status, 404, path);
    assert.equal(reply.body, "Could not find requested resource");
    assert.equal(reply.headers["x-offhook-error"], "not-found");
    assert.equal(reply.headers["content-type"], "text/plain; charset=utf-8");
  }
  assert.deepEqual(fixture.invocations, []);
  assert.equal(fixture.ended.length, spellings.length);
  assert.equal(fixture.ended[0]?.code, "not-found");
});

test("private functions and assets have no URL by any spelling", async (t) => {
  const { assets } = await assetsIn(t, { "/secret file.txt": "s" }, "private");
  const fixture = await startGateway(t, { functions: [fn("/lib", "private")], assets });
  for (const path of ["/lib", "/secret%20file.txt", "/lib?x"]) {
    assert.equal((await call(fixture, path)).status, 404);
    assert.equal((await call(fixture, path, { method: "OPTIONS" })).status, 404);
  }
});

test("the root is the asset / or else /assets/index.html, never /index.html", async (t) => {
  const only = await assetsIn(t, { "/index.html": "no" });
  assert.equal((await call(await startGateway(t, { assets: only.assets }), "/")).status, 404);

  const nested = await assetsIn(t, { "/assets/index.html": "root" });
  const fixture = await startGateway(t, { assets: nested.assets });
  assert.equal((await call(fixture, "/")).body, "root");
  assert.equal((await call(fixture, "/assets/index.html")).body, "root");

  const own = { kind: "asset", path: "/", file: "/a", visibility: "public" } as const;
  const index = { kind: "asset", path: "/assets/index.html", file: "/b", visibility: "public" } as const;
  assert.equal(createRoutes({ functions: [], assets: [index, own] }).get("/"), own);
});

test("a name that needs percent-encoding is found in that spelling and no other", async (t) => {
  const files = { "/my file.png": "1", "/café.txt": "2", "/what?.txt": "3", "/100%.txt": "4" };
  const { assets } = await assetsIn(t, files);
  const fixture = await startGateway(t, { assets });
  assert.equal((await call(fixture, "/my%20file.png")).body, "1");
  assert.equal((await call(fixture, "/caf%C3%A9.txt")).body, "2");
  assert.equal((await call(fixture, "/what%3F.txt")).body, "3");
  assert.equal((await call(fixture, "/100%25.txt")).body, "4");
  assert.equal((await call(fixture, "/m%79%20file.png")).status, 404);
});

test("a file whose own name looks encoded keeps that name", () => {
  const spaced = { kind: "asset", path: "/a b", file: "/1", visibility: "public" } as const;
  const literal = { kind: "asset", path: "/a%20b", file: "/2", visibility: "public" } as const;
  const routes = createRoutes({ functions: [], assets: [spaced, literal] });
  assert.equal(routes.get("/a%20b"), literal);
  assert.equal(routes.get("/a%2520b"), literal);
});

test("a target with scheme and host is reduced to its path", async (t) => {
  assert.equal(originFormOf("http://h/p?q=/x"), "/p?q=/x");
  assert.equal(originFormOf("https://h:1"), "/");
  assert.equal(originFormOf("http://h?q=/x"), "/?q=/x");
  const hosts: string[] = [];
  const fixture = await startGateway(t, {
    gateway: {
      resolve: (host) => {
        hosts.push(host);
        return undefined;
      },
    },
  });
  const head = "GET http://Example.org:99/hello HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n";
  assert.match(await exchangeRaw(t, fixture, head), /^HTTP\/1\.1 404 /);
  assert.deepEqual(hosts, ["Example.org:99"]);

  const whole = await startGateway(t);
  assert.match(await exchangeRaw(t, whole, head), /^HTTP\/1\.1 200 [^]*hi$/);
});

test("OPTIONS * and other targets without a path are not found", async (t) => {
  const fixture = await startGateway(t);
  for (const line of ["OPTIONS *", "OPTIONS ftp://h/hello"]) {
    const bytes = `${line} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`;
    assert.match(await exchangeRaw(t, fixture, bytes), /^HTTP\/1\.1 40[04] /);
  }
});
