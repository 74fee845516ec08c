import assert from "node:assert/strict";
import { test } from "node:test";

import type { FunctionInfo } from "../../src/api.ts";
import {
  faultOf,
  isDraftSigned,
  likelyTarget,
  plainDraft,
  requestOf,
  simulationDraft,
} from "../../src/page/simulator/draft.ts";
import { draftOfExchange } from "../../src/page/simulator/earlier-request.ts";
import { sampleExchange } from "../sample-exchanges.ts";
import { sampleSimulations } from "../sample-project.ts";

const functions: readonly FunctionInfo[] = [
  { path: "/hello", name: "hello", visibility: "public", file: "functions/hello.js" },
  { path: "/sms/reply", name: "sms/reply", visibility: "protected", file: "functions/sms/reply.protected.js" },
  { path: "/incoming-voice", name: "incoming-voice", visibility: "public", file: "functions/incoming-voice.js" },
  { name: "sms", visibility: "private", file: "functions/sms.private.js" },
];
const [sms] = sampleSimulations;
const flex = sampleSimulations.find(({ kind }) => kind === "flex");

test("the target is the function with a fitting name, or else the first", () => {
  assert.equal(likelyTarget("sms", functions), "/sms/reply");
  assert.equal(likelyTarget("call", functions), "/incoming-voice");
  assert.equal(likelyTarget("studio", functions), "/hello");
  assert.equal(likelyTarget("sms", []), "/");
});

test("a webhook is sent with all its fields, and signed for protected functions", () => {
  assert.ok(sms !== undefined);
  const draft = simulationDraft(sms, "/sms/reply");
  const request = requestOf(draft, functions);
  assert.equal(request.method, "POST");
  assert.equal(request.isSigned, true);
  assert.deepEqual(
    request.fields,
    sms.fields.map(({ name, value }) => [name, value]),
  );
  assert.equal(requestOf({ ...draft, isSigned: false }, functions).isSigned, false);
  assert.equal(isDraftSigned({ ...draft, target: "/hello" }, functions), false);
  assert.equal(isDraftSigned({ ...draft, target: "/sms/reply?a=b" }, functions), true);
});

test("JSON is sent as JSON, and methods without a body have their fields in the query", () => {
  assert.ok(flex !== undefined);
  const json = requestOf(simulationDraft(flex, "/hello"), functions);
  assert.deepEqual(json.headers, [["content-type", "application/json"]]);
  assert.equal((JSON.parse(json.body ?? "") as Record<string, string>)["Token"], "made-up");
  const field = { name: "a b", value: "c&d", isMain: true, isOwn: true };
  const get = requestOf({ ...plainDraft("/hello?x=1"), fields: [field] }, functions);
  assert.deepEqual(get, { method: "GET", isSigned: false, target: "/hello?x=1&a+b=c%26d" });
});

test("an earlier request is copied, and its masks name the request that has the secrets", () => {
  const form = draftOfExchange(sampleExchange({ method: "POST", target: "/sms?x=1", body: "Body=Hi&From=%2B1" }));
  assert.equal(form.target, "/sms?x=1");
  assert.deepEqual(
    form.fields.map(({ name, value }) => `${name}=${value}`),
    ["Body=Hi", "From=+1"],
  );
  assert.deepEqual(form.headers, [
    ["user-agent", "TwilioProxy/1.1"],
    ["cookie", "•••"],
  ]);
  assert.deepEqual(form.remarks, []);
  assert.deepEqual(requestOf(form, functions).secrets, { from: form.source?.id });
  const headers = [["content-type", "application/json"]] as const;
  const json = draftOfExchange(sampleExchange({ method: "PUT", target: "/orders", headers, body: '{"a":1}' }));
  assert.equal(json.format, "json");
  assert.equal(json.body, '{\n  "a": 1\n}');
  const sent = requestOf(json, functions);
  assert.equal(sent.body, '{"a":1}');
  assert.equal(requestOf({ ...json, body: '{"a": 2}' }, functions).body, '{"a": 2}');
  assert.deepEqual(sent.headers?.at(-1), ["content-type", "application/json"]);
});

test("the draft says if the body was cut or is not text", () => {
  const exchange = sampleExchange({ method: "POST", target: "/a", headers: [["content-type", "x/y"]], body: "{}" });
  const withBody = (change: object): string[] => [
    ...draftOfExchange({
      ...exchange,
      request: { ...exchange.request, headers: [], body: { ...exchange.request.body, ...change } },
    }).remarks,
  ];
  assert.match(withBody({ isCut: true }).join(), /beginning/);
  assert.match(withBody({ encoding: "base64" }).join(), /Replay/);
});

test("an invalid draft is reported before it is sent", () => {
  assert.equal(faultOf(plainDraft("/a")), undefined);
  assert.match(faultOf(plainDraft("a")) ?? "", /slash/);
  assert.match(faultOf(plainDraft("/a b")) ?? "", /spaces/);
  assert.match(faultOf({ ...plainDraft("/a"), headers: [["a b", "c"]] }) ?? "", /"a b"/);
  assert.equal(faultOf({ ...plainDraft("/a"), headers: [["", ""]] }), undefined);
});
