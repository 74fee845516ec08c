import assert from "node:assert/strict";
import crypto, { createHash, createHmac } from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { test, type TestContext } from "node:test";
import {
  assetsIn,
  authToken,
  call,
  fn,
  open,
  startGateway,
  type Call,
  type Fixture,
  type Reply,
} from "./gateway-fixture.ts";

/** Signs as Twilio does. This is a second implementation, because the test must not use the gateway's own. */
function sign(url: string, parameters: readonly (readonly [string, string])[] = [], key = authToken): string {
  const names = [...new Set(parameters.map(([name]) => name))].toSorted();
  let data = url;
  for (const name of names) {
    const values = parameters.filter(([other]) => other === name).map(([, value]) => value);
    for (const value of [...new Set(values)].toSorted()) data += name + value;
  }
  return createHmac("sha1", key).update(data, "utf8").digest("base64");
}

function formOf(parameters: readonly (readonly [string, string])[]): string {
  return parameters.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
}

function form(signature: string, body: string): Call {
  const headers = {
    "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
    "x-twilio-signature": signature,
  };
  return { method: "POST", headers, body };
}

async function assertRefused(fixture: Fixture, path: string, options: Call, message?: string): Promise<void> {
  const reply = await call(fixture, path, options);
  assert.equal(reply.status, 403, message);
  assert.equal(reply.headers["x-offhook-error"], "signature-invalid", message);
  assert.equal(reply.body, "Twilio Request Validation Failed");
  assert.deepEqual(fixture.invocations, [], message);
}

test("without a signature, or with a malformed one, the body is not read", async (t) => {
  const fixture = await startGateway(t);
  await assertRefused(fixture, "/p", {});
  await assertRefused(fixture, "/p", { method: "POST", body: "a=1" });
  const wellFormed = sign("x");
  for (const signature of ["", "short", `${wellFormed}=`, wellFormed.replace(/.$/, "!"), `${wellFormed} `.repeat(2)]) {
    await assertRefused(fixture, "/p", { headers: { "x-twilio-signature": signature } }, signature);
  }
  await assertRefused(fixture, "/p", { headers: { "x-twilio-signature": [wellFormed, wellFormed] } });

  const raw = await open(t, fixture);
  raw.socket.write("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n");
  assert.match(await raw.until(/Validation Failed/), /^HTTP\/1\.1 403 /);
});

test("a wrong signature is refused, and so is one made with another token", async (t) => {
  const fixture = await startGateway(t);
  const url = `${fixture.base}/p`;
  await assertRefused(fixture, "/p", form(sign(`${url}?x`, [["a", "1"]]), "a=1"));
  await assertRefused(fixture, "/p", form(sign(url, [["a", "2"]]), "a=1"));
  await assertRefused(fixture, "/p", form(sign(url, [["a", "1"]], "f".repeat(32)), "a=1"));
  await assertRefused(fixture, "/p", { headers: { "x-twilio-signature": sign(url, [], "") } });
});

test("a signed form is accepted: sorted, decoded, repeated values once", async (t) => {
  const fixture = await startGateway(t);
  const parameters = [
    ["To", "+15005550006"],
    ["Body", "grüße & mehr=x"],
    ["B", "2"],
    ["Empty", ""],
    ["MediaUrl", "b"],
    ["MediaUrl", "a"],
    ["MediaUrl", "b"],
    ["body", "lower"],
  ] as const;
  const body = formOf(parameters).replaceAll("%20", "+");
  const reply = await call(fixture, "/p?q=1", form(sign(`${fixture.base}/p?q=1`, parameters), body));
  assert.equal(reply.status, 200);
  assert.equal(Buffer.from(fixture.invocations[0]?.body ?? []).toString(), body);
  const empty = await call(fixture, "/p", form(sign(`${fixture.base}/p`), ""));
  assert.equal(empty.status, 200);
});

test("a signed GET covers the URL with its query", async (t) => {
  const fixture = await startGateway(t);
  const headers = { "x-twilio-signature": sign(`${fixture.base}/p?a=1&b=%2B2`) };
  assert.equal((await call(fixture, "/p?a=1&b=%2B2", { headers })).status, 200);
  assert.equal((await call(fixture, "/p?a=1&b=%2B2", { headers, method: "HEAD" })).status, 200);
  assert.equal((await call(fixture, "/p?a=2&b=%2B2", { headers })).status, 403);
});

test("a JSON body needs its hash in the URL, and both must hold", async (t) => {
  const fixture = await startGateway(t);
  const body = JSON.stringify({ CallSid: "CA1" });
  const path = `/p?bodySHA256=${createHash("sha256").update(body).digest("hex")}`;
  const signed = (target: string, sent: string, type = "application/json"): Call => ({
    method: "POST",
    headers: { "content-type": type, "x-twilio-signature": sign(fixture.base + target) },
    body: sent,
  });
  const changed = `/p?bodySHA256=${"0".repeat(64)}`;
  for (const [target, sent] of [
    [path, `${body} `],
    [path, ""],
    [changed, body],
    ["/p?bodySHA256=", body],
    ["/p?bodySHA256=zz", body],
    ["/p", body],
    ["/p?xbodySHA256=1", body],
  ] as const) {
    await assertRefused(fixture, target, signed(target, sent), `${target} ${sent}`);
  }
  await assertRefused(fixture, path, { ...signed(path, body), headers: { "x-twilio-signature": sign("http://x/") } });
  await assertRefused(fixture, "/p", signed("/p", "a=1", "text/plain"), "an unsigned text body");
  assert.equal((await call(fixture, path, signed(path, body))).status, 200);
  assert.equal((await call(fixture, "/p?x=1", signed("/p?x=1", ""))).status, 200);
});

test("a hash in the query is checked for every type and method, so a signed call cannot be replayed without its body", async (t) => {
  const fixture = await startGateway(t);
  const body = JSON.stringify({ amount: 5 });
  const hash = createHash("sha256").update(body).digest("hex");
  const none = createHash("sha256").update("").digest("hex");
  const formType = "application/x-www-form-urlencoded";
  const send = (target: string, method: string, type: string, sent: string, signedAs = target): Promise<Reply> =>
    call(fixture, target, {
      method,
      headers: { "content-type": type, "x-twilio-signature": sign(fixture.base + signedAs) },
      ...(method === "POST" && { body: sent }),
    });
  const path = `/p?bodySHA256=${hash}`;
  const refused: readonly (readonly [string, string, string, string, string?])[] = [
    [path, "POST", formType, ""],
    [path, "GET", formType, ""],
    [path, "HEAD", "application/json", ""],
    [path, "POST", formType, "=&="],
    [path, "POST", "text/plain", "another"],
    [path, "POST", "", ""],
    // Not the body's hash, but the hash of the value that the package uses for a missing body.
    [`/p?bodySHA256=${createHash("sha256").update("{}").digest("hex")}`, "POST", "application/json", ""],
    [`/p?bodySHA256=${hash.toUpperCase()}`, "POST", "application/json", body],
    [`/p?bodySHA256=${none}&bodySHA256=${hash}`, "POST", "application/json", body],
    [`/p?BODYSHA256=${hash}`, "POST", "application/json", body],
    [`/p?xbodySHA256=${hash}`, "POST", formType, "=&="],
    // The old encoder decodes the name, so the signature covers this URL too.
    [`/p?body%53HA256=${hash}`, "GET", "", "", path],
    [`/p?%62odySHA256=${hash}`, "POST", formType, "=&=", path],
    [`/p?a=1#&%62odySHA256=${hash}`, "POST", formType, "=&=", `/p?a=1%23&bodySHA256=${hash}`],
  ];
  for (const [target, method, type, sent, signedAs] of refused) {
    const reply = await send(target, method, type, sent, signedAs);
    assert.equal(reply.status, 403, `${method} ${target} ${type} ${sent}`);
  }
  assert.deepEqual(fixture.invocations, []);
  const accepted: readonly (readonly [string, string, string, string])[] = [
    [path, "POST", "application/json", body],
    [path, "POST", "text/plain", body],
    [path, "POST", formType, body],
    [`${path}&bodySHA256=${none}`, "POST", "application/json", body],
    [`/p?body%53HA256=${hash}`, "POST", "application/json", body],
    [`/p?bodySHA256=${none}`, "GET", "", ""],
    [`/p?bodySHA256=${none}`, "POST", formType, ""],
  ];
  for (const [target, method, type, sent] of accepted) {
    assert.equal((await send(target, method, type, sent)).status, 200, `${method} ${target} ${type} ${sent}`);
  }
});

test("with unsignedBodies, the signature need not cover the body, but must not contradict it", async (t) => {
  const fixture = await startGateway(t, { access: { allowsUnsignedBodies: true } });
  const signed = (target: string, type: string): Call => ({
    method: "POST",
    headers: { "content-type": type, "x-twilio-signature": sign(fixture.base + target) },
    body: "{}",
  });
  assert.equal((await call(fixture, "/p", signed("/p", "application/json"))).status, 200);
  const wrongHash = `/p?bodySHA256=${"0".repeat(64)}`;
  const formBody = signed("/p", "application/x-www-form-urlencoded");
  assert.equal((await call(fixture, wrongHash, signed(wrongHash, "application/json"))).status, 403, "a wrong hash");
  assert.equal((await call(fixture, "/p", formBody)).status, 403, "a form");
});

test("a signature is valid with and without the default port, and with the query in the old encoding", async (t) => {
  const port = await startGateway(t);
  const at = async (fixture: Fixture, path: string, url: string): Promise<number> =>
    (await call(fixture, path, { headers: { "x-twilio-signature": sign(url) } })).status;
  assert.equal(await at(port, "/p", `http://127.0.0.1:${port.port}/p`), 200);
  assert.equal(await at(port, "/p", "http://127.0.0.1/p"), 200);
  assert.equal(await at(port, "/p", "http://127.0.0.1:81/p"), 403);
  assert.equal(await at(port, "/p", "https://127.0.0.1/p"), 403);

  const secure = await startGateway(t, { origin: { publicUrl: "https://example.org" } });
  assert.equal(await at(secure, "/p", "https://example.org/p"), 200);
  assert.equal(await at(secure, "/p", "https://example.org:443/p"), 200);
  assert.equal(await at(secure, "/p", "https://example.org:80/p"), 403);
  assert.equal(await at(secure, "/p?a=(1)!%20x", "https://example.org/p?a=(1)!%20x"), 200);
  assert.equal(await at(secure, "/p?a=%281%29%21%20x", "https://example.org/p?a=(1)!%20x"), 200);
  assert.equal(await at(secure, "/p?a=%281%29%21%20x", "https://example.org:443/p?a=(1)!%20x"), 200);

  const plain = await startGateway(t, { origin: { publicUrl: "http://example.org:8080/base/" } });
  assert.equal(await at(plain, "/p", "http://example.org:8080/base/p"), 200);
  assert.equal(await at(plain, "/p", "http://example.org/base/p"), 200);
});

test("more than a thousand parameters are refused, signed or not", async (t) => {
  const fixture = await startGateway(t);
  const parameters = Array.from({ length: 1_001 }, (_, index) => [`p${index}`, "1"] as const);
  const url = `${fixture.base}/p`;
  await assertRefused(fixture, "/p", form(sign(url, parameters), formOf(parameters)));
  const fewer = parameters.slice(1);
  assert.equal((await call(fixture, "/p", form(sign(url, fewer), formOf(fewer)))).status, 200);
});

test("without an auth token, no protected resource is served, and the log says why", async (t) => {
  for (const token of [undefined, ""]) {
    const fixture = await startGateway(t, { access: { authToken: token } });
    const headers = { "x-twilio-signature": sign(`${fixture.base}/p`, [], "") };
    const reply = await call(fixture, "/p", { headers });
    assert.equal(reply.status, 403);
    assert.equal(reply.headers["x-offhook-error"], "auth-token-missing");
    assert.equal(fixture.ended[0]?.code, "auth-token-missing");
    assert.deepEqual(fixture.invocations, []);
  }
});

test("the status of a refusal can be 400", async (t) => {
  const fixture = await startGateway(t, { access: { failureStatus: 400 } });
  assert.equal((await call(fixture, "/p")).status, 400);
  assert.equal((await call(fixture, "/p", { headers: { "x-twilio-signature": sign("x") } })).status, 400);
  assert.equal((await call(fixture, "/p", { method: "OPTIONS" })).status, 400);
});

test("a protected asset needs a signature too, and shared caches do not keep it", async (t: TestContext) => {
  const { assets } = await assetsIn(t, { "/p.txt": "guarded" }, "protected");
  const fixture = await startGateway(t, { assets });
  await assertRefused(fixture, "/p.txt", {});
  const headers = { "x-twilio-signature": sign(`${fixture.base}/p.txt`) };
  const reply = await call(fixture, "/p.txt", { headers });
  assert.equal(reply.body, "guarded");
  assert.equal(reply.headers["cache-control"], "private, max-age=0");
});

test("a signature for one path is invalid for another", async (t) => {
  const fixture = await startGateway(t, {
    functions: [fn("/p", "protected"), fn("/other", "protected"), fn("/p/more")],
  });
  const signature = sign(`${fixture.base}/p`);
  const headers = { "x-twilio-signature": signature };
  assert.equal((await call(fixture, "/p", { headers })).status, 200);
  for (const path of ["/other", "/p?a=1", "/p?", "/p?bodySHA256="]) {
    assert.equal((await call(fixture, path, { headers })).status, 403, path);
  }
  // The same for the body of another method.
  assert.equal((await call(fixture, "/p", form(signature, "a=1"))).status, 403);
  assert.equal(fixture.invocations.length, 1);
});

test("a signature for another host is invalid here, with any Host header", async (t) => {
  const fixture = await startGateway(t);
  const { port } = fixture;
  for (const [host, status] of [
    [`127.0.0.1:${port}`, 200],
    [`localhost:${port}`, 200],
    ["10.1.2.3:8080", 200],
    ["example.org", 403],
    ["203.0.113.9", 403],
    ["127.0.0.1.example.org", 403],
    ["localhost.example.org", 403],
    ["[2001:db8::1]", 403],
  ] as const) {
    const headers = { host, "x-twilio-signature": sign(`http://${host}/p`) };
    assert.equal((await call(fixture, "/p", { headers })).status, status, host);
    const forwarded = {
      "x-forwarded-host": host,
      "x-forwarded-proto": "http",
      "x-twilio-signature": sign(`http://${host}/p`),
    };
    const isOwn = host === `127.0.0.1:${port}`;
    assert.equal((await call(fixture, "/p", { headers: forwarded })).status, isOwn ? 200 : 403, `forwarded ${host}`);
  }
  // The same with a target that names its host.
  const raw = await open(t, fixture);
  raw.socket.write(
    `GET http://example.org/p HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Twilio-Signature: ${sign("http://example.org/p")}\r\nConnection: close\r\n\r\n`,
  );
  assert.match(await raw.closed(), /^HTTP\/1\.1 403 /);
});

test("the time of the check does not reveal how wrong a signature is", async (t) => {
  const fixture = await startGateway(t);
  const right = sign(`${fixture.base}/p`);
  const compared: [number, number][] = [];
  const { timingSafeEqual } = crypto;
  crypto.timingSafeEqual = (a, b) => {
    compared.push([a.byteLength, b.byteLength]);
    return timingSafeEqual(a, b);
  };
  syncBuiltinESMExports();
  t.after(() => {
    crypto.timingSafeEqual = timingSafeEqual;
    syncBuiltinESMExports();
  });
  const counts = [];
  for (const at of [0, 13, 26]) {
    const wrong = `${right.slice(0, at)}${right[at] === "A" ? "B" : "A"}${right.slice(at + 1)}`;
    await assertRefused(fixture, "/p", { headers: { "x-twilio-signature": wrong } });
    assert.ok(compared.every(([given, expected]) => given === 28 && expected === 28));
    counts.push(compared.splice(0).length);
  }
  assert.ok((counts[0] ?? 0) > 0);
  assert.deepEqual(new Set(counts).size, 1, "the same comparisons, wherever the difference is");
});
