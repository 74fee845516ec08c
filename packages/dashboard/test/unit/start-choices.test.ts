import assert from "node:assert/strict";
import { test } from "node:test";

import type { FunctionInfo } from "../../src/api.ts";
import { startChoices, type StartChoices } from "../../src/page/requests/start-choices.ts";

const url = "http://localhost:3000";

function startOf(functions: readonly string[], token = "32 characters"): StartChoices {
  const infos = functions.map((file): FunctionInfo => {
    const [name = "", visibility = "public"] = file.split(".");
    const isPrivate = visibility === "private";
    return { name, file, visibility: visibility as "public", ...(!isPrivate && { path: `/${name}` }) };
  });
  return startChoices({ functions: infos, variables: token === "" ? [] : [{ name: "AUTH_TOKEN", hint: token }], url });
}

const hrefs = ({ choices }: StartChoices): string[] => choices.map(({ href }) => href);

test("a message and a call come first, on the phone", () => {
  const start = startOf(["hello", "ivr/menu", "ivr/welcome", "sms/reply.protected", "hours.private"]);
  assert.deepEqual(hrefs(start), ["#/phone/messages?to=/sms/reply", "#/phone/call?to=/ivr/welcome", `${url}/hello`]);
  assert.deepEqual(start.webhooks, [
    { field: "A message comes in", path: "/sms/reply" },
    { field: "A call comes in", path: "/ivr/welcome" },
  ]);
  assert.equal(start.others, 1);
  assert.equal(start.command?.text, `curl -i ${url}/hello`);
});

test("where every function is protected, nothing unsigned is suggested", () => {
  const start = startOf(["sms.protected", "audit.protected"]);
  assert.deepEqual(hrefs(start), ["#/phone/messages?to=/sms", "#/simulator?to=/audit"]);
  assert.deepEqual(start.command, { text: "npx offhook invoke /audit --signed", isRecorded: false });
  assert.equal(startOf(["sms.protected"]).command?.text, "npx offhook invoke /sms --as sms --signed");
});

test("without a key to sign with, nothing signed is suggested", () => {
  for (const token of ["", "empty"]) {
    const start = startOf(["sms", "audit.protected"], token);
    assert.deepEqual(hrefs(start), ["#/phone/messages?to=/sms"]);
    assert.equal(start.command?.text, `curl -i ${url}/sms -d From=%2B12025550123 -d Body=Hello`);
    assert.equal(start.lacksAuthToken, true);
  }
  const none = startOf(["sms.protected"], "");
  assert.deepEqual([none.choices, none.command, none.lacksAuthToken], [[], undefined, true]);
});

test("status callbacks and unclear names are not called like a phone", () => {
  const start = startOf(["sms-status", "voice/callback", "sms-and-voice"]);
  assert.ok(hrefs(start).every((href) => href.startsWith(url)));
  assert.deepEqual(start.webhooks, []);
});

test("a project without functions has nothing to choose", () => {
  const start = startOf(["hours.private"]);
  assert.deepEqual([start.choices, start.command, start.others, start.lacksAuthToken], [[], undefined, 0, false]);
});

test("only a few functions are shown, and the others are counted", () => {
  const start = startOf(Array.from({ length: 20 }, (_, index) => `f${index}`));
  assert.equal(start.choices.length + start.others, 20);
  assert.ok(start.choices.length <= 6);
});
