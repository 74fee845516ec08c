/**
 * What a real `offhook dev` reports about replies that Twilio would reject or ignore: in the log, in the dashboard and
 * in `offhook logs`.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { Exchange, ExchangePage } from "@offhook/dashboard/api";

import { visitDashboard } from "./dashboard-visit.ts";
import { startOffhook, type LogLine } from "./offhook-process.ts";
import { copyProject } from "./temporary-project.ts";
import { runOffhook } from "./typed-project.ts";

const files = {
  ".env": "API_SECRET=very-secret-value\n",
  "functions/broken.js": `exports.handler = (context, event, callback) => {
    const response = new Twilio.Response();
    response.appendHeader("Content-Type", "text/xml");
    response.setBody("<Response>\\n<Say>Fish & chips</Say></Response>");
    callback(null, response);
  };`,
  "functions/lost.js": `exports.handler = (context, event, callback) => {
    const response = new Twilio.Response();
    response.appendHeader("Content-Type", "text/xml");
    response.setBody("<Response>" + context.API_SECRET + "<Hangup/></Response>");
    callback(null, response);
  };`,
  "functions/good.js": `exports.handler = (context, event, callback) => {
    const twiml = new Twilio.twiml.VoiceResponse();
    twiml.say("Hello");
    callback(null, twiml);
  };`,
  "functions/json.js": "exports.handler = (context, event, callback) => callback(null, { ok: true });",
  "functions/throws.js": `exports.handler = () => { throw new Error("Oops"); };`,
};

const call = new URLSearchParams({
  AccountSid: `AC${"0".repeat(32)}`,
  CallSid: `CA${"1".repeat(32)}`,
  CallStatus: "ringing",
  From: "+12025550123",
  To: "+12025550199",
});

const post = async (url: string): Promise<void> => {
  await (await fetch(url, { method: "POST", body: call })).arrayBuffer();
};

test("dev logs the problems of a reply once, with and without the dashboard", async () => {
  await using project = await copyProject(undefined, files);
  for (const flags of [[], ["--no-dashboard"]]) {
    await using offhook = await startOffhook(project.folder, { verb: "dev", flags });
    await post(`${offhook.url}/good`);
    await (await fetch(`${offhook.url}/json`)).arrayBuffer();
    await post(`${offhook.url}/broken`);
    await post(`${offhook.url}/json`);
    await post(`${offhook.url}/throws`);
    await post(`${offhook.url}/lost`);
    // Replies are judged in order.
    const last = await offhook.logged(({ event, function: name }) => event === "reply-problem" && name === "lost");
    const found = offhook.log.filter(({ event }) => event === "reply-problem");
    assert.deepEqual(
      found.map(({ level, function: name, twilio_code: number }) => [level, name, number]),
      [
        ["error", "broken", 12100],
        ["error", "json", 12300],
        ["error", "throws", 11200],
        ["warn", "lost", 12200],
      ],
    );
    const [first] = found;
    const request = offhook.log.find((line) => line["event"] === "request" && line["path"] === "/broken");
    assert.equal(first?.["request_id"], request?.["request_id"]);
    assert.equal(first?.["message"], "Write & as &amp;. Twilio ends the call");
    assert.equal(last["message"], '<Response> cannot contain text: "•••"');
    assert.equal(await offhook.stop(), 0);
  }
});

test("the dashboard and offhook logs have the problems of a reply, and replay prints them", async () => {
  await using project = await copyProject(undefined, files);
  await using offhook = await startOffhook(project.folder, { verb: "dev" });
  const { api } = await visitDashboard(offhook);
  await post(`${offhook.url}/broken`);
  let exchange: Exchange | undefined;
  for (const deadline = Date.now() + 20_000; exchange?.problems === undefined;) {
    assert.ok(Date.now() < deadline, "The exchange has no problems");
    const [newest] = (await api<ExchangePage>("GET", "exchanges")).exchanges;
    if (newest !== undefined) exchange = await api<Exchange>("GET", `exchanges/${newest.id}`);
  }
  assert.deepEqual(
    exchange.problems.map(({ number, level, line }) => ({ number, level, line })),
    [{ number: 12100, level: "error", line: 2 }],
  );
  const [row] = (await api<ExchangePage>("GET", "exchanges")).exchanges;
  assert.deepEqual(row?.problems, [{ number: 12100, level: "error" }]);
  const problem = /Twilio 12100: Write & as &amp;\. Twilio ends the call \(line 2\)\n {2}Build the reply/;
  const replayed = await runOffhook(project.folder, "replay");
  assert.match(replayed.err, /^Sent to http/);
  assert.match(replayed.err, problem);
  const isProblem = ({ event }: LogLine): boolean => event === "reply-problem";
  await offhook.logged(() => offhook.log.filter(isProblem).length === 2);
  assert.equal(await offhook.stop(), 0);
  assert.match((await runOffhook(project.folder, "replay")).err, problem);
  assert.match((await runOffhook(project.folder, "logs")).out, /\/broken +200 .* TwiML 12100/);
  const shown = await runOffhook(project.folder, "logs", "--id", "last");
  assert.match(
    shown.out,
    /\nProblems of the reply\n {2}error 12100: Write & as &amp;\. Twilio ends the call \(line 2\)\n/,
  );
  const json = await runOffhook(project.folder, "logs", "--id", "last", "--json");
  assert.deepEqual((JSON.parse(json.out) as Exchange).problems, exchange.problems);
});
