/**
 * The recorder turns the events of the stages into exchanges, and limits how many it records.
 */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import type { StreamEvent } from "@offhook/dashboard/api";
import {
  exchangeBegun,
  exchangeSeen,
  hintsGiven,
  isolateEnded,
  outputWritten,
  requestEnded,
} from "@offhook/runtime/observe";
import type { Service } from "@offhook/runtime/service";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { Recorder } from "../../src/server/recorder.ts";
import { Journal } from "../../src/journal/journal.ts";

async function record(t: TestContext) {
  const folder = makeProject(t);
  const journal = await Journal.open(folder);
  const events: StreamEvent[] = [];
  const service: Service = {
    sid: "ZS",
    environmentSid: "ZE",
    folder,
    functions: [{ kind: "function", name: "a", path: "/a", file: `${folder}/functions/a.js`, visibility: "public" }],
    assets: [],
    variables: { API_KEY: "variable-value" },
  };
  const recorder = new Recorder(journal, service, (event) => events.push(event));
  t.after(() => recorder.stop());
  return { recorder, journal, events };
}

const idOf = (number: number): string => `RQ${String(number).padStart(32, "0")}`;

function begin(number: number, target = "/a"): void {
  exchangeBegun.publish({ service: "ZS", requestId: idOf(number), at: 1_000 + number, method: "POST", target });
}

function end(number: number, target = "/a", body = "", type = "application/json", isFunction = true): void {
  const requestId = idOf(number);
  exchangeSeen.publish({
    service: "ZS",
    requestId,
    target,
    headers: ["authorization", "secret-header", ...(body === "" ? [] : ["content-type", type])],
    body: Buffer.from(body),
    reply: { headers: ["content-type", "text/plain"], body: Buffer.from("ok") },
    moments: { received: 0.1, started: 0.2, replied: 0.9 },
  });
  requestEnded.publish({
    service: "ZS",
    requestId,
    method: "POST",
    path: target,
    status: 200,
    durationMs: 1,
    bytes: 2,
    ...(isFunction && { resource: "function", function: "a" }),
  });
}

test("a row is published when the request starts, when its function prints, and when it ends", async (t) => {
  const { events, journal } = await record(t);
  begin(1);
  outputWritten.publish({ service: "ZS", requestId: idOf(1), function: "a", level: "error", text: "variable-value\n" });
  end(1);
  const rows = events.map((event) => (event.kind === "exchange" ? event.exchange : undefined));
  assert.deepEqual(
    rows.map((row) => [row?.status, row?.lines, row?.complaints]),
    [
      [undefined, 0, 0],
      [undefined, 1, 1],
      [200, 1, 1],
    ],
  );
  const kept = await journal.exchange(idOf(1));
  assert.equal(kept?.logs[0]?.text, "•••");
  assert.equal(kept?.file, "functions/a.js");
  assert.deepEqual(
    rows.map((row) => row?.service),
    ["ZS", "ZS", "ZS"],
  );
  assert.equal(kept?.service, "ZS");
});

test("a running request is shown with the data so far", async (t) => {
  const { recorder } = await record(t);
  begin(1, "/a?Token=hidden");
  outputWritten.publish({ service: "ZS", requestId: idOf(1), function: "a", level: "info", text: "still here\n" });
  const shown = recorder.running(idOf(1));
  assert.equal(shown?.logs[0]?.text, "still here");
  assert.doesNotMatch(JSON.stringify(shown), /hidden/);
  end(1);
  assert.equal(recorder.running(idOf(1)), undefined);
});

test("a secret is masked at the end of a long line, in a hint, and wherever it is repeated", async (t) => {
  const { recorder, journal } = await record(t);
  const requestId = idOf(1);
  begin(1);
  const text = `${"x".repeat(3_995)}variable-value secret-header\n`;
  outputWritten.publish({ service: "ZS", requestId, function: "a", level: "info", text });
  hintsGiven.publish({ service: "ZS", requestId, function: "a", hints: [{ text: "Is variable-value right?" }] });
  end(1, "/%76ariable-value", '{"token":["first-token","second-token"],"a":"first-token"}');
  recorder.stop();
  await journal.settled();
  const kept = JSON.stringify(await journal.exchange(requestId));
  assert.doesNotMatch(kept, /varia|ariable-value|secret-header|first-token|second-token/);
});

test("no request can stop the recording", async (t) => {
  const { journal } = await record(t);
  begin(1);
  end(1, "/a", "[".repeat(100_000) + "]".repeat(100_000), "application/json");
  begin(2);
  end(2, "/a", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`, "application/json");
  begin(3);
  end(3, "//", "", "application/json");
  await journal.settled();
  assert.equal(journal.page(10).exchanges.length, 3);
  assert.notEqual(await journal.exchange(idOf(2)), undefined);
});

test("events after the end of a request are added to it", async (t) => {
  const { recorder, journal } = await record(t);
  begin(1);
  end(1);
  isolateEnded.publish({
    service: "ZS",
    pid: 1,
    reason: "leftovers",
    detail: "1 timer",
    invocations: 1,
    requestId: idOf(1),
  });
  recorder.mark(idOf(1), "page");
  recorder.stop();
  await journal.settled();
  const kept = await journal.exchange(idOf(1));
  assert.equal(kept?.leftovers, "1 timer");
  assert.equal(kept?.origin, "page");
});

test("a request can be sent again with its secrets, up to a limit of memory", async (t) => {
  const { recorder } = await record(t);
  begin(1);
  end(1, "/a?Token=hidden", "body");
  const original = recorder.original(idOf(1));
  assert.equal(original?.target, "/a?Token=hidden");
  assert.deepEqual(original.headers[0], ["authorization", "secret-header"]);
  assert.equal(Buffer.from(original.body).toString(), "body");
  for (let number = 2; number <= 250; number++) {
    begin(number);
    end(number, "/a", "x".repeat(200_000));
  }
  assert.equal(recorder.original(idOf(1)), undefined);
  const still = Array.from({ length: 250 }, (_, index) => recorder.original(idOf(index + 1))).filter(
    (each) => each !== undefined,
  );
  assert.ok(still.length > 50 && still.length < 90, `${still.length}`);
});

test("a flood of requests is counted, not recorded, and later requests are shown again", async (t) => {
  let nowMs = 0;
  t.mock.method(performance, "now", () => nowMs);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { events, journal } = await record(t);
  for (let number = 1; number <= 5_000; number++) {
    begin(number);
    end(number);
  }
  await journal.settled();
  const kept = journal.page(Infinity).exchanges.length;
  assert.ok(kept >= 300 && kept < 1_000, `${kept} kept`);
  // This notice needs no further request.
  const isCounted = (): boolean =>
    events.some((event) => event.kind === "notice" && /^\d{4} requests arrived too fast/.test(event.text));
  assert.ok(!isCounted());
  // The flood was in the first second. No request comes in the next one.
  nowMs += 2_000;
  t.mock.timers.tick(1_000);
  t.mock.timers.tick(1_000);
  assert.ok(isCounted());
  begin(5_001);
  assert.ok(events.some((event) => event.kind === "exchange" && event.exchange.id === idOf(5_001)));
});

test("automatic requests of browsers are marked, unless a function answers", async (t) => {
  const { journal } = await record(t);
  const targets = ["/favicon.ico", "/apple-touch-icon-120x120.png?v=2", "/favicon.icon", "/favicon.ico"];
  for (const [index, target] of targets.entries()) {
    begin(index, target);
    end(index, target, "", "", index === 3);
  }
  await journal.settled();
  const marks = journal.page(9).exchanges.map(({ isAutomatic }) => isAutomatic);
  assert.deepEqual(marks.toReversed(), [true, true, undefined, undefined]);
});
