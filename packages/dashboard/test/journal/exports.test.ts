/** Exports of an exchange: as a shell command, as a test, as HAR. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import type { Har } from "har-format";
import { test } from "node:test";

import type { Exchange } from "@offhook/dashboard/api";

import { copyProject } from "../../../../test/temporary-project.ts";
import { curlCommand } from "../../src/journal/curl.ts";
import { functionTest } from "../../src/journal/function-test.ts";
import { harOf } from "../../src/journal/har.ts";
import { mask } from "../../src/mask.ts";
import { makeExchange } from "./exchange.ts";

function withRequest(changes: Partial<Exchange["request"]>): Exchange {
  const exchange = makeExchange(1);
  return { ...exchange, request: { ...exchange.request, ...changes } };
}

/** The arguments that a shell passes to `curl`. Here `curl` is a function that prints them. */
function words(command: string, environment: Record<string, string> = {}): string[] {
  const program = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  const { stdout, stderr, status } = spawnSync("bash", ["-c", program], { encoding: "utf8", env: environment });
  assert.equal(status, 0, stderr);
  return stdout.split("\0").slice(0, -1);
}

test("the shell command makes the same request, for any characters in it", () => {
  const text = 'it\'s $(rm -rf /) `x` "y" \\ \n !! ü';
  const body = { bytes: Buffer.byteLength(text), text, encoding: "utf8", isCut: false } as const;
  const exchange = withRequest({
    target: "/a'b?x=$HOME&y=1",
    headers: [
      ["Host", "x"],
      ["X-Odd", "a'b; echo"],
      ["X-Twilio-Signature", mask],
      ["Authorization", mask],
    ],
    body,
  });
  assert.deepEqual(words(curlCommand(exchange, "http://localhost:3000"), { SENT_AUTHORIZATION: "Bearer 1 2" }), [
    "http://localhost:3000/a'b?x=$HOME&y=1",
    "--header",
    "X-Odd: a'b; echo",
    "--header",
    "Authorization: Bearer 1 2",
    "--data-raw",
    text,
  ]);
  const get = { ...withRequest({ body: { ...body, bytes: 0, text: "" }, headers: [] }), method: "GET" };
  assert.deepEqual(words(curlCommand(get, "http://h")), ["--request", "GET", "http://h/sms?a=1"]);
});

test("a caller cannot name a variable of the user's shell", () => {
  const body = { bytes: 20, text: "HOME=•••&GITHUB_TOKEN=•••", encoding: "utf8", isCut: false } as const;
  const command = curlCommand(withRequest({ headers: [["Home", mask]], body }), "http://h");
  assert.deepEqual(
    [...command.matchAll(/\$\{(\w+)/g)].map(([, name]) => name),
    ["SENT_HOME", "SENT_HOME", "SENT_GITHUB_TOKEN"],
  );
});

test("the exported test runs, and fails if the function replies differently", async () => {
  const reply = {
    status: 200,
    headers: [["content-type", "application/json"]] as const,
    body: { bytes: 1, text: `{"said":"Hello","quote":"'\\"\u2028\`$"}`, encoding: "utf8", isCut: false } as const,
  };
  const source = functionTest(makeExchange(1, { reply }));
  assert.ok(source !== undefined);
  const project = await copyProject(undefined, { "test/sms.test.js": source });
  try {
    const outcome = async (quote: string): Promise<string> => {
      const answer = `{ said: event.Body, quote: ${quote} }`;
      await project.write("functions/sms.js", `exports.handler = (_, event, callback) => callback(null, ${answer});`);
      const args = ["--conditions=offhook-source", "--test"];
      const options = { cwd: project.folder, encoding: "utf8", env: { PATH: process.env["PATH"] } } as const;
      return spawnSync(process.execPath, args, options).stdout;
    };
    assert.match(await outcome(`"'\\"\\u2028\`$"`), /pass 1\n[^]*fail 0/);
    assert.match(await outcome("1"), /fail 1/);
  } finally {
    await project[Symbol.asyncDispose]();
  }
});

test("a request without a reply from a function has no exported test", () => {
  const { file: _file, ...asset } = makeExchange(1);
  assert.equal(functionTest(asset), undefined);
  const { reply: _reply, ...waiting } = makeExchange(1);
  assert.equal(functionTest(waiting), undefined);
});

test("HAR has requests, replies and times", () => {
  const { reply: _reply, ...waiting } = makeExchange(2);
  const { log }: Har = harOf([makeExchange(1), waiting], "http://localhost:3000", "1.2.3");
  assert.equal(log.version, "1.2");
  assert.equal(log.entries.length, 1);
  const [entry] = log.entries;
  assert.equal(entry?.startedDateTime, "2023-11-14T22:13:20.001Z");
  assert.equal(entry.request.url, "http://localhost:3000/sms?a=1");
  assert.deepEqual(entry.request.postData, {
    mimeType: "application/x-www-form-urlencoded",
    text: "From=%2B12025550100&Body=Hello",
  });
  assert.deepEqual(entry.response.content, { size: 11, mimeType: "text/xml; charset=utf-8", text: "<Response/>" });
  assert.deepEqual(entry.timings, { send: 1, wait: 10, receive: 1 });
});

test("an invalid URL does not stop the export of the others", () => {
  for (const target of ["//", "//[", "/?a=%", "http://[/?a=1", "*"]) {
    const text = JSON.stringify(harOf([withRequest({ target }), makeExchange(2)], "http://localhost:3000", "1"));
    assert.match(text, /sms/);
  }
});

test("a pasted command does not affect the terminal, and requests the exact URL", () => {
  const text = "a\u001b[201~\nrm -rf ~\n\u0000\u0085'\u009bx\r\\";
  const body = { bytes: Buffer.byteLength(text), text, encoding: "utf8", isCut: false } as const;
  const command = curlCommand(
    withRequest({
      target: "/../a?b[]={1}",
      headers: [
        ["X-Odd", "\t\u001b"],
        ["X-Empty", ""],
      ],
      body,
    }),
    "http://h",
  );
  // oxlint-disable-next-line no-control-regex -- the test looks for control characters
  assert.doesNotMatch(command.replaceAll(" \\\n", ""), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  assert.doesNotMatch(command, /^rm/m);
  assert.deepEqual(words(command), [
    "--globoff",
    "--path-as-is",
    "http://h/../a?b[]={1}",
    "--header",
    "X-Odd: \t\u001b",
    "--header",
    "X-Empty;",
    "--data-binary",
    "@body",
  ]);
  const whole = text.replace("\u0000", "");
  const without = withRequest({ headers: [], body: { ...body, text: whole } });
  assert.deepEqual(words(curlCommand(without, "http://h")).slice(-2), ["--data-raw", whole]);
});
