import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import {
  hintsGiven,
  isolateEnded,
  notices,
  outputWritten,
  replyProblemsFound,
  requestEnded,
  type IsolateEnded,
  type RequestEnded,
} from "../../../src/observe/channels.ts";
import { startLog, type LogOptions } from "../../../src/observe/log.ts";

const service = "ZS00000000000000000000000000000000";
const requestId = "RQ00000000000000000000000000000001";

const request: RequestEnded = {
  service,
  requestId,
  method: "GET",
  path: "/hello",
  status: 200,
  durationMs: 1.23456,
  bytes: 2,
  resource: "function",
};

const isolate: IsolateEnded = { service, pid: 7, reason: "idle", detail: "", invocations: 3 };

/** Returns the log's output while `publish` runs, and the number of writes. */
function logged(options: Partial<LogOptions>, publish: () => void): { text: string; writes: number } {
  let text = "";
  let writes = 0;
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      writes += 1;
      done();
    },
  });
  const stop = startLog({ format: "text", level: "info", accessLog: false, stream, ...options });
  publish();
  stop();
  return { text, writes };
}

function lines(options: Partial<LogOptions>, publish: () => void): string[] {
  const { text } = logged(options, publish);
  return text === "" ? [] : text.trimEnd().split("\n");
}

function objects(options: Partial<LogOptions>, publish: () => void): Record<string, unknown>[] {
  return lines({ ...options, format: "json" }, publish).map((line) => JSON.parse(line));
}

test("successful requests are logged only with accessLog", () => {
  assert.deepEqual(
    lines({}, () => requestEnded.publish(request)),
    [],
  );
  const [line] = lines({ accessLog: true }, () => requestEnded.publish(request));
  assert.match(line ?? "", /^\d\d:\d\d:\d\d\.\d{3} INFO {2}GET \/hello 200 1\.2 ms 2 B RQ0+1$/);
  assert.deepEqual(
    lines({ accessLog: true, level: "warn" }, () => requestEnded.publish(request)),
    [],
  );
});

test("a request's line has its warmth and its function", () => {
  const texts = [true, false, undefined].map((isCold) => {
    const ended = { ...request, function: "hello", ...(isCold === undefined ? undefined : { isCold }) };
    const [line] = lines({ accessLog: true }, () => requestEnded.publish(ended));
    const [object] = objects({ accessLog: true }, () => requestEnded.publish(ended));
    assert.equal(object?.["function"], "hello");
    return [/ 1\.2 ms (.*?)2 B/.exec(line ?? "")?.[1], object?.["cold"]];
  });
  assert.deepEqual(texts, [
    ["cold ", true],
    ["warm ", false],
    ["", undefined],
  ]);
});

test("leftovers that were ended after a reply are logged with their request", () => {
  const publish = (): void =>
    isolateEnded.publish({ ...isolate, reason: "leftovers", function: "a", detail: "1 timer", requestId });
  assert.match(
    lines({}, publish)[0] ?? "",
    new RegExp(`INFO {2}${requestId} /a had leftovers after callback\\(\\): 1 timer`),
  );
  assert.equal(objects({}, publish)[0]?.["request_id"], requestId);
});

test("a custom format gets every record, and the level may change meanwhile", () => {
  let level: "debug" | "warn" = "warn";
  const publish = (): void => {
    isolateEnded.publish({ ...isolate, reason: "leftovers", function: "a", detail: "1 timer" });
    level = "debug";
    isolateEnded.publish({ ...isolate, reason: "leftovers", function: "a", detail: "1 timer" });
    isolateEnded.publish({ ...isolate, reason: "leftovers", function: "a", detail: "1 timer" });
  };
  assert.deepEqual(lines({ format: ({ event }) => `${event}\n`, level: () => level }, publish), [
    "isolate-ended",
    "isolate-ended",
  ]);
});

test("a rejected request is a warning with its codes and next step", () => {
  const [line, next] = lines({}, () => requestEnded.publish({ ...request, status: 404, code: "not-found" }));
  assert.match(line ?? "", /WARN .* 404 .* not-found \(82001\): Could not find requested resource$/);
  assert.match(next ?? "", /^ {4}Next: Compare the path/);
});

test("the next step is logged once for each code", () => {
  const refused = { ...request, status: 404, code: "not-found" };
  const written = lines({}, () => {
    requestEnded.publish(refused);
    requestEnded.publish(refused);
    requestEnded.publish({ ...refused, status: 405, code: "method-not-allowed" });
  });
  assert.deepEqual(
    written.map((line) => line.startsWith("    Next:")),
    [false, true, false, false, true],
  );
});

test("a failure is an error with the author's own stack under it", () => {
  const detail = "TypeError: x\n    at handler (/project/functions/a.js:3:5)";
  const failed = { ...request, status: 500, code: "handler-threw", detail };
  const [first, ...rest] = lines({}, () => requestEnded.publish(failed));
  assert.match(first ?? "", / ERROR GET \/hello 500 .* handler-threw \(82002\)/);
  assert.equal(rest[0], "    TypeError: x");
  assert.equal(rest[1], "        at handler (/project/functions/a.js:3:5)");
  const [own] = objects({}, () => requestEnded.publish({ ...request, status: 503 }));
  assert.equal(own?.["level"], "error");
  assert.equal(own?.["twilio_code"], 82002);
  assert.equal(own?.["code"], undefined);
});

test("JSON lines have stable keys, one object per line", () => {
  const failed = { ...request, status: 504, code: "handler-timed-out", detail: "a\nb" };
  const [line] = objects({}, () => requestEnded.publish(failed));
  assert.match(String(line?.["time"]), /^\d{4}-\d\d-\d\dT.*Z$/);
  delete line?.["time"];
  delete line?.["next"];
  assert.deepEqual(line, {
    level: "error",
    event: "request",
    service,
    request_id: requestId,
    message: "The function did not call callback() within its time limit",
    code: "handler-timed-out",
    twilio_code: 82002,
    method: "GET",
    path: "/hello",
    resource: "function",
    status: 504,
    duration_ms: 1.235,
    bytes: 2,
    detail: "a\nb",
  });
});

test("output shows its function and request, and its further lines are indented", () => {
  const output = { service, requestId, function: "sms/reply", level: "info", text: "one\r\n\ttwo\n" } as const;
  assert.deepEqual(
    lines({}, () => outputWritten.publish(output)).map((line) => line.replace(/^[\d:.]+/, "")),
    [` INFO  /sms/reply ${requestId} one`, "    \ttwo"],
  );
  assert.match(
    lines({}, () => outputWritten.publish({ service, level: "info", text: "x" }))[0] ?? "",
    /\(no invocation\) x$/,
  );
  const levels = objects({}, () => {
    for (const level of ["debug", "info", "warn", "error"] as const) outputWritten.publish({ ...output, level });
  });
  assert.deepEqual(
    levels.map((line) => [line["level"], line["twilio_code"]]),
    [
      ["info", undefined],
      ["warn", 82004],
      ["error", 82005],
    ],
  );
  assert.equal(levels[0]?.["function"], "sms/reply");
  assert.equal(levels[0]?.["message"], "one\r\n\ttwo");
});

test("user text cannot forge a line or control the terminal", () => {
  const text = "a\r12:00:00.000 ERROR forged\u001b[2J\u009b31m\u202e\u2028\u0000\u007f\nb";
  const written = lines({ accessLog: true }, () => {
    outputWritten.publish({ service, requestId, function: "a", level: "info", text });
    requestEnded.publish({ ...request, path: "/\u009b\u0001" });
    notices.publish({ level: "warn", message: "x\u001b]0;y\nz" });
  });
  assert.match(written[0] ?? "", /a\\x0d12:00:00\.000 ERROR forged\\x1b\[2J\\x9b31m\\u202e\\u2028\\x00\\x7f$/);
  assert.equal(written[1], "    b");
  assert.match(written[2] ?? "", /GET \/\\x9b\\x01 200/);
  assert.match(written[3] ?? "", /WARN {2}x\\x1b\]0;y$/);
  assert.equal(written[4], "    z");
});

test("an isolate's end is logged at the level of its reason", () => {
  const publish = (more: Partial<IsolateEnded>) => () => isolateEnded.publish({ ...isolate, ...more });
  const [leftovers] = lines({}, publish({ reason: "leftovers", function: "a", detail: "2 timers" }));
  assert.match(leftovers ?? "", /INFO {2}\/a had leftovers after callback\(\): 2 timers\. Its isolate was replaced$/);
  for (const reason of ["idle", "stopped", "reloaded", "never-reused"] as const) {
    assert.deepEqual(lines({}, publish({ reason })), []);
    assert.equal(lines({ level: "debug" }, publish({ reason })).length, 1);
  }
  for (const reason of [
    "crashed",
    "out-of-memory",
    "timed-out",
    "exited",
    "start-failed",
    "protocol-broken",
  ] as const) {
    assert.deepEqual(lines({}, publish({ reason, requestId })), []);
    assert.match(
      lines({}, publish({ reason, detail: "SIGSEGV" }))[0] ?? "",
      /ERROR Isolate 7 (?:crashed|exited|ran out|exceeded|ended|was ended).*: SIGSEGV$/,
    );
  }
  const [line] = objects({ level: "debug" }, publish({ reason: "idle" }));
  assert.deepEqual(
    [line?.["event"], line?.["pid"], line?.["reason"], line?.["invocations"]],
    ["isolate-ended", 7, "idle", 3],
  );
});

test("a notice has the ledger's next step, and a notice with an unknown code has none", () => {
  const [line] = objects({}, () => notices.publish({ level: "error", code: "isolate-not-started", message: "EAGAIN" }));
  assert.equal(line?.["message"], "EAGAIN");
  assert.match(String(line?.["next"]), /The log has the cause/);
  const [other] = objects({}, () => notices.publish({ level: "warn", code: "toString", message: "m" }));
  assert.equal(other?.["next"], undefined);
});

test("the lines of one turn are written together, as soon as the turn ends", async () => {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  const stop = startLog({ format: "text", level: "info", accessLog: true, stream });
  for (let index = 0; index < 5; index++) requestEnded.publish(request);
  assert.equal(chunks.length, 0);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(chunks.length, 1);
  assert.equal(chunks[0]?.split("\n").length, 6);
  stop();
  requestEnded.publish(request);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(chunks.length, 1);
});

test("a closed output stops the log and nothing else", async () => {
  let attempts = 0;
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      attempts += 1;
      done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    },
  });
  const stop = startLog({ format: "text", level: "info", accessLog: true, stream });
  for (let turn = 0; turn < 3; turn++) {
    requestEnded.publish(request);
    await new Promise((resolve) => setImmediate(resolve));
  }
  stop();
  assert.equal(attempts, 1);
});

test("no message is built for a channel without a subscriber", () => {
  assert.equal(requestEnded.isObserved, false);
  logged({}, () => assert.equal(requestEnded.isObserved, true));
  assert.equal(requestEnded.isObserved, false);
});

test("hints are logged below their request, and do not look like lines of the log", () => {
  const hints = [{ text: "Await it.\n00:00:00.000 INFO  \u001b[2J", file: "functions/a\nb.js", line: 3, column: 5 }];
  const written = lines({ level: "error" }, () =>
    requestEnded.publish({ ...request, status: 500, code: "handler-threw", hints }),
  );
  assert.deepEqual(written.slice(1, 3), [
    "    Hint: Await it.",
    "    00:00:00.000 INFO  \\x1b[2J (functions/a\\nb.js:3)",
  ]);
  const [object] = objects({}, () => hintsGiven.publish({ service, requestId, function: "sms", hints }));
  assert.deepEqual([object?.["event"], object?.["hints"]], ["hint", hints]);
});

test("problems of a reply are logged with number, line and next step", () => {
  const problems = [
    { number: 12100, level: "error", text: "Write & as\n&amp;", line: 2, next: "Use Twilio.twiml." },
    { level: "warning", text: "<Say> is never reached" },
  ] as const;
  const found = { service, requestId, function: "voice", problems };
  const written = lines({ level: "error" }, () => {
    replyProblemsFound.publish(found);
    replyProblemsFound.publish(found);
  });
  assert.deepEqual(
    written.map((line) => line.replace(/^\d\S+ /, "")),
    [
      `ERROR /voice ${requestId} Twilio 12100: Write & as\\n&amp; (line 2)`,
      "    Twilio: <Say> is never reached",
      "    Next: Use Twilio.twiml.",
      `ERROR /voice ${requestId} Twilio 12100: Write & as\\n&amp; (line 2)`,
      "    Twilio: <Say> is never reached",
    ],
  );
  const [object] = objects({}, () => replyProblemsFound.publish({ ...found, problems: problems.slice(1) }));
  const { time: _, ...facts } = object ?? {};
  assert.deepEqual(facts, {
    level: "warn",
    event: "reply-problem",
    service,
    function: "voice",
    request_id: requestId,
    message: "<Say> is never reached",
    problems: problems.slice(1),
  });
});

test("the sentences of a signature's diagnosis are hints", () => {
  const signatureDiagnosis = { candidates: [], explanation: ["Checked against a.", "Restart with b."] };
  const refused = { ...request, status: 403, code: "signature-invalid", signatureDiagnosis };
  const [object] = objects({}, () => requestEnded.publish(refused));
  assert.deepEqual(object?.["hints"], [{ text: "Checked against a." }, { text: "Restart with b." }]);
  const text = lines({}, () => requestEnded.publish(refused)).join("\n");
  assert.match(text, /Checked against a\.[^]*Restart with b\./);
});

test("a hint that repeats with each call is logged once", () => {
  const event = { service, requestId, function: "sms", hints: [{ text: "Await it." }] };
  const written = lines({}, () => {
    hintsGiven.publish(event);
    hintsGiven.publish(event);
    hintsGiven.publish({ ...event, function: "voice" });
  });
  assert.deepEqual(
    written.map((line) => line.replace(/^\S+ /, "")),
    [`INFO  /sms ${requestId}`, "Hint: Await it.", `INFO  /voice ${requestId}`, "Hint: Await it."].map((line) =>
      line.startsWith("Hint") ? `    ${line}` : line,
    ),
  );
});

const other = "ZS11111111111111111111111111111111";

test("text names the service if there are several, and JSON always does", () => {
  const publish = (): void => {
    requestEnded.publish({ ...request, service: other });
    notices.publish({ service, level: "warn", message: "of one service" });
    notices.publish({ level: "warn", message: "of the server" });
  };
  const withoutTime = (line: string): string => line.slice("00:00:00.000 ".length);
  assert.deepEqual(lines({ accessLog: true, namesServices: true }, publish).map(withoutTime), [
    `INFO  ${other} GET /hello 200 1.2 ms 2 B ${requestId}`,
    `WARN  ${service} of one service`,
    "WARN  of the server",
  ]);
  assert.deepEqual(lines({ accessLog: true }, publish).map(withoutTime), [
    `INFO  GET /hello 200 1.2 ms 2 B ${requestId}`,
    "WARN  of one service",
    "WARN  of the server",
  ]);
  assert.deepEqual(
    objects({ accessLog: true }, publish).map((object) => object["service"]),
    [other, service, undefined],
  );
});

test("messages that are logged once are logged once for each service", () => {
  const refused = { ...request, status: 404, code: "not-found" };
  const left = { ...isolate, reason: "leftovers", function: "a", detail: "1 timer" } as const;
  const publish = (): void => {
    for (const each of [service, other, service]) {
      requestEnded.publish({ ...refused, service: each });
      isolateEnded.publish({ ...left, service: each });
    }
  };
  const advice = (told: readonly string[]): number => told.filter((line) => line.startsWith("    Next: ")).length;
  const ends = (told: readonly string[]): number => told.filter((line) => line.includes("had leftovers")).length;
  const several = lines({ namesServices: true }, publish);
  assert.deepEqual([advice(several), ends(several)], [2, 2]);
  assert.equal(advice(lines({}, publish)), 1);
  assert.equal(objects({}, publish).filter(({ event }) => event === "isolate-ended").length, 2);
});
