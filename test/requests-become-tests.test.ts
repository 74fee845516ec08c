/**
 * "Save as test" of the dashboard: the file is in the project, and `node --test` passes as long as the function behaves
 * the same.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { Exchange, ExchangePage, SavedFile } from "@offhook/dashboard/api";

import { visitDashboard, type Visit } from "./dashboard-visit.ts";
import { startOffhook } from "./offhook-process.ts";
import { copyProject } from "./temporary-project.ts";

const apiSecret = "very-secret-value";
const files = {
  ".env": `AUTH_TOKEN=${"0123456789abcdef".repeat(2)}\nAPI_SECRET=${apiSecret}\n`,
  "functions/sms.js": `exports.handler = (context, event, callback) => {
    const twiml = new Twilio.twiml.MessagingResponse();
    twiml.message("You said: " + event.Body);
    callback(null, twiml);
  };`,
  "functions/malformed.js": `exports.handler = (context, event, callback) => {
    const response = new Twilio.Response();
    response.appendHeader("content-type", "text/xml");
    response.setBody("<Response><Message>Fish & chips</Message></Response>");
    callback(null, response);
  };`,
  "functions/api/secret.js": `exports.handler = (context, event, callback) =>
    callback(null, { isRight: event.key === context.API_SECRET, agent: event.request.headers["user-agent"] });`,
  "functions/throws.js": `exports.handler = (context, event) => event.order.id;`,
  "functions/own-error.js": `class OrderError extends Error {
    constructor(message) { super(message); this.name = "OrderError"; }
  }
  exports.handler = async () => { throw new OrderError("no such order"); };`,
  "functions/reads-file.js": `exports.handler = () => require("node:fs").readFileSync(__dirname + "/none");`,
  "functions/calls-back-error.js": `exports.handler = (context, event, callback) => callback(new Error("closed today"));`,
  "functions/calls-back-text.js": `exports.handler = (context, event, callback) => callback("closed today");`,
  "functions/not-found.js": `exports.handler = (context, event, callback) => {
    const response = new Twilio.Response();
    response.setStatusCode(404);
    response.setBody({ missing: event.id });
    callback(null, response);
  };`,
  "functions/typed.ts": `export const handler = (context: object, event: { name: string }, callback: Function) =>
    callback(null, { hello: event.name });`,
  "functions/guarded.protected.js": `exports.handler = (context, event, callback) => callback(null, "ok");`,
  "functions/hangs.js": `exports.handler = () => { while (true); };`,
};

async function newest({ api }: Visit, path: string): Promise<Exchange> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
    const { exchanges } = await api<ExchangePage>("GET", "exchanges");
    const row = exchanges.find((each) => each.path === path && each.status !== undefined);
    if (row !== undefined) return api<Exchange>("GET", `exchanges/${row.id}`);
  }
  throw new Error(`No exchange of ${path}`);
}

function runTests(folder: string): Promise<string> {
  const args = ["--conditions=offhook-source", "--test", "--test-reporter=tap"];
  const { promise, resolve } = Promise.withResolvers<string>();
  // A failed test is also a result.
  execFile(process.execPath, args, { cwd: folder, env: { PATH: process.env["PATH"] } }, (_error, stdout, stderr) =>
    resolve(stdout + stderr),
  );
  return promise;
}

test("tests of replies and errors pass, and fail when the function changes", async () => {
  await using project = await copyProject(undefined, files);
  await using offhook = await startOffhook(project.folder, { verb: "dev" });
  const visit = await visitDashboard(offhook);
  const save = async (path: string, body = "id=7&name=Ada"): Promise<string> => {
    await fetch(`${offhook.url}${path}`, { method: "POST", body: new URLSearchParams(body) });
    const { id, isTestable } = await newest(visit, path);
    assert.equal(isTestable, true, path);
    return (await visit.api<SavedFile>("POST", `exchanges/${id}/test`)).file;
  };
  const saved = [
    await save("/sms", 'Body=it\'s "quoted"'),
    await save("/sms", "Body=another"),
    await save("/api/secret", `key=${apiSecret}`),
    await save("/throws"),
    await save("/own-error"),
    await save("/reads-file"),
    await save("/calls-back-error"),
    await save("/calls-back-text"),
    await save("/not-found"),
    await save("/typed"),
    await save("/malformed"),
  ];
  assert.deepEqual(saved, [
    "test/sms.test.js",
    "test/sms-2.test.js",
    "test/api-secret.test.js",
    "test/throws.test.js",
    "test/own-error.test.js",
    "test/reads-file.test.js",
    "test/calls-back-error.test.js",
    "test/calls-back-text.test.js",
    "test/not-found.test.js",
    "test/typed.test.ts",
    "test/malformed.test.js",
  ]);
  const sources = saved.map((file) => readFileSync(join(project.folder, file), "utf8"));
  for (const source of sources) assert.ok(!source.includes(apiSecret) && !source.includes(project.folder), source);
  assert.match(await runTests(project.folder), /# pass 11\n# fail 0/);

  await project.write("functions/sms.js", `exports.handler = (c, event, callback) => callback(null, "no TwiML");`);
  await project.write("functions/throws.js", `exports.handler = (c, event, callback) => callback(null, {});`);
  assert.match(await runTests(project.folder), /# pass 8\n# fail 3/);
});

test("the tests of a project of ES modules are ES modules, in the folder of its other tests", async () => {
  await using project = await copyProject(undefined, {
    "package.json": '{ "type": "module" }',
    "spec/other.test.js": 'import "node:test";',
    "functions/hello.js": "export const handler = (context, event, callback) => callback(null, { hello: event.name });",
  });
  await using offhook = await startOffhook(project.folder, { verb: "dev" });
  const visit = await visitDashboard(offhook);
  await fetch(`${offhook.url}/hello?name=Ada`);
  const { id } = await newest(visit, "/hello");
  const { file } = await visit.api<SavedFile>("POST", `exchanges/${id}/test`);
  assert.equal(file, "spec/hello.test.js");
  assert.match(readFileSync(join(project.folder, file), "utf8"), /^import assert from/);
  assert.match(await runTests(project.folder), /# fail 0/);
});

test("requests that no function answered cannot be saved as a test", async () => {
  await using project = await copyProject(undefined, files);
  await using offhook = await startOffhook(project.folder, { verb: "dev", flags: ["--timeout", "300"] });
  const visit = await visitDashboard(offhook);
  for (const [method, path] of [
    ["POST", "/guarded"],
    ["GET", "/nowhere"],
    ["GET", "/hangs"],
    ["OPTIONS", "/sms"],
  ] as const) {
    await fetch(`${offhook.url}${path}`, { method });
    const { id, isTestable } = await newest(visit, path);
    assert.equal(isTestable, false, path);
    await assert.rejects(visit.api("POST", `exchanges/${id}/test`), /no-test/);
  }
});
