import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import { signRequest } from "../../../src/gateway/signature.ts";
import { authToken, call, startGateway, type Call, type Reply } from "./gateway-fixture.ts";

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

function form(signature: string, body: string): Call {
  const headers = {
    "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
    "x-twilio-signature": signature,
  };
  return { method: "POST", headers, body };
}

test("a form is signed by its text, in any charset", async (t) => {
  const fixture = await startGateway(t);
  const send = (charset: string, body: string | Buffer, text: string): Promise<Reply> =>
    call(fixture, "/p", {
      method: "POST",
      headers: {
        "content-type": `application/x-www-form-urlencoded; charset=${charset}`,
        "x-twilio-signature": sign(`${fixture.base}/p`, [["Body", text]]),
      },
      body,
    });
  assert.equal((await send("iso-8859-1", "Body=caf%E9", "café")).status, 200);
  assert.equal((await send("iso-8859-1", Buffer.from("Body=café", "latin1"), "café")).status, 200);
  assert.equal((await send('"UTF-8"', "Body=caf%C3%A9", "café")).status, 200);
  assert.equal((await send("utf-16le", Buffer.from("Body=caf%C3%A9", "utf16le"), "café")).status, 200);
  assert.equal((await send("iso-8859-1", "Body=caf%C3%A9", "café")).status, 403, "other text in this charset");
  assert.equal((await send("utf-8", Buffer.from("Body=café", "latin1"), "caf\ufffd")).status, 403, "invalid bytes");
  const unknown = await send("utf-7", "Body=cafe", "cafe");
  assert.equal(unknown.status, 415);
  assert.equal(unknown.headers["x-offhook-error"], "body-charset-unsupported");
});

test("a URL is accepted as received, as new URL() writes it and in the old encoding", async (t) => {
  const fixture = await startGateway(t);
  const at = async (path: string, signedAs: string, headers: Record<string, string> = {}): Promise<number> =>
    (await call(fixture, path, { headers: { ...headers, "x-twilio-signature": sign(signedAs) } })).status;
  const { base, port } = fixture;
  for (const [path, ...spellings] of [
    ["/p?name=O'Brien", "/p?name=O'Brien", "/p?name=O%27Brien"],
    [`/p?a='"<>`, `/p?a='"<>`, "/p?a=%27%22%3C%3E", "/p?a='%22%3C%3E"],
    ["/p?a=|^`{}[]", "/p?a=|^`{}[]", "/p?a=%7C%5E%60%7B%7D%5B%5D"],
    ["/p?a=%c3%a9+b", "/p?a=%c3%a9+b", "/p?a=%C3%A9%20b"],
    ["/p?", "/p?"],
    ["/p?&a", "/p?&a", "/p?a="],
  ] as const) {
    for (const signedAs of spellings) assert.equal(await at(path, base + signedAs), 200, `${path} as ${signedAs}`);
    assert.equal(await at(path, `${base}/p?b`), 403, path);
  }
  for (const [host, ...spellings] of [
    [`LOCALHOST:${port}`, `LOCALHOST:${port}`, `localhost:${port}`, "localhost"],
    ["LocalHost.:80", "LocalHost.:80", "LocalHost.", "localhost.", "localhost.:80"],
    ["A.LOCALHOST", "a.localhost", "A.LOCALHOST:80"],
    ["127.1:8080", "127.1:8080", "127.0.0.1:8080", "127.0.0.1"],
    ["[0:0:0:0:0:0:0:1]", "[0:0:0:0:0:0:0:1]", "[::1]", "[::1]:80"],
    ["[FD00::A]", "[fd00::a]"],
    ["[::ffff:10.0.0.1]", "[::ffff:a00:1]"],
  ] as const) {
    for (const signedAs of spellings) assert.equal(await at("/p", `http://${signedAs}/p`, { host }), 200, signedAs);
    assert.equal(await at("/p", `http://example.org/p`, { host }), 403, host);
  }
  for (const host of ["LOCALHOST.example", "localhost..", "128.1", "[2001:DB8::1]", "1.2.3.4.5"]) {
    assert.equal(await at("/p", `http://${host}/p`, { host }), 403, host);
  }
});

test("requests signed by signRequest are accepted, also if the URL has the hash of another body", async (t) => {
  const fixture = await startGateway(t);
  const formType = "application/x-www-form-urlencoded";
  for (const [path, contentType, body] of [
    ["/p", "application/json", "{}"],
    ["/p?a=1", "application/json; charset=utf-8", '{"a":1}'],
    ["/p?bodySHA256=0&a=1", "application/json", "{}"],
    ["/p?bodySHA256=0&a=1", formType, "a=1"],
    ["/p?bodySHA256=0", undefined, ""],
    ["/p", `${formType};charset=iso-8859-1`, "a=caf%E9"],
  ] as const) {
    const made = signRequest({ url: fixture.base + path, contentType, body: Buffer.from(body) }, authToken);
    assert.ok(made);
    const headers = { ...(contentType && { "content-type": contentType }), "x-twilio-signature": made.signature };
    const reply = await call(fixture, made.url.slice(fixture.base.length), { method: "POST", headers, body });
    assert.equal(reply.status, 200, `${path} ${contentType} ${body}`);
    if (path.includes("a=1")) assert.match(fixture.invocations.at(-1)?.query ?? "", /a=1/);
  }
});

test("a shared key is used if the request's header says so", async (t) => {
  const secret = "the secret of the shared key";
  const fixture = await startGateway(t, { access: { sharedKeySecret: secret } });
  const url = `${fixture.base}/p`;
  const signedBy = (algorithm: string, key: string): string =>
    createHmac(algorithm, key).update(`${url}a1`).digest("base64");
  const send = async (settings: string | string[] | undefined, signature: string, to = fixture): Promise<Reply> => {
    const { headers, ...rest } = form(signature, "a=1");
    return call(to, "/p", {
      ...rest,
      headers: { ...headers, ...(settings !== undefined && { "x-twilio-webhooks-signature-settings": settings }) },
    });
  };
  const key = "key=webhooks_sharedkey_1";
  for (const settings of [`${key},algorithm=HMAC_SHA256`, ` algorithm = hmac_sha256 , ${key}`]) {
    assert.equal((await send(settings, signedBy("sha256", secret))).status, 200, settings);
    assert.equal((await send(settings, signedBy("sha1", secret))).status, 403, settings);
    assert.equal((await send(settings, signedBy("sha256", authToken))).status, 403, settings);
    assert.equal((await send(settings, sign(url, [["a", "1"]]))).status, 403, "the auth token's");
  }
  for (const settings of [key, `${key},algorithm=`, `${key},algorithm=HMAC_SHA1`, `${key},ALGORITHM=HMAC_SHA256`]) {
    assert.equal((await send(settings, signedBy("sha1", secret))).status, 200, settings);
    assert.equal((await send(settings, sign(url, [["a", "1"]]))).status, 403, settings);
  }
  assert.equal((await send("", sign(url, [["a", "1"]]))).status, 200, "an empty header says nothing");
  assert.equal((await send(undefined, signedBy("sha1", secret))).status, 403, "a call that does not say so");
  const unknown = await send(`${key},algorithm=HMAC_MD5`, signedBy("sha1", secret));
  assert.equal(unknown.status, 403);
  assert.equal(unknown.headers["x-offhook-error"], "signature-algorithm-unsupported");

  const without = await startGateway(t);
  const missing = await send(`${key},algorithm=HMAC_SHA256`, signedBy("sha256", secret), without);
  assert.equal(missing.status, 403);
  assert.equal(missing.headers["x-offhook-error"], "shared-key-missing");
  assert.equal((await send(undefined, sign(url, [["a", "1"]]), without)).status, 403);
  assert.deepEqual(without.invocations, []);

  const only = await startGateway(t, { access: { sharedKeySecret: secret, authToken: undefined } });
  const signature = createHmac("sha256", secret).update(`${only.base}/pa1`).digest("base64");
  assert.equal((await send(`${key},algorithm=HMAC_SHA256`, signature, only)).status, 200, "no auth token is needed");
});

test("the charset of a form matters to its signature only where the parameters are signed", async (t) => {
  const fixture = await startGateway(t);
  const body = "a=1";
  const path = `/p?bodySHA256=${createHash("sha256").update(body).digest("hex")}`;
  const signature = sign(fixture.base + path);
  const send = (to: string, given: string): Promise<Reply> =>
    call(fixture, to, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded; charset=unknown", "x-twilio-signature": given },
      body,
    });
  assert.equal((await send(path, signature)).status, 200, "a hash covers the bytes");
  const forged = await send(path, sign(`${fixture.base}/other`));
  assert.equal(forged.headers["x-offhook-error"], "signature-invalid");
  const unreadable = await send("/p", signature);
  assert.equal(unreadable.status, 415);
  assert.equal(unreadable.headers["x-offhook-error"], "body-charset-unsupported");
});
