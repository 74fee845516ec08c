import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import { diagnoseSignature, type RejectedRequest } from "../../../src/development/signature-diagnosis.ts";
import type { Base } from "../../../src/gateway/origin.ts";

const token = "0123456789abcdef0123456789abcdef";
const base: Base = { scheme: "http", host: "localhost", port: "3206", prefix: "" };
const form = "application/x-www-form-urlencoded";
const forwarded = { "x-forwarded-proto": "https", "x-forwarded-host": "my.example.org", host: "localhost:3206" };

function sign(text: string, key = token, algorithm = "sha1"): string {
  return createHmac(algorithm, key).update(text).digest("base64");
}

function diagnose(signature: string | undefined, options: Partial<RejectedRequest> = {}) {
  return diagnoseSignature({
    target: "/sms",
    body: Buffer.from("Body=hi"),
    base,
    access: { authToken: token, sharedKeySecret: undefined, allowsUnsignedBodies: false },
    variables: { AUTH_TOKEN: token },
    variablesFile: ".env",
    ...options,
    headers: {
      "content-type": form,
      ...(signature !== undefined && { "x-twilio-signature": signature }),
      ...(options.headers ?? forwarded),
    },
  });
}

test("a signature for the URL of the proxy's headers is found, with the option that fixes it", () => {
  const found = diagnose(sign("https://my.example.org/smsBodyhi"));
  assert.equal(found.checkedUrl, "http://localhost:3206/sms");
  assert.equal(found.tokenVariable, "AUTH_TOKEN from .env");
  assert.equal(found.fix, "--public-url https://my.example.org");
  assert.deepEqual(found.explanation, [
    "Checked against http://localhost:3206/sms with AUTH_TOKEN from .env.",
    "The request came as https://my.example.org/sms; for that URL the signature is valid. Restart with --public-url https://my.example.org.",
  ]);
  assert.deepEqual(found.candidates.slice(0, 2), [
    { url: "http://localhost:3206/sms", reason: "the URL that was checked", isValid: false },
    { url: "https://my.example.org/sms", reason: "from X-Forwarded-Host and X-Forwarded-Proto", isValid: true },
  ]);
});

const places: readonly [string, Record<string, string>, string][] = [
  ["ngrok", { host: "a1.ngrok-free.app", "x-forwarded-proto": "https" }, "https://a1.ngrok-free.app"],
  ["cloudflared", { host: "a.trycloudflare.com", "cf-visitor": '{"scheme":"https"}' }, "https://a.trycloudflare.com"],
  [
    "Forwarded",
    { host: "localhost:3206", forwarded: 'for=1.2.3.4;host="b.example.org";proto=https' },
    "https://b.example.org",
  ],
  ["two proxies", { host: "localhost:3206", "x-forwarded-host": "c.example.org, inner:80" }, "https://c.example.org"],
  [
    "a port",
    { host: "d.example.org", "x-forwarded-proto": "https", "x-forwarded-port": "8443" },
    "https://d.example.org:8443",
  ],
  ["only Host", { host: "e.example.org" }, "https://e.example.org"],
  ["http", { host: "f.example.org:8080" }, "http://f.example.org:8080"],
];

for (const [name, headers, origin] of places) {
  test(`the caller's URL is found: ${name}`, () => {
    const found = diagnose(sign(`${origin}/smsBodyhi`), { headers });
    assert.equal(found.fix, `--public-url ${origin}`);
    assert.deepEqual(
      found.candidates.filter(({ isValid }) => isValid).map(({ url }) => url),
      [`${origin}/sms`],
    );
  });
}

test("a host that is not this service's is not checked, and the diagnosis says so", () => {
  const found = diagnose(sign("https://a.ngrok.app/smsBodyhi", "other"), {
    base: undefined,
    headers: { host: "a.ngrok.app" },
  });
  assert.equal(found.checkedUrl, undefined);
  assert.match(found.explanation[0] ?? "", /^Not checked, because the request came for the host "a\.ngrok\.app"/);
});

test("a token in another variable is found, and no token is in the result", () => {
  const other = "fedcba9876543210fedcba9876543210";
  const variables = { AUTH_TOKEN: token, SUBACCOUNT_AUTH_TOKEN: other };
  const found = diagnose(sign("http://localhost:3206/smsBodyhi", other), { variables });
  assert.match(found.explanation[1] ?? "", /signed with the value of SUBACCOUNT_AUTH_TOKEN/);
  assert.equal(found.fix, undefined);
  assert.ok(found.candidates.some(({ reason, isValid }) => isValid && /SUBACCOUNT_AUTH_TOKEN/.test(reason)));
  for (const secret of [token, other]) assert.ok(!JSON.stringify(found).includes(secret));
});

test("without AUTH_TOKEN, a token in another variable is found", () => {
  const access = { authToken: undefined, sharedKeySecret: undefined, allowsUnsignedBodies: false };
  const options = { access, variables: { TWILIO_AUTH_TOKEN: token } };
  const found = diagnose(sign("http://localhost:3206/smsBodyhi"), options);
  assert.equal(found.tokenVariable, undefined);
  assert.equal(found.explanation[0], "Not checked, because .env does not set AUTH_TOKEN.");
  assert.match(found.explanation[1] ?? "", /TWILIO_AUTH_TOKEN, not of AUTH_TOKEN, which is not set/);
});

test("another path is found", () => {
  const slash = diagnose(sign("http://localhost:3206/sms/Bodyhi"));
  assert.match(slash.explanation[1] ?? "", /valid for http:\/\/localhost:3206\/sms\/ \(.*Something changes the URL/);
  const prefix = diagnose(sign("https://my.example.org/api/smsBodyhi"), {
    headers: { ...forwarded, "x-forwarded-prefix": "/api" },
  });
  assert.equal(prefix.fix, "--public-url https://my.example.org/api");
});

test("a changed body is distinguished from a wrong URL", () => {
  const headers = { ...forwarded, "content-type": "application/json" };
  const body = Buffer.from('{"Body":"hi"}');
  const hash = createHash("sha256").update('{ "Body": "hi" }').digest("hex");
  const target = `/sms?bodySHA256=${hash}`;
  const changed = diagnose(sign(`https://my.example.org${target}`), { target, body, headers });
  assert.match(changed.explanation.join("\n"), /bodySHA256 in it is the hash of another body/);
  const alone = diagnose(sign("http://localhost:3206/sms"), { body, headers });
  assert.match(alone.explanation.join("\n"), /Only the URL is signed.*--unsigned-bodies/);
  const fields = diagnose(sign("http://localhost:3206/smsBodyhi"), { body, headers });
  assert.match(fields.explanation.join("\n"), /signed the fields of the JSON body like those of a form/);
  const formAlone = diagnose(sign("http://localhost:3206/sms"));
  assert.match(formAlone.explanation.join("\n"), /without the parameters in the body/);
  const charset = diagnose(sign("http://localhost:3206/smsBodyé"), {
    body: Buffer.from("Body=%C3%A9"),
    headers: { ...forwarded, "content-type": `${form}; charset=iso-8859-1` },
  });
  assert.match(charset.explanation.join("\n"), /signed the body as utf-8/);
  const lines = diagnose(sign("http://localhost:3206/smsBodya\r\nb"), { body: Buffer.from("Body=a%0Ab") });
  assert.match(lines.explanation.join("\n"), /changes the line breaks/);
});

test("if nothing matches, the two likely causes are named", () => {
  const found = diagnose(sign("https://my.example.org/smsBodyhi", "another account's token"));
  assert.match(found.explanation[1] ?? "", /another token signed it.*changed on the way/);
  assert.match(found.explanation[2] ?? "", /^Compare AUTH_TOKEN with the Auth Token.*restart with --public-url/);
  assert.ok(found.candidates.every(({ isValid }) => !isValid));
  assert.equal(found.fix, undefined);
});

test("a plus sign that arrives as a space is named", () => {
  const signature = sign("http://localhost:3206/smsBodyhiFrom+12025550123");
  const found = diagnose(signature, { body: Buffer.from("Body=hi&From=+12025550123") });
  assert.match(found.explanation.join("\n"), /signed a plus sign where the body has a space.*%2B/);
  assert.equal(found.fix, undefined);
});

test("a missing signature, text that is none, and an unread body are named", () => {
  assert.match(diagnose(undefined).explanation[0] ?? "", /has no X-Twilio-Signature/);
  assert.match(diagnose("abc").explanation[0] ?? "", /is not a signature/);
  assert.match(diagnose(sign("x"), { body: undefined }).explanation[0] ?? "", /body was not read/);
});

test("a shared key is named by its setting", () => {
  const access = { authToken: token, sharedKeySecret: "shared", allowsUnsignedBodies: false };
  const headers = { ...forwarded, "x-twilio-webhooks-signature-settings": "key=a,algorithm=HMAC_SHA256" };
  const signature = sign("https://my.example.org/smsBodyhi", "shared", "sha256");
  const found = diagnose(signature, { access, headers });
  assert.equal(found.tokenVariable, "the sharedKeySecret setting");
  assert.equal(found.fix, "--public-url https://my.example.org");
});

test("secrets in the query are masked, and a fix can be pasted into a shell", () => {
  const target = "/sms?api_key=verysecret&a=the%20password&b=1";
  const variables = { AUTH_TOKEN: token, OTHER: "the password" };
  const found = diagnose(sign(`https://my.example.org${target}Bodyhi`), { target, variables });
  assert.doesNotMatch(JSON.stringify(found), /verysecret|password/);
  assert.equal(found.checkedUrl, "http://localhost:3206/sms?api_key=•••&a=•••&b=1");
  assert.equal(found.fix, "--public-url https://my.example.org");
  const host = "x$(id)";
  assert.equal(diagnose(sign(`https://${host}/smsBodyhi`), { headers: { host } }).fix, undefined);
  const headers = { ...forwarded, "x-forwarded-prefix": "/a;id" };
  assert.equal(diagnose(sign("https://my.example.org/a;id/smsBodyhi"), { headers }).fix, undefined);
});

test("a large body is compared with the likeliest URLs only, because each attempt reads it", () => {
  const headers = { ...forwarded, "x-original-host": "a.example.org, b.example.org", "x-forwarded-uri": "/other" };
  const text = "x".repeat(100_000);
  const found = diagnose(sign(`https://my.example.org/smsBody${text}`), { headers, body: Buffer.from(`Body=${text}`) });
  assert.equal(found.fix, "--public-url https://my.example.org");
  assert.equal(found.candidates.length, 4);
});

test("the number of comparisons is bounded, whatever the headers contain", () => {
  const many = Array.from({ length: 500 }, (_, index) => `h${index}.example.org`).join(", ");
  const found = diagnose(sign("x"), {
    headers: { host: "a.example.org", "x-forwarded-host": many, "x-original-host": many, forwarded: many },
  });
  assert.ok(found.candidates.length <= 12);
});
