/** Secrets are masked before anything is stored or shown. Other text stays unchanged. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isSecretName } from "@offhook/runtime/internal/redaction";
import * as fc from "fast-check";

import { Redaction } from "../../src/journal/redaction.ts";
import { mask } from "../../src/mask.ts";

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

test("secrets are recognised by their names", () => {
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

test("values of variables are masked everywhere, except values that are public", () => {
  const made = redaction();
  assert.equal(made.text(`a ${secret} b`), `a ${mask} b`);
  assert.equal(made.text(`a=${encodeURIComponent(secret)}`), `a=${mask}`);
  const open = `dev AC${"0".repeat(32)} +12025550100 https://example.com/api`;
  assert.equal(made.text(open), open);
  assert.equal(made.text("see https://user:pass@example.com/hook"), `see ${mask}`);
});

test("forms, queries and JSON keep their format", () => {
  const made = redaction();
  assert.equal(made.form("Body=Hello+you&Token=abc&x"), `Body=Hello+you&Token=${encodeURIComponent(mask)}&x`);
  assert.equal(made.target("/sms?a=1&access_token=abc"), `/sms?a=1&access_token=${encodeURIComponent(mask)}`);
  assert.equal(made.target("/sms"), "/sms");
  const json = `{"a":[{"password":"x","b":1}],"token":{"inner":2}}`;
  assert.equal(
    made.body(json, "application/json; charset=utf-8"),
    `{"a":[{"password":"${mask}","b":1}],"token":{"inner":"${mask}"}}`,
  );
  // Without a secret, not a byte changes.
  assert.equal(made.body(`{ "a" :  1 }`, "application/json"), `{ "a" :  1 }`);
  assert.equal(made.body(`{broken ${secret}`, "application/json"), `{broken ${mask}`);
  assert.deepEqual(made.event({ Body: "hi", Token: "abc", n: { apiKey: 5 } }), {
    Body: "hi",
    Token: mask,
    n: { apiKey: mask },
  });
});

test("no variable's value survives, in any surroundings", () => {
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

test("a secret is masked in every spelling", () => {
  const value = `pa/ss+w "o'rd&<é`;
  const made = new Redaction();
  made.setVariables({ DB: value, PLAIN: "zq9hunter2zz" });
  const form = new URLSearchParams({ a: value }).toString();
  const escapes = (text: string, prefix: string): string =>
    Array.from(text, (letter) => `${prefix}${letter.codePointAt(0)?.toString(16)}`).join("");
  const shown = [
    made.form(form),
    made.form(form.replace(/%../g, (escape) => escape.toLowerCase())),
    made.form(`a=${escapes("zq9hunter2zz", "%")}`),
    made.form(`a=%zz${escapes("zq9hunter2zz", "%")}`),
    made.form(escapes("zq9hunter2zz", "%")),
    made.target(`/${escapes("zq9hunter2zz", "%")}/x`),
    made.body(`{"a":"${escapes("zq9hunter2zz", String.raw`\u00`)}"}`, "application/json"),
    made.body(JSON.stringify({ a: [{ b: value }] }), "application/json"),
    made.body(JSON.stringify({ [value]: 1 }), "application/json"),
    made.body(`<a>pa/ss+w &quot;o&apos;rd&amp;&lt;é</a>`, "text/xml"),
    ...["", "x", "xy"].flatMap((before) =>
      (["base64", "base64url"] as const).map((kind) =>
        made.text(`Basic ${Buffer.from(`${before}:${value}`).toString(kind)}`),
      ),
    ),
  ];
  for (const text of shown) {
    const found = text.includes(mask) || text.includes(encodeURIComponent(mask));
    assert.ok(found, text);
    assert.doesNotMatch(decodeURIComponent(text.replace("%zz", "")), /hunter|ss[+ ]w|c3Mrd|NzK3|zcyt3/, text);
  }
});

test("secrets are recognised by their names in every format with names", () => {
  const made = redaction();
  const part = (name: string, value: string): string =>
    `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const hidden = [
    made.body(`{"tokens":["hidden",{"a":"hidden"}]}`, "application/json"),
    made.body(`{"password":"hidden"}`, "text/plain"),
    made.body(`<a><AuthToken type="x">hidden</AuthToken><b token="hidden" secret = 'hidden'/></a>`, "text/xml"),
    made.body(`${part("password", "hidden\r\n--hidden")}${part("note", "seen")}--x--\r\n`, "multipart/form-data"),
    ...made
      .headers([
        ["Referer", "http://localhost/a?b=1&token=hidden"],
        ["Location", "/a?api_key=hidden#c"],
        ["Cookie", "hidden; a=hidden"],
        ["Set-Cookie", "hidden; Path=/"],
      ])
      .map(String),
    JSON.stringify(made.event({ token: ["hidden", "hidden"], Password: { a: { b: "hidden" } } })),
  ];
  for (const text of hidden) assert.doesNotMatch(text, /hidden/);
  assert.match(made.body(`${part("password", "x")}${part("note", "seen")}`, "multipart/form-data"), /seen/);
  assert.equal(made.text("?a=1&b=2"), "?a=1&b=2");
});

test("a value with a secret's name is masked in the log and the reply, too", () => {
  const made = redaction().for(
    [
      ["X-Api-Key", "from-header"],
      ["Cookie", "a=from-cookie; b=x"],
      ["Authorization", "Bearer from-bearer"],
    ],
    { token: ["from-query"], Body: "Hello" },
  );
  assert.equal(
    made.text("from-header from-cookie from-bearer from-query Hello x"),
    `${mask} ${mask} ${mask} ${mask} Hello x`,
  );
});

test("short values with a secret's name are secrets, and so are URLs with a secret at the end", () => {
  const made = new Redaction();
  const hook = "https://hooks.example.com/services/T000/XXXXxxxx1234567890abcdef";
  made.setVariables({ DB_PASSWORD: "hunter2", MODE: "hunted2", HOOK: hook, BASE: "https://example.com/voice" });
  assert.equal(
    made.text(`hunter2 hunted2 ${hook} https://example.com/voice`),
    `${mask} hunted2 ${mask} https://example.com/voice`,
  );
});

test("a secret is still masked after the variables changed", () => {
  const made = redaction();
  made.setVariables({ AUTH_TOKEN: "another-one" });
  assert.equal(made.text(`${secret} another-one`), `${mask} ${mask}`);
});

test("deeply nested and unusual texts are masked quickly", () => {
  const made = redaction();
  const deep = `${'{"a":['.repeat(50_000)}"${secret}"${"]}".repeat(50_000)}`;
  const began = performance.now();
  assert.doesNotMatch(made.body(deep, "application/json"), /s3cr3t/);
  assert.doesNotMatch(JSON.stringify(made.event(JSON.parse(deep) as Record<string, unknown>)), /s3cr3t/);
  const length = 1_000_000;
  for (const unit of ["?", "&a", "<a", 'a="', "a ", "<a ", "--\n", '--\nname="token"\n', "%", "a= ", "/%41", "\n--x"]) {
    const text = unit.repeat(length / unit.length);
    for (const type of ["text/xml", "multipart/form-data", "application/x-www-form-urlencoded", "text/plain"])
      made.body(text, type);
  }
  // A search with backtracking would take hours.
  assert.ok(performance.now() - began < 60_000);
});
