/**
 * Secrets are masked before anything is kept or shown, and nothing else is.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isSecretName } from "@offhook/runtime/redaction";
import * as fc from "fast-check";

import { mask, Redaction } from "../../src/journal/redaction.ts";

const secret = "s3cr3t/va+lue&x";
function redaction(): Redaction {
  const made = new Redaction();
  made.setVariables({
    AUTH_TOKEN: secret,
    MODE: "dev",
    ACCOUNT_SID: `AC${"0".repeat(32)}`,
    FROM: "+12025550100",
    BASE_URL: "https://example.com/api",
    HOOK: "https://user:pass@example.com/hook",
  });
  return made;
}

test("names tell secrets", () => {
  const secrets = [
    "Token",
    "access_token",
    "apiKey",
    "client-secret",
    "PASSWORD",
    "userPassword",
    "Authorization",
    "api_key",
    "jwt",
  ];
  for (const name of secrets) assert.ok(isSecretName(name), name);
  for (const name of ["Body", "MessageSid", "key", "Digits", "From", "FinishedOnKey"])
    assert.ok(!isSecretName(name), name);
});

test("headers keep their names and their order", () => {
  const headers = redaction().headers([
    ["Host", "localhost"],
    ["Authorization", "Basic abc"],
    ["Cookie", "session=abc; theme=dark"],
    ["Set-Cookie", "session=abc; Path=/; HttpOnly"],
    ["X-Twilio-Signature", "abc="],
    ["X-Custom-Token", "abc"],
    ["X-Note", `it is ${secret}`],
  ]);
  assert.deepEqual(headers, [
    ["Host", "localhost"],
    ["Authorization", mask],
    ["Cookie", `session=${mask}; theme=${mask}`],
    ["Set-Cookie", `session=${mask}; Path=/; HttpOnly`],
    ["X-Twilio-Signature", mask],
    ["X-Custom-Token", mask],
    ["X-Note", `it is ${mask}`],
  ]);
});

test("values of variables are masked wherever they stand, but not what everybody may know", () => {
  const made = redaction();
  assert.equal(made.text(`a ${secret} b`), `a ${mask} b`);
  assert.equal(made.text(`a=${encodeURIComponent(secret)}`), `a=${mask}`);
  const open = `dev AC${"0".repeat(32)} +12025550100 https://example.com/api`;
  assert.equal(made.text(open), open);
  assert.equal(made.text("see https://user:pass@example.com/hook"), `see ${mask}`);
});

test("forms, queries and JSON stay what they are", () => {
  const made = redaction();
  assert.equal(made.form("Body=Hello+you&Token=abc&x"), `Body=Hello+you&Token=${encodeURIComponent(mask)}&x`);
  assert.equal(made.target("/sms?a=1&access_token=abc"), `/sms?a=1&access_token=${encodeURIComponent(mask)}`);
  assert.equal(made.target("/sms"), "/sms");
  const json = `{"a":[{"password":"x","b":1}],"token":{"inner":2}}`;
  assert.equal(
    made.body(json, "application/json; charset=utf-8"),
    `{"a":[{"password":"${mask}","b":1}],"token":{"inner":2}}`,
  );
  // Nothing in it: not a byte changes.
  assert.equal(made.body(`{ "a" :  1 }`, "application/json"), `{ "a" :  1 }`);
  assert.equal(made.body(`{broken ${secret}`, "application/json"), `{broken ${mask}`);
  assert.deepEqual(made.event({ Body: "hi", Token: "abc", n: { apiKey: 5 } }), {
    Body: "hi",
    Token: mask,
    n: { apiKey: mask },
  });
});

test("no variable's value survives, whatever is around it", () => {
  const made = redaction();
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const text = `${before}${secret}${after}`;
      for (const masked of [
        made.text(text),
        made.form(text),
        made.json(JSON.stringify({ text })),
        made.target(`/x?a=${text}`),
      ]) {
        assert.ok(!masked.includes(secret), masked);
      }
    }),
  );
});
