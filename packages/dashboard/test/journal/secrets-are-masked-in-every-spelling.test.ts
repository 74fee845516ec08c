/** Node, serializers and authors write secrets in many ways. All of them are masked before anything is stored. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import * as fc from "fast-check";

import { Redaction } from "../../src/journal/redaction.ts";
import { mask } from "../../src/mask.ts";

type Spelling = (secret: string) => string;

const bytesOf = (secret: string): Buffer => Buffer.from(secret);
const escapeAll = (secret: string, each: (unit: number) => string): string =>
  Array.from({ length: secret.length }, (_, at) => each(secret.charCodeAt(at))).join("");
const hexOf = (unit: number, digits: number): string => unit.toString(16).padStart(digits, "0");
const percentAll: Spelling = (secret) => bytesOf(secret).toString("hex").replace(/../g, "%$&");
const xml: Spelling = (secret) =>
  secret
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
const nested = (secret: string, depth: number): unknown =>
  depth === 0 ? { key: secret } : { [`level${depth}`]: nested(secret, depth - 1), list: [depth] };
const base64At =
  (before: number, after: number, kind: "base64" | "base64url"): Spelling =>
  (secret) =>
    Buffer.from("x".repeat(before) + secret + "y".repeat(after)).toString(kind);

const spellings: Readonly<Record<string, Spelling>> = {
  plain: (secret) => secret,
  "without its last line break": (secret) => secret.replace(/\r?\n$/, ""),
  "with LF": (secret) => secret.replaceAll("\r\n", "\n"),
  "with CRLF": (secret) => secret.replaceAll(/\r?\n/g, "\r\n"),
  "with literal line breaks": (secret) => secret.replaceAll("\n", String.raw`\n`),
  indented: (secret) => secret.replaceAll("\n", "\n      "),
  quoted: (secret) =>
    secret
      .split("\n")
      .map((line) => `> ${line}`)
      .join("\n"),
  inspect: (secret) => inspect(secret),
  "inspect of an object": (secret) => inspect({ key: secret, other: "a".repeat(80) }),
  "inspect of nested objects": (secret) => inspect(nested(secret, 4), { depth: 10 }),
  "inspect of a list": (secret) => inspect([secret, [secret]]),
  "inspect of a map": (secret) => inspect(new Map([["key", { inner: secret }]])),
  "inspect in colours": (secret) => inspect({ a: { b: secret } }, { colors: true }),
  "inspect on one line": (secret) => inspect({ a: { b: secret } }, { breakLength: Infinity }),
  "inspect of an error": (secret) =>
    inspect(Object.assign(new Error("it"), { stack: `Error: it is ${secret}\n    at f (a.js:1:2)`, secret })),
  "inspect of a Buffer": (secret) => inspect(bytesOf(secret)),
  "inspect of bytes": (secret) => inspect(new Uint8Array(bytesOf(secret))),
  "JSON of a Buffer": (secret) => JSON.stringify(bytesOf(secret)),
  JSON: (secret) => JSON.stringify({ key: secret }),
  "JSON with indentation": (secret) => JSON.stringify({ a: [{ key: secret }] }, undefined, 4),
  "JSON in JSON": (secret) => JSON.stringify({ body: JSON.stringify({ key: secret }) }),
  "JSON in JSON in JSON": (secret) => JSON.stringify([JSON.stringify([JSON.stringify([secret])])]),
  "JSON in a form": (secret) => new URLSearchParams({ payload: JSON.stringify({ key: secret }) }).toString(),
  "JSON, all escaped": (secret) => `"${escapeAll(secret, (unit) => String.raw`\u${hexOf(unit, 4)}`)}"`,
  "JSON, all escaped in capitals": (secret) =>
    `"${escapeAll(secret, (unit) => String.raw`\u${hexOf(unit, 4).toUpperCase()}`)}"`,
  "JavaScript escapes": (secret) =>
    escapeAll(secret, (unit) => (unit < 256 ? String.raw`\x${hexOf(unit, 2)}` : String.raw`\u{${unit.toString(16)}}`)),
  "template literal": (secret) => `\`${secret.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``,
  "as part of a URL": (secret) => `https://example.com/?a=1&q=${encodeURIComponent(secret)}&b=2`,
  "as part of a form": (secret) => new URLSearchParams({ a: "1", q: secret, b: "2" }).toString(),
  "URL, in lower case": (secret) => encodeURIComponent(secret).replaceAll(/%../g, (escape) => escape.toLowerCase()),
  "URL, all escaped": percentAll,
  "URL, all escaped in capitals": (secret) => percentAll(secret).toUpperCase(),
  "URL, escaped twice": (secret) => encodeURIComponent(encodeURIComponent(secret)),
  URI: (secret) => encodeURI(secret),
  XML: (secret) => `<a b="${xml(secret)}">${xml(secret)}</a>`,
  "XML with numbers": (secret) => escapeAll(secret, (unit) => `&#${unit};`),
  "XML with hexadecimal numbers": (secret) => escapeAll(secret, (unit) => `&#x${hexOf(unit, 2)};`),
  "XML in JSON": (secret) => JSON.stringify({ twiml: `<Say>${xml(secret)}</Say>` }),
  hex: (secret) => bytesOf(secret).toString("hex"),
  "hex in capitals": (secret) => bytesOf(secret).toString("hex").toUpperCase(),
  "hex with colons": (secret) =>
    bytesOf(secret)
      .toString("hex")
      .replaceAll(/..(?!$)/g, "$&:"),
  "hex with spaces, in capitals": (secret) =>
    bytesOf(secret)
      .toString("hex")
      .toUpperCase()
      .replaceAll(/..(?!$)/g, "$& "),
  "hex in lines": (secret) =>
    bytesOf(secret)
      .toString("hex")
      .replaceAll(/.{32}(?!$)/g, "$&\n"),
  "hex literals": (secret) => Array.from(bytesOf(secret), (byte) => `0x${hexOf(byte, 2)}`).join(", "),
  "Basic authorization": (secret) => `Basic ${Buffer.from(`user:${secret}`).toString("base64")}`,
  "base64 in lines": (secret) =>
    bytesOf(secret)
      .toString("base64")
      .replaceAll(/.{20}(?!$)/g, "$&\r\n"),
  "base64 in JSON, in lines": (secret) =>
    JSON.stringify(
      bytesOf(secret)
        .toString("base64")
        .replaceAll(/.{20}(?!$)/g, "$&\n"),
    ),
  "base64 in a form": (secret) => new URLSearchParams({ a: bytesOf(secret).toString("base64") }).toString(),
  ...Object.fromEntries(
    [0, 1, 2, 3].flatMap((before) =>
      [0, 1, 2].flatMap((after) =>
        (["base64", "base64url"] as const).map((kind) => [
          `${kind}, ${before} before and ${after} behind`,
          base64At(before, after, kind),
        ]),
      ),
    ),
  ),
};

/** Characters of a secret, in any encoding. No text may contain them. */
function tellings(secret: string): string[] {
  const found = new Set<string>();
  for (const line of secret.split(/\r?\n/)) {
    // Pieces of eight characters. Shorter ones may occur by chance.
    for (let at = 0; at + 8 <= line.length; at++) found.add(line.slice(at, at + 8));
    const hex = Buffer.from(line).toString("hex");
    for (let at = 0; at + 16 <= hex.length; at += 2) found.add(hex.slice(at, at + 16));
  }
  return [...found];
}

/** The text in all forms that a reader could decode from it. */
function readings(shown: string): string[] {
  const unescaped = shown
    .replaceAll(/\\u\{([0-9a-f]+)\}|\\u([0-9a-f]{4})|\\x([0-9a-f]{2})/gi, (_, a?: string, b?: string, c?: string) =>
      String.fromCharCode(Number.parseInt(a ?? b ?? c ?? "", 16)),
    )
    .replaceAll(/&#(?:x([0-9a-f]+)|(\d+));/gi, (_, a?: string, b?: string) =>
      String.fromCharCode(a === undefined ? Number(b) : Number.parseInt(a, 16)),
    )
    .replaceAll(/%([0-9a-f]{2})/gi, (_, a: string) => String.fromCharCode(Number.parseInt(a, 16)));
  const joined = shown.replaceAll(/[^0-9A-Za-z+/_-]/g, "");
  const blocks = [0, 1, 2, 3].map((skip) => Buffer.from(joined.slice(skip), "base64").toString("latin1"));
  const hex = shown.toLowerCase().replaceAll(/0x|[^0-9a-f]/g, "");
  const decimal = String.fromCharCode(...(shown.match(/\b\d{1,3}\b/g) ?? []).map(Number).filter((byte) => byte < 256));
  return [shown, unescaped, unescaped.replaceAll("\\", ""), ...blocks, hex, decimal];
}

function assertHidden(shown: string, secret: string, what: string): void {
  const texts = readings(shown);
  for (const telling of tellings(secret))
    assert.ok(!texts.some((text) => text.includes(telling)), `${what}: ${telling} in ${shown}`);
}

function redactionOf(...secrets: string[]): Redaction {
  const made = new Redaction();
  made.setVariables(Object.fromEntries(secrets.map((secret, index) => [`SECRET_${index}`, secret])));
  return made;
}

/** The format of openssl. */
const pem = `-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDLp/8Y4Y4Hq2kB
kL0b+7p5n0m/4rQeWvXzYtUaQdFgHjKlZxCvBnMqWeRtYuIoPaSdFgHjKlZxCvBn
QwErTyUiOpAsDfGhJkLzXcVbNm1234567890qwErTyUiOpAsDfGhJkLzXcVbNm==
-----END PRIVATE KEY-----
`;
const samples: Readonly<Record<string, string>> = {
  "a token": "sk_live_51HqLyjWDarjtT1zdp7dc",
  "a password of signs": `pa/ss+w "o'rd\`&<é>%41\\n;x=1`,
  "a key of several lines": pem,
  "a key with CRLF": pem.replaceAll("\n", "\r\n"),
  "a key with literal line breaks": pem.replaceAll("\n", String.raw`\n`),
  "text of two lines": "the first line of a secret\nand the second of it",
  "JSON over lines": JSON.stringify(
    { type: "service_account", private_key: pem.replaceAll("\n", "|"), id: "1234567890" },
    undefined,
    2,
  ),
};

for (const [kind, secret] of Object.entries(samples)) {
  test(`${kind} is masked in every spelling`, () => {
    const redaction = redactionOf(secret);
    for (const [name, spell] of Object.entries(spellings)) {
      const text = `before ${spell(secret)} after`;
      for (const shown of [redaction.text(text), ...redaction.pieces([text], text.length)]) {
        assertHidden(shown, secret, name);
        assert.ok(shown.includes(mask), `${name}: ${shown}`);
        assert.ok(shown.startsWith("before ") && shown.endsWith(" after"), `${name}: ${shown}`);
      }
    }
  });
}

test("random secrets are masked in random spellings and surroundings", () => {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/+=.:;,!?@#$%^&*()[]{}<>|~`'\"\\ é€";
  const line = fc
    .string({ unit: fc.constantFrom(...Array.from(letters)), minLength: 12, maxLength: 70 })
    .filter((text) => /[0-9A-Za-z]{5}/.test(text));
  const secrets = fc
    .array(line, { minLength: 1, maxLength: 4 })
    .chain((lines) => fc.constantFrom(...["\n", "\r\n"].flatMap((end) => [lines.join(end), lines.join(end) + end])));
  const spelling = fc.constantFrom(...Object.keys(spellings));
  const surroundings = " \n\t,;:\"'`{}[]()<>=&?+/\\|uxn%é\u{1f600}•";
  const around = fc.string({ unit: fc.constantFrom(...Array.from(surroundings)), maxLength: 30 });
  fc.assert(
    fc.property(secrets, spelling, around, around, (secret, name, before, after) => {
      const spell = spellings[name] ?? assert.fail();
      const shown = redactionOf(secret).text(before + spell(secret) + after);
      assertHidden(shown, secret, name);
    }),
    { numRuns: 2_000 },
  );
});

test("a truncated secret is masked as far as it is there", () => {
  const secret = "k".repeat(20) + Array.from({ length: 3_000 }, (_, index) => index.toString(36)).join("");
  const redaction = redactionOf(secret);
  for (const shown of [
    inspect(bytesOf(secret)),
    inspect({ a: secret }, { maxStringLength: 100 }),
    inspect(new Uint8Array(bytesOf(secret))),
    inspect({ list: [bytesOf(secret)] }),
    bytesOf(secret).toString("base64").slice(0, 200),
    secret.slice(0, 500),
    `${secret.slice(0, 4_000)}…`,
  ]) {
    assertHidden(redaction.text(shown), secret, shown.slice(0, 40));
  }
});

test("a secret that is split across several writes is masked in all of them", () => {
  const secret = "sk_live_51HqLyjWDarjtT1zdp7dc";
  const redaction = redactionOf(secret, pem);
  assert.deepEqual(
    redaction.pieces([`a ${secret.slice(0, 9)}`, "", secret.slice(9, 13), `${secret.slice(13)} b`, "c"], 100),
    [`a ${mask}`, "", mask, `${mask} b`, "c"],
  );
  for (const line of redaction.pieces(pem.split("\n"), 100)) assert.ok(line === mask || line === "", line);
  for (let at = 1; at < secret.length; at++)
    assert.deepEqual(redaction.pieces([secret.slice(0, at), secret.slice(at)], 100), [mask, mask]);
});

test("a secret that crosses the end of the visible part is masked", () => {
  const secret = "sk_live_51HqLyjWDarjtT1zdp7dc";
  const redaction = redactionOf(secret);
  for (let at = 80; at <= 110; at++) {
    const [shown = ""] = redaction.pieces([`${"x".repeat(at)}${secret}${secret}`], 100);
    assert.equal(shown, at < 100 ? "x".repeat(at) + mask : "x".repeat(100));
  }
});

test("text without a secret is shown unchanged", () => {
  const redaction = redactionOf(...Object.values(samples));
  for (const text of [
    "",
    "a",
    "sk_live_",
    "sk_live_51HqLyj",
    "the first line of a poem\nand the second of another",
    '{"a":"\\u0041\\n","b":[1,2,3]}',
    "https://example.com/?a=%41&b=&amp;c",
    `${"a+b ".repeat(100)}${String.raw`\\\\\u12\x4&#x;&#99999999;%E0%A4%A%u12`}`,
    "<Response><Say>Hello &amp; goodbye</Say></Response>",
    inspect(Buffer.from("nothing of interest")),
    Buffer.from("nothing of interest").toString("base64"),
  ]) {
    assert.equal(redaction.text(text), text);
  }
});

test("secrets inside a secret are also masked on their own", () => {
  const credentials = JSON.stringify({
    type: "service_account",
    private_key: pem,
    client_secret: "GOCSPX-1234abcd",
    id: "public-id",
  });
  const made = redactionOf(
    "postgres://app:s3cr3t%2Fpass@db.example.com:5432/app?apikey=0987654321zyx",
    credentials,
    Buffer.from(JSON.stringify({ password: "of-base64-json" })).toString("base64"),
  );
  const { private_key: key } = JSON.parse(credentials) as { private_key: string };
  for (const secret of ["s3cr3t/pass", "s3cr3t%2Fpass", "0987654321zyx", "GOCSPX-1234abcd", "of-base64-json"])
    assert.equal(made.text(`it is ${secret} here`), `it is ${mask} here`);
  assertHidden(made.text(inspect({ key })), key, "the key of JSON");
  assertHidden(made.text(inspect(new URL("postgres://app:s3cr3t%2Fpass@db.example.com"))), "s3cr3t%2Fpass", "URL");
  assert.equal(made.text("public-id db.example.com app 5432"), "public-id db.example.com app 5432");
  const basic = Buffer.from("someone:of-basic-auth").toString("base64");
  const one = new Redaction().for([["authorization", `Basic ${basic}`]], {});
  assert.equal(one.text(`someone logged in with of-basic-auth, ${basic}`), `someone logged in with ${mask}, ${mask}`);
});

test("a long body is masked in its visible part", () => {
  const secret = "sk_live_51HqLyjWDarjtT1zdp7dc";
  const made = redactionOf(secret, pem);
  const filler = "a line of a long body. ".repeat(20_000);
  for (let at = 0; at < 60; at++) {
    const text = `${filler.slice(0, 116_000 + at)}${secret}${filler}`;
    for (const [body, type] of [
      [text, "text/plain"],
      [JSON.stringify({ password: "of-this-body", text, more: text }), "application/json"],
      [new URLSearchParams({ password: "of-this-body", text }).toString(), "application/x-www-form-urlencoded"],
      [`{"broken": "${text}`, "application/json"],
    ] as const) {
      const shown = made.body(body, type, 100_000);
      assert.ok(shown.length >= 100_000 && shown.length < 400_000, `${shown.length}`);
      assert.doesNotMatch(shown, /sk_li|of-this-body/);
    }
  }
});

test("short values with a secret's name are masked in encoded form, too", () => {
  const made = new Redaction();
  made.setVariables({ DB_PASSWORD: "hunter2", PIN_TOKEN: "$%&/()" });
  for (const text of [
    "hunter2",
    "68756e74657232",
    "68:75:6e:74:65:72:32",
    Buffer.from("a:hunter2").toString("base64"),
    "%68unter2",
    "$%&/()",
    encodeURIComponent("$%&/()"),
    "$%&amp;/()",
  ])
    assert.match(made.text(`it is ${text} here`), /^it is \S*•••=* here$/, text);
});

test("many secrets cost little more than one, and no text takes long", () => {
  const secrets = Array.from({ length: 500 }, (_, index) => `${pem.replaceAll("Q", String(index))}${index}`);
  const redaction = redactionOf(...secrets);
  const took = (text: string): number => {
    const began = performance.now();
    redaction.text(text);
    return performance.now() - began;
  };
  const long = "The quick brown fox jumps over the lazy dog. ".repeat(1_500);
  took(long);
  assert.ok(Math.min(...[0, 1, 2, 3, 4].map(() => took(long))) < 500);
  const one = new Redaction();
  one.setVariables({
    A_TOKEN: "a".repeat(5_000),
    B_TOKEN: `${"a".repeat(4_999)}b`,
    C_TOKEN: "ab".repeat(2_000),
    D_TOKEN: "\\".repeat(4_000),
  });
  for (const unit of [
    "a",
    "ab",
    "aab",
    "\\",
    "%",
    "%61",
    "&",
    "&#97;",
    "&amp;",
    "\\u0061",
    "'a'+\n",
    "\u001b[",
    "61",
    "61 ",
    "YWFh",
    "\\\\\\\\u0061",
    "%2525",
  ]) {
    const text = unit.repeat(300_000 / unit.length);
    one.text(text);
    one.pieces([text, text], 100);
  }
});
