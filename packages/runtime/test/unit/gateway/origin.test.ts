import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { isOffhookError } from "../../../src/offhook-error.ts";
import { createOrigin, type OriginOptions } from "../../../src/gateway/origin.ts";
import { authToken, call, startGateway } from "./gateway-fixture.ts";

function domain(
  options: Partial<OriginOptions>,
  headers: Record<string, string> = {},
  remoteAddress = "127.0.0.1",
): string {
  const request = { headers: { host: "evil.example", ...headers }, socket: { remoteAddress } };
  const origin = createOrigin({ publicUrl: undefined, trustProxy: [], ...options });
  return origin.domainOf(request as unknown as IncomingMessage, "localhost:3000");
}

const forwarded = { "x-forwarded-host": "example.org" };

test("the domain never comes from the Host header", async (t) => {
  const fixture = await startGateway(t);
  await call(fixture, "/hello", { headers: { host: "evil.example", ...forwarded } });
  assert.equal(fixture.invocations[0]?.domain, `localhost:${fixture.port}`);
  assert.equal(domain({ trustProxy: ["loopback"] }), "localhost:3000");
});

test("the domain is the public URL's, even if headers name another", () => {
  assert.equal(domain({ publicUrl: "https://Example.COM" }, forwarded), "example.com");
  assert.equal(
    domain({ publicUrl: "https://example.com:8443", trustProxy: ["loopback"] }, forwarded),
    "example.com:8443",
  );
});

test("a service with its own host names has the first one as its domain", () => {
  const hosts = ["a.example.org:8443", "www.example.org"];
  assert.equal(domain({ hosts }, forwarded), "a.example.org:8443");
  assert.equal(domain({ hosts, trustProxy: ["loopback"] }), "a.example.org:8443");
  assert.equal(domain({ hosts, trustProxy: ["loopback"] }, forwarded), "example.org");
  assert.equal(domain({ hosts, publicUrl: "https://public.example" }), "public.example");
});

test("a signature may cover a host name of the service, in any spelling, and no other public name", () => {
  const origin = createOrigin({ publicUrl: undefined, trustProxy: [], hosts: ["a.example.org", "b.example.org:8443"] });
  const socket = { remoteAddress: "203.0.113.9", localAddress: "203.0.113.1" };
  const baseOf = (host: string) => origin.baseOf({ headers: { host }, socket } as unknown as IncomingMessage, host);
  assert.deepEqual(baseOf("a.example.org"), { scheme: "http", host: "a.example.org", port: "", prefix: "" });
  assert.deepEqual(baseOf("A.Example.org.:80"), { scheme: "http", host: "A.Example.org.", port: "80", prefix: "" });
  assert.equal(baseOf("b.example.org")?.host, "b.example.org");
  assert.equal(baseOf("c.example.org"), undefined);
  assert.equal(baseOf("x.a.example.org"), undefined);
});

test("a forwarded host counts only from a trusted proxy", () => {
  assert.equal(domain({}, forwarded), "localhost:3000");
  for (const address of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]) {
    assert.equal(domain({ trustProxy: ["loopback"] }, forwarded, address), "example.org", address);
    assert.equal(domain({ trustProxy: ["127.0.0.0/8", "::1/128"] }, forwarded, address), "example.org", address);
  }
  for (const address of ["10.0.0.1", "::2", "::ffff:10.0.0.1", ""]) {
    assert.equal(domain({ trustProxy: ["loopback"] }, forwarded, address), "localhost:3000", address);
  }
  assert.equal(domain({ trustProxy: ["10.1.0.0/16"] }, forwarded, "::ffff:10.1.2.3"), "example.org");
  assert.equal(domain({ trustProxy: ["10.1.0.0/16"] }, forwarded, "10.2.2.3"), "localhost:3000");
  assert.equal(domain({ trustProxy: ["2001:db8::/32"] }, forwarded, "2001:db8::5"), "example.org");
  assert.equal(domain({ trustProxy: ["192.0.2.7"] }, forwarded, "192.0.2.7"), "example.org");
});

test("of several forwarded hosts, the nearest proxy's counts, and only if it is valid", () => {
  const hosts: [string, string][] = [
    ["evil.example, example.org:8443", "example.org:8443"],
    ["[2001:db8::1]:80", "[2001:db8::1]:80"],
    ["example.org/path", "localhost:3000"],
    ["user@example.org", "localhost:3000"],
    ["exa mple", "localhost:3000"],
    ["example.org,", "localhost:3000"],
    ["", "localhost:3000"],
  ];
  for (const [value, expected] of hosts) {
    assert.equal(domain({ trustProxy: ["loopback"] }, { "x-forwarded-host": value }), expected, value);
  }
});

test("a signature covers the URL that a trusted proxy reports, and ignores such headers from other clients", async (t) => {
  const sign = (url: string): string => createHmac("sha1", authToken).update(url).digest("base64");
  const cases: [Record<string, string>, string][] = [
    [{ "x-forwarded-proto": "https", "x-forwarded-host": "example.org" }, "https://example.org/p"],
    [{ "x-forwarded-proto": "http, HTTPS", "x-forwarded-host": "a, example.org" }, "https://example.org/p"],
    [{ "x-forwarded-proto": "https", host: "kept.example" }, "https://kept.example/p"],
    [
      { "x-forwarded-proto": "https", "x-forwarded-host": "example.org", "x-forwarded-port": "8443" },
      "https://example.org:8443/p",
    ],
    [
      { "x-forwarded-proto": "https", "x-forwarded-host": "example.org", "x-forwarded-port": "443" },
      "https://example.org:443/p",
    ],
  ];
  const trusting = await startGateway(t, { origin: { trustProxy: ["loopback"] } });
  const wary = await startGateway(t);
  for (const [headers, url] of cases) {
    const signed = { headers: { ...headers, "x-twilio-signature": sign(url) } };
    assert.equal((await call(trusting, "/p", signed)).status, 200, url);
    assert.equal((await call(wary, "/p", signed)).status, 403, url);
  }
  const odd = { "x-forwarded-host": "example.org/p?", "x-twilio-signature": sign("http://example.org/p?/p") };
  assert.equal((await call(trusting, "/p", { headers: odd })).status, 403);
});

test("invalid addresses are rejected at start", () => {
  const wrong: Partial<OriginOptions>[] = [
    { trustProxy: ["localhost"] },
    { trustProxy: ["10.0.0.0/33"] },
    { trustProxy: ["10.0.0.0/x"] },
    { publicUrl: "example.org" },
    { publicUrl: "ftp://example.org" },
  ];
  for (const options of wrong) {
    assert.throws(
      () => createOrigin({ publicUrl: undefined, trustProxy: [], ...options }),
      (error) => isOffhookError(error) && error.code === "setting-invalid",
      JSON.stringify(options),
    );
  }
});
