/**
 * Secrets come back when a request is sent again, and bullets never leave.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { Exchange, Header, SendRequest } from "@offhook/dashboard/api";

import { withoutForgedMasks } from "../../src/journal/forged-masks.ts";
import { Redaction } from "../../src/journal/redaction.ts";
import { originalOf } from "../../src/server/original.ts";
import { withSecrets, type EditedRequest } from "../../src/server/secret-filler.ts";
import { makeExchange } from "../journal/exchange.ts";

const variables = { AUTH_TOKEN: "0123456789abcdef", API_SECRET: 'p"ss w&rd' };
const form = "application/x-www-form-urlencoded";

/** As the recorder shows a request that came. */
function edited(type: string, body: string, target = "/sms", headers: readonly Header[] = []): EditedRequest {
  const redaction = new Redaction();
  redaction.setVariables(variables);
  const naming = redaction.withNames();
  const original = { target, headers: [["content-type", type], ...headers] as Header[], body: Buffer.from(body) };
  const text = naming.body(body, type);
  const masked: Exchange["request"] = {
    target: naming.target(target),
    headers: naming.headers(original.headers),
    body: { bytes: body.length, text, encoding: "utf8", isCut: false },
    event: {},
  };
  return { original, shown: withoutForgedMasks(masked, original, redaction.variableNames) };
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
  ] as const;
  for (const [type, body] of bodies) {
    const { shown } = edited(type, body, `/sms?q=${encodeURIComponent(forged)}`, [["x-note", forged]]);
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
