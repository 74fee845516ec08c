import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { connect } from "node:net";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { exchangeSeen, type ExchangeSeen } from "../../src/observe/channels.ts";
import { serve, type Site } from "../site.ts";

const token = "0123456789abcdef0123456789abcdef";
const files = {
  ".env": `AUTH_TOKEN=${token}\n`,
  "functions/sms.protected.js": 'callback(null, "ok")',
  "functions/open.js": 'callback(null, "ok")',
  "functions/crash.js": `exports.handler = (context, event, callback) => {
  const items = event.items;
  callback(null, items.length);
};
`,
  "functions/hang.js": "new Promise(() => {});",
};
const form = { Body: "hi" };

interface Watched extends Site {
  readonly seen: ExchangeSeen[];
}

async function watch(t: TestContext, isDevelopment = true): Promise<Watched> {
  const seen: ExchangeSeen[] = [];
  t.after(exchangeSeen.subscribe((each) => void seen.push(each)));
  return { ...(await serve(t, files, { timeout: 1_000 }, isDevelopment)), seen };
}

function sign(text: string): string {
  return createHmac("sha1", token).update(text).digest("base64");
}

const forwarded = {
  "x-twilio-signature": sign("https://my.example.org/smsBodyhi"),
  "x-forwarded-proto": "https",
  "x-forwarded-host": "my.example.org",
};

test("the body of a rejected request is kept in development", async (t) => {
  const { call, seen } = await watch(t);
  for (const [path, options, status] of [
    ["/sms", { method: "POST", form }, 403],
    ["/nowhere", { method: "POST", form }, 404],
    ["/open", { method: "PUT", form }, 405],
    ["/sms", { method: "POST", form, headers: forwarded }, 403],
  ] as const) {
    assert.equal((await call(path, options)).status, status);
    assert.equal(Buffer.from(seen.at(-1)?.body ?? []).toString(), "Body=hi", path);
    assert.equal(seen.at(-1)?.unreadBody, undefined);
  }
});

test("if a body cannot be kept, the reason is", async (t) => {
  const { call, seen, url } = await watch(t);
  assert.equal((await call("/nowhere", { method: "POST", body: "x".repeat(2_000_000) })).status, 404);
  assert.equal(seen.at(-1)?.unreadBody, "it is larger than the limit");
  assert.equal((await call("/open", { method: "POST", body: "x".repeat(2_000_000) })).status, 413);
  assert.equal(seen.at(-1)?.unreadBody, "it is larger than the limit");
  await call("/nowhere", { method: "POST", body: "a=1", headers: { expect: "100-continue" } });
  assert.match(seen.at(-1)?.unreadBody ?? "", /100 Continue/);
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  t.after(() => socket.destroy());
  socket.write("POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nBody=");
  const [reply] = (await once(socket, "data")) as [Buffer];
  assert.match(reply.toString(), /^HTTP\/1\.1 404/);
  assert.match(seen.at(-1)?.unreadBody ?? "", /did not arrive within/);
});

test("a connection whose rejected body was read serves the next request", async (t) => {
  const { url } = await watch(t);
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  t.after(() => socket.destroy());
  const text = ["POST /nowhere HTTP/1.1", "Host: localhost", "Content-Length: 7", "", "Body=hi"].join("\r\n");
  socket.write(`${text}GET /open HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  let received = "";
  for await (const chunk of socket) received += String(chunk);
  assert.match(received, /^HTTP\/1\.1 404[^]*HTTP\/1\.1 200/);
});

test("the author gets a diagnosis of the signature, and the caller gets the reply of production", async (t) => {
  const { call, requests } = await watch(t);
  const answer = await call("/sms", { method: "POST", form, headers: forwarded });
  assert.equal(answer.text, "Twilio Request Validation Failed");
  assert.doesNotMatch(answer.rawHeaders.join("\n"), /my\.example\.org|public-url/);
  const diagnosis = requests.at(-1)?.signatureDiagnosis;
  assert.equal(diagnosis?.fix, "--public-url https://my.example.org");
  assert.equal(diagnosis.tokenVariable, "AUTH_TOKEN from .env");
  await call("/sms", { method: "POST", form });
  assert.match(requests.at(-1)?.signatureDiagnosis?.explanation[0] ?? "", /has no X-Twilio-Signature/);
});

test("a failure has the lines around the failing one, as they were when it ran", async (t) => {
  const { call, requests } = await watch(t);
  await call("/crash");
  const source = requests.at(-1)?.source;
  assert.deepEqual([source?.file, source?.line], ["functions/crash.js", 3]);
  assert.deepEqual(
    source?.lines.map(({ number, isFailing }) => [number, isFailing]),
    [1, 2, 3, 4].map((number) => [number, number === 3]),
  );
  assert.equal((await call("/hang")).status, 504);
  assert.equal(requests.at(-1)?.source?.file, "functions/hang.js");
});

test("in production, a rejected request is answered before its body, and nothing is diagnosed", async (t) => {
  const { call, requests, seen } = await watch(t, false);
  await call("/sms", { method: "POST", form, headers: forwarded });
  assert.equal(requests.at(-1)?.signatureDiagnosis, undefined);
  await call("/nowhere", { method: "POST", form });
  assert.deepEqual([seen.at(-1)?.body.length, seen.at(-1)?.unreadBody], [0, "the request was rejected first"]);
  await call("/crash");
  assert.equal(requests.at(-1)?.source, undefined);
});
