/**
 * Secrets come back when a request is sent again, and bullets never leave.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { Exchange, Header, SendRequest } from "@offhook/dashboard/api";

import { withoutForgedMasks } from "../../src/journal/forged-masks.ts";
import { functionTest } from "../../src/journal/function-test.ts";
import { Redaction } from "../../src/journal/redaction.ts";
import { eventOf } from "../../src/server/exchange-parts.ts";
import { originalOf } from "../../src/server/original.ts";
import { withSecrets, type EditedRequest } from "../../src/server/secret-filler.ts";
import { makeExchange } from "../journal/exchange.ts";

const variables = { AUTH_TOKEN: "0123456789abcdef", API_SECRET: 'p"ss w&rd' };
const form = "application/x-www-form-urlencoded";

/** As the recorder shows a request that came. */
function edited(type: string, body: string | Buffer, target = "/sms", headers: readonly Header[] = []): EditedRequest {
  const redaction = new Redaction();
  redaction.setVariables(variables);
  const naming = redaction.withNames();
  const original = { target, headers: [["content-type", type], ...headers] as Header[], body: Buffer.from(body) };
  const text = naming.body(body.toString(), type);
  const event = eventOf(target, original.headers.flat(), original.body);
  const masked: Exchange["request"] = {
    target: naming.target(target),
    headers: naming.headers(original.headers),
    body: { bytes: body.length, text, encoding: "utf8", isCut: false },
    event: naming.event(event),
  };
  return { original, shown: withoutForgedMasks(masked, { ...original, event }, redaction.variableNames) };
}

const send = (change: Partial<SendRequest>): SendRequest => ({
  target: "/sms",
  method: "POST",
  isSigned: false,
  secrets: {},
  ...change,
});
const fieldsOf = ({ shown }: EditedRequest): [string, string][] => [...new URLSearchParams(shown.body.text)];

test("a mask names its variable, and only for the whole value", () => {
  const { shown } = edited(form, `api_key=abcdefgh&a=${variables.AUTH_TOKEN}`, "/sms", [
    ["authorization", `Bearer ${variables.AUTH_TOKEN}`],
    ["cookie", "a=b"],
    ["x-note", `see ${variables.AUTH_TOKEN}.`],
    ["x-hex", Buffer.from(variables.AUTH_TOKEN).toString("hex")],
  ]);
  assert.deepEqual(
    [...new URLSearchParams(shown.body.text)],
    [
      ["api_key", "•••"],
      ["a", "•••AUTH_TOKEN•••"],
    ],
  );
  assert.deepEqual(
    shown.headers.slice(1).map(([, value]) => value),
    ["Bearer •••AUTH_TOKEN•••", "a=•••", "see •••AUTH_TOKEN•••.", "•••"],
  );
});

test("fields that the author did not touch are sent as they came", () => {
  const request = edited(
    form,
    `Body=Hi&api_key=abcdefgh&pair=${encodeURIComponent(variables.API_SECRET)}&Token=one&Token=two`,
  );
  const fields = fieldsOf(request).map(([name, value]): [string, string] => [name, name === "Body" ? "Other" : value]);
  assert.deepEqual(withSecrets(send({ fields }), request, variables).fields, [
    ["Body", "Other"],
    ["api_key", "abcdefgh"],
    ["pair", variables.API_SECRET],
    ["Token", "one"],
    ["Token", "two"],
  ]);
});

test("headers, path, query and parts of a JSON body keep their secrets, too", () => {
  const json = JSON.stringify({
    id: 1,
    login: { password: "hunter22", pin_token: 12_345 },
    note: variables.API_SECRET,
  });
  const request = edited("application/json", json, "/sms?access_token=abcdefgh&a=1", [
    ["cookie", "one=first-one; two=second-one"],
    ["authorization", "Bearer abcdefghijk"],
  ]);
  const { body, target, headers } = withSecrets(
    send({
      target: request.shown.target.replace("a=1", "a=2"),
      headers: request.shown.headers.map(([name, value]) => [name, name === "cookie" ? `${value}; three=3` : value]),
      body: request.shown.body.text.replace('"id":1', '"id":2'),
    }),
    request,
    variables,
  );
  assert.equal(target, "/sms?access_token=abcdefgh&a=2");
  assert.deepEqual(JSON.parse(body as string), { ...(JSON.parse(json) as object), id: 2 });
  assert.deepEqual(headers?.slice(1), [
    ["cookie", "one=first-one; two=second-one; three=3"],
    ["authorization", "Bearer abcdefghijk"],
  ]);
  const untouched = withSecrets(send({ body: request.shown.body.text }), request, variables);
  assert.deepEqual(Buffer.from(untouched.body as Uint8Array).toString(), json);
});

test("without the original, variables are filled in and other secrets are named", () => {
  const request = send({
    target: "/sms?key=•••API_SECRET•••",
    headers: [["authorization", "Bearer •••AUTH_TOKEN•••"]],
    body: '{ "note": "•••API_SECRET•••" }',
  });
  const filled = withSecrets(request, undefined, variables);
  assert.equal(filled.target, "/sms?key=p%22ss%20w%26rd");
  assert.deepEqual(filled.headers, [["authorization", `Bearer ${variables.AUTH_TOKEN}`]]);
  assert.deepEqual(JSON.parse(filled.body as string), { note: variables.API_SECRET });
  const incomplete = send({
    target: "/sms?Token=•••",
    headers: [["cookie", "a=•••"]],
    body: '{"a":{"password":"•••"},"b":"•••GONE•••"}',
  });
  assert.throws(() => withSecrets(incomplete, undefined, variables), {
    code: "secret-missing",
    message: /parameter Token[^]*header cookie[^]*field password[^]*field b needs the variable GONE/,
  });
});

test("text that only looks like a mask gets no secret", () => {
  const forged = "•••AUTH_TOKEN•••";
  const bodies = [
    [form, new URLSearchParams({ Body: forged }).toString()],
    [form, new URLSearchParams({ Body: forged, other: variables.AUTH_TOKEN }).toString()],
    [form, new URLSearchParams({ Token: forged }).toString()],
    [form, `${new URLSearchParams({ Body: forged }).toString()}%zz`],
    [form, `Body=${forged}&other=${variables.AUTH_TOKEN}`],
    ["application/json", JSON.stringify({ Body: forged, password: "hunter22" })],
    ["application/json", `{"Body":"\\u2022\\u2022\\u2022AUTH_TOKEN\\u2022\\u2022\\u2022","password":"hunter22"}`],
    ["application/json", `{"Body":"\\u2022\\u2022\\u2022AUTH_TOKEN\\u2022\\u2022\\u2022"}`],
    ["text/plain", forged],
    ...["•••x•••AUTH_TOKEN•••", "•••x•••••y•••AUTH_TOKEN•••", "•••x•••a•••y•••AUTH_TOKEN•••z•••"].flatMap((text) => [
      [form, new URLSearchParams({ Body: text }).toString()],
      ["application/json", JSON.stringify({ Body: text, password: "hunter22" })],
      ["text/plain", text],
    ]),
  ] as const;
  const cases = bodies.flatMap(([type, body]) => [false, true].map((alone) => ({ type, body, alone })));
  for (const { type, body, alone } of cases) {
    const target = alone ? "/sms" : `/sms?q=${encodeURIComponent(forged)}`;
    const { shown } = edited(type, body, target, alone ? [] : [["x-note", forged]]);
    const exchange = { ...makeExchange(1), request: shown };
    const without = { ...shown, target: "/sms", headers: shown.headers.filter(([name]) => name !== "x-note") };
    const results = [exchange, { ...exchange, request: without }].map((each) => {
      try {
        const original = originalOf(each, variables);
        return `${original?.target} ${original?.headers.join()} ${Buffer.from(original?.body ?? []).toString()}`;
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
    const unsafe = results.filter(
      (text) => text.split(variables.AUTH_TOKEN).length > body.split(variables.AUTH_TOKEN).length,
    );
    assert.deepEqual(unsafe, [], body);
  }
});

test("each of several secrets with one name is put back in its place", () => {
  const request = edited(form, "", "/sms?token=aaaaaaaa&token=bbbbbbbb");
  const target = request.shown.target.replace("/sms", "/other");
  assert.equal(withSecrets(send({ target }), request, variables).target, "/other?token=aaaaaaaa&token=bbbbbbbb");
});

test("escapes in JSON make no mask when the author moves a field", () => {
  const forged = String.raw`"•••AUTH\u005fTOKEN•••"`;
  const request = edited("application/json", `{"list":["a",${forged}]}`);
  const body = `{"list":[${forged}]}`;
  assert.equal(withSecrets(send({ body }), request, variables).body, body);
});

test("a test of a request gets the value of a variable only where the request had it", () => {
  const forged = "•••AUTH_TOKEN•••";
  const escaped = forged.replaceAll("•", String.raw`\u2022`);
  const requests = [
    edited(form, new URLSearchParams({ Body: forged }).toString()),
    edited(form, new URLSearchParams({ Body: "•••x•••AUTH_TOKEN•••" }).toString()),
    edited(form, new URLSearchParams({ [forged]: forged }).toString()),
    edited("application/json", `{"Body":"${escaped}"}`),
    edited(`${form}; charset=windows-1252`, `Body=${forged.replaceAll("•", "%95")}`),
    edited("text/plain", "", `/sms?Body=${encodeURIComponent(forged)}`),
  ];
  const testOf = ({ shown }: EditedRequest): string =>
    functionTest({ ...makeExchange(1), request: shown }, { hasVariables: true }) ?? "";
  for (const request of requests) {
    const text = testOf(request);
    assert.match(text, /•••/, request.shown.body.text);
    assert.doesNotMatch(text, /context\["AUTH_TOKEN"\]/, request.shown.body.text);
  }
  assert.match(testOf(edited(form, `Body=${variables.AUTH_TOKEN}`)), /"Body": context\["AUTH_TOKEN"\]/);
});

test("a body with many different masks is read as fast as one with the same mask many times", () => {
  const many = Array.from({ length: 3_000 }, (_, index) => `•••a${index}•••`).join("&");
  const same = Array.from({ length: 3_000 }, () => "•••a1234•••").join("&");
  const durationOf = (body: string): number => {
    const start = performance.now();
    edited("text/plain", body);
    return performance.now() - start;
  };
  const fastest = (body: string): number => Math.min(...[1, 2, 3].map(() => durationOf(body)));
  const expected = fastest(same);
  assert.ok(fastest(many) < 20 * expected, "the duration grows with the number of names");
});

test("a request of the journal is repeated with its variables, and says which secrets it lacks", () => {
  const request = edited(form, `Body=Hi&key=${variables.AUTH_TOKEN}`, "/sms", [
    ["cookie", "a=secret-one"],
    ["x-key", variables.AUTH_TOKEN],
    ["X-Twilio-Signature", "abc"],
  ]);
  const original = originalOf({ ...makeExchange(1), request: request.shown }, variables);
  assert.equal(Buffer.from(original?.body ?? []).toString(), `Body=Hi&key=${variables.AUTH_TOKEN}`);
  assert.deepEqual(
    original?.headers.map(([name]) => name),
    ["content-type", "x-key", "X-Twilio-Signature"],
  );
  const lost = edited(form, "api_key=abcdefgh");
  assert.throws(() => originalOf({ ...makeExchange(1), request: lost.shown }, variables), /field api_key/);
});
