import assert from "node:assert/strict";
import { test } from "node:test";

import { exchangeSeen } from "@offhook/runtime/observe";
import type { ExchangeSeen } from "@offhook/runtime/observe";

import { Details } from "../../../src/dev/terminal/details.ts";

const requestId = "RQ1";

function shown(seen: Partial<ExchangeSeen>): string[] {
  const details = new Details();
  assert.equal(details.toggle(), true);
  const plain = { service: "ZS", requestId, target: "/a", headers: [], body: new Uint8Array(), moments: {} };
  exchangeSeen.publish({ ...plain, ...seen });
  const text = details.of({ requestId, bytes: 3 });
  details.stop();
  return text.split("\n");
}

const form = ["Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"];
const json = ["content-type", "application/json"];

test("nothing is subscribed while details are off", () => {
  const details = new Details();
  assert.equal(exchangeSeen.isObserved, false);
  details.toggle();
  assert.equal(exchangeSeen.isObserved, true);
  assert.equal(details.toggle(), false);
  assert.equal(exchangeSeen.isObserved, false);
  assert.equal(details.of({ requestId, bytes: 0 }), "RQ1, 0 bytes sent");
});

test("details show headers and event, but no secrets", () => {
  assert.deepEqual(
    shown({
      target: "/a?x=1&api_token=hunter2",
      headers: [...form, "Cookie", "s=hunter2", "X-Twilio-Signature", "hunter2", "X-A", "b"],
      body: Buffer.from("Body=Hi+there&%50assword=hunter2&Empty="),
    }),
    [
      "RQ1, 3 bytes sent",
      "/a?x=1&api_token=(not shown)",
      `${form[0]}: ${form[1]}`,
      "Cookie: (not shown)",
      "X-Twilio-Signature: (not shown)",
      "X-A: b",
      "event:",
      "  x: 1",
      "  api_token: (not shown)",
      "  Body: Hi there",
      "  Password: (not shown)",
      "  Empty: ",
    ],
  );
});

test("secrets in JSON are redacted, at every depth and in every spelling", () => {
  const body = Buffer.from('{"a":[{"\\u0074oken":"hunter2"}],"secret":{"deep":"hunter2"},"b":1}');
  const lines = shown({ headers: json, body });
  assert.ok(lines.includes('    "b": 1'), lines.join("\n"));
  assert.doesNotMatch(lines.join("\n"), /hunter2/);
});

test("only the size is shown of a body in which secrets cannot be found", () => {
  for (const [headers, body] of [
    [json, '{"token":"hunter2'],
    [[...form, "content-encoding", "gzip"], "token=hunter2"],
    [["content-type", "text/plain"], "token=hunter2"],
    [[], "hunter2"],
  ] as const) {
    const lines = shown({ headers, body: Buffer.from(body) });
    assert.match(lines.at(-1) ?? "", new RegExp(`^ {2}\\(${body.length} bytes`));
    assert.doesNotMatch(lines.join("\n"), /hunter2/);
  }
});

test("long lines are cut", () => {
  const lines = shown({ headers: form, body: Buffer.from(`${"a=b&".repeat(500)}c=${"x".repeat(10_000)}`) });
  assert.match(lines.at(-1) ?? "", /^… and \d+ more$/);
  assert.ok(lines.length < 100);
  assert.ok(shown({ headers: ["x", "y".repeat(10_000)] }).join("\n").length < 1_000);
});
