import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";

import { startLog } from "@offhook/runtime/log";
import {
  hintsGiven,
  isolateEnded,
  notices,
  outputWritten,
  replyProblemsFound,
  requestEnded,
} from "@offhook/runtime/observe";
import type { RequestEnded } from "@offhook/runtime/observe";
import * as fc from "fast-check";

import { holds, hostileText } from "../../../../runtime/test/properties/property.ts";
import { createAuthorLog, type AuthorLogOptions } from "../../../src/dev/terminal/author-log.ts";

const service = "ZS00000000000000000000000000000000";
const requestId = "RQ00000000000000000000000000003f2a";

const request: RequestEnded = {
  service,
  requestId,
  method: "POST",
  path: "/sms/reply",
  status: 200,
  durationMs: 12.34,
  bytes: 2,
  resource: "function",
  function: "sms/reply",
  isCold: true,
};

const plain: AuthorLogOptions = {
  folder: "/home/ada/project",
  isColored: false,
  columns: () => undefined,
  details: { isOn: false, of: () => "" },
};

/** The output while `publish` runs, without the time of day. */
function lines(
  publish: () => void,
  options: Partial<AuthorLogOptions> = {},
  level: "debug" | "info" | "warn" = "info",
): string[] {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const format = createAuthorLog({ ...plain, ...options });
  const stop = startLog({ format, level: () => level, accessLog: true, stream });
  publish();
  stop();
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => line.replace(/^\d\d:\d\d:\d\d/, "T"));
}

test("lines of one invocation are in columns, with the same short id", () => {
  const output = { service, requestId, function: "sms/reply" };
  assert.deepEqual(
    lines(() => {
      outputWritten.publish({ ...output, level: "info", text: "one\n  two\n" });
      outputWritten.publish({ ...output, level: "error", text: "three" });
      requestEnded.publish(request);
      isolateEnded.publish({ ...output, pid: 7, reason: "leftovers", detail: "1 timer", invocations: 1 });
      isolateEnded.publish({ ...output, pid: 7, reason: "leftovers", detail: "1 timer", invocations: 1 });
      requestEnded.publish({ ...request, method: "GET", path: "/a.txt", isCold: undefined, durationMs: 1.25 } as never);
      requestEnded.publish({ ...request, method: "GET", isCold: false, durationMs: 1234 });
      notices.publish({ level: "info", message: "Reloaded in 3 ms: /home/ada/project/a.js" });
      notices.publish({ level: "warn", message: "careful" });
      outputWritten.publish({ service, level: "info", text: "at module scope" });
    }),
    [
      "T 3f2a  log   /sms/reply            one",
      "                 two",
      "T 3f2a  error /sms/reply            three",
      "T 3f2a  POST  /sms/reply            200   12 ms  cold",
      "T 3f2a  left  /sms/reply            terminated after callback(): 1 timer",
      "T 3f2a  left  /sms/reply            terminated after callback(): 1 timer",
      "T 3f2a  GET   /a.txt                200  1.3 ms",
      "T 3f2a  GET   /sms/reply            200  1.23 s  warm",
      "T       Reloaded in 3 ms: a.js",
      "T       warn  careful",
      "T       log   (no invocation)       at module scope",
    ],
  );
});

test("a failure shows its code, its stack relative to the project's folder, and once the next step", () => {
  const detail =
    "TypeError: x\n    at f (/home/ada/project/functions/a.js:3:5)\n    at file:///home/ada/project/b.mjs:1:1";
  const failed = { ...request, status: 500, code: "handler-threw", detail };
  const [first = "", ...rest] = lines(() => {
    requestEnded.publish(failed);
    requestEnded.publish(failed);
  });
  assert.match(first, /500 {3}12 ms {2}cold {2}handler-threw: The function threw an error$/);
  assert.equal(rest[0], "               TypeError: x");
  assert.equal(rest[1], "                   at f (functions/a.js:3:5)");
  assert.equal(rest[2], "                   at b.mjs:1:1");
  assert.match(rest[3] ?? "", /^ {15}Fix the line/);
  assert.equal(rest.length, 8);
  // A function's output is unchanged, except for stack frames.
  const text = "/home/ada/project/a.js\n    at f (/home/ada/project/functions/a.js:3:5)";
  const printed = lines(() => outputWritten.publish({ service, requestId, level: "info", text }));
  assert.match(printed[0] ?? "", / \/home\/ada\/project\/a\.js$/);
  assert.equal(printed[1], "                   at f (functions/a.js:3:5)");
});

test("hints are shown with their request, instead of the general next step", () => {
  const hints = [
    { text: "FOO is not set.", file: "functions/a.js", line: 3, column: 5 },
    { text: "Nothing is known." },
  ];
  const failed = { ...request, status: 500, code: "handler-threw", detail: "TypeError: x", hints };
  const [, ...below] = lines(() => requestEnded.publish(failed));
  assert.deepEqual(below, [
    "               TypeError: x",
    "               Hint: FOO is not set. (functions/a.js:3)",
    "               Hint: Nothing is known.",
  ]);
  const hintLines = lines(() => hintsGiven.publish({ service, requestId, function: "sms/reply", hints }));
  assert.deepEqual(hintLines, [
    "T 3f2a  hint  /sms/reply            FOO is not set. (functions/a.js:3)",
    "               Nothing is known.",
  ]);
});

test("problems of a reply have the short id of their request, and the next step once", () => {
  const problems = [
    { number: 12100, level: "error", text: "Write & as &amp;", line: 2, next: "Use Twilio.twiml." },
    { number: 12200, level: "warning", text: "<Gahter> is\nunknown" },
  ] as const;
  const publish = (): void => replyProblemsFound.publish({ service, requestId, function: "sms/reply", problems });
  assert.deepEqual(
    lines(
      () => {
        publish();
        publish();
      },
      {},
      "warn",
    ),
    [
      "T 3f2a  reply /sms/reply            Twilio 12100: Write & as &amp; (line 2)",
      "               Twilio 12200: <Gahter> is\\nunknown",
      "               Use Twilio.twiml.",
      "T 3f2a  reply /sms/reply            Twilio 12100: Write & as &amp; (line 2)",
      "               Twilio 12200: <Gahter> is\\nunknown",
    ],
  );
});

test("a hint that was shown during the invocation is not repeated with the failure", () => {
  const [early, late] = [{ text: "This callback() was not reached." }, { text: "Nothing is known." }] as const;
  const failed = { ...request, status: 504, code: "handler-timed-out", hints: [early, late] };
  const publish = (): void => {
    hintsGiven.publish({ service, requestId, function: "sms/reply", hints: [early] });
    outputWritten.publish({ service, requestId, function: "sms/reply", level: "info", text: "meanwhile" });
    requestEnded.publish(failed);
  };
  const [, , , ...below] = lines(publish);
  assert.deepEqual(below, ["               Hint: Nothing is known."]);
  // A hint that was not shown before is shown with the failure.
  const [, ...onlyHere] = lines(publish, {}, "warn");
  assert.deepEqual(onlyHere, [`               Hint: ${early.text}`, `               Hint: ${late.text}`]);
});

test("stack frames from inside Node are only shown with details", () => {
  const message =
    "/a cannot be loaded: Error: x\n\n    at Module._load (node:internal/modules/cjs/loader:1:2)\n    at g (a.js:1:1)";
  const detail = "Error: x\n    at open (node:fs:1:1)\n    at f (a.js:3:5)\n    at async run (node:internal/x:1:2)";
  const publish = (): void => {
    requestEnded.publish({ ...request, detail });
    notices.publish({ level: "warn", message });
  };
  const [, ...folded] = lines(publish);
  assert.deepEqual(folded, [
    "               Error: x",
    "                   at open (node:fs:1:1)",
    "                   at f (a.js:3:5)",
    "T       warn  /a cannot be loaded: Error: x",
    "                   at g (a.js:1:1)",
  ]);
  assert.equal(lines(publish, { details: { isOn: true, of: () => "" } }).length, 9);
});

test("a function that prints only empty lines does not block the server", () => {
  const text = `${"\n".repeat(200_000)}x`;
  const begun = performance.now();
  const logged = lines(() => outputWritten.publish({ service, requestId, level: "info", text }));
  assert.equal(logged.length, 200_001);
  assert.ok(performance.now() - begun < 5_000);
});

test("at level warn, successful requests are not shown", () => {
  const logged = lines(
    () => {
      requestEnded.publish(request);
      outputWritten.publish({ service, requestId, level: "info", text: "log" });
      requestEnded.publish({ ...request, status: 404, code: "not-found" });
    },
    {},
    "warn",
  );
  assert.match(logged[0] ?? "", /404/);
});

test("with colours the text is the same, and each colour ends with its line", () => {
  const publish = (): void => {
    for (const status of [200, 301, 404, 500]) requestEnded.publish({ ...request, status });
    requestEnded.publish({
      ...request,
      status: 500,
      code: "handler-threw",
      detail: "E: x\n    at node:fs:1:1\n    at /a",
    });
    outputWritten.publish({ service, requestId, function: "a", level: "warn", text: "x" });
    isolateEnded.publish({
      service,
      requestId,
      function: "a",
      pid: 7,
      reason: "unresponsive",
      detail: "d",
      invocations: 1,
    });
  };
  const colored = lines(publish, { isColored: true });
  // oxlint-disable-next-line no-control-regex -- the pattern looks for colours
  const bare = colored.map((line) => line.replace(/\u001b\[\d+m/g, "").replace(/^\d\d:\d\d:\d\d/, "T"));
  assert.deepEqual(bare, lines(publish));
  for (const line of colored) {
    // oxlint-disable-next-line no-control-regex -- as above
    const codes = [...line.matchAll(/\u001b\[(\d+)m/g)].map(([, code]) => Number(code));
    for (const [index, code] of codes.entries()) if (index % 2 === 1) assert.ok(code === 39 || code === 22, line);
    assert.equal(codes.length % 2, 0, line);
  }
});

const leftText = "This timer was still pending when you called callback(), so it was cancelled. Await it first.";

test("in a terminal, long lines continue in the column of their text", () => {
  const publish = (): void => {
    const hints = [{ text: leftText, file: "functions/a.js", line: 3, column: 5 }];
    hintsGiven.publish({ service, requestId, function: "sms/reply", hints });
    requestEnded.publish({
      ...request,
      status: 500,
      code: "handler-threw",
      detail: `E: ${leftText}\n    at f (a.js:1:1)`,
    });
    notices.publish({ level: "warn", message: leftText });
  };
  assert.deepEqual(lines(publish, { columns: () => 80 }), [
    "T 3f2a  hint  /sms/reply            This timer was still pending when you",
    `${" ".repeat(43)}called callback(), so it was`,
    `${" ".repeat(43)}cancelled. Await it first.`,
    `${" ".repeat(43)}(functions/a.js:3)`,
    "T 3f2a  POST  /sms/reply            500   12 ms  cold  handler-threw: The",
    `${" ".repeat(43)}function threw an error`,
    "               E: This timer was still pending when you called callback(), so it",
    "               was cancelled. Await it first.",
    "                   at f (a.js:1:1)",
    "               Fix the line at the top of the stack trace in the log, or catch",
    "               the error and pass it to callback().",
    "T       warn  This timer was still pending when you called callback(), so",
    "               it was cancelled. Await it first.",
  ]);
});

test("in a narrow terminal, long lines continue below the paths, and a new width counts at once", () => {
  let columns = 40;
  const publish = (): void => {
    const hints = [{ text: "This timer was still pending." }];
    hintsGiven.publish({ service, requestId, function: "sms/reply", hints });
    columns = 80;
    hintsGiven.publish({ service, requestId: `${requestId.slice(0, -1)}b`, function: "sms/reply", hints });
  };
  assert.deepEqual(lines(publish, { columns: () => columns }), [
    "T 3f2a  hint  /sms/reply",
    "               This timer was still",
    "               pending.",
    "T 3f2b  hint  /sms/reply            This timer was still pending.",
  ]);
});

// oxlint-disable-next-line no-control-regex -- the pattern looks for control characters
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

test("only our own lines start at the left, and no text of a request or a function moves the cursor", () => {
  const text = fc.oneof(
    hostileText,
    fc.constantFrom("x\n12:00:00 3f2a  GET   /forged", "x\r12:00:00", "\u001b[2K", "\u2028x", "\n\n", "a\r\nb"),
  );
  const level = fc.constantFrom("debug", "info", "warn", "error");
  holds(
    fc.property(text, text, level, fc.constantFrom(undefined, 80), (one, other, at, columns) => {
      const logged = lines(
        () => {
          requestEnded.publish({ ...request, method: "GET", path: one, detail: other, requestId: `RQ${one}` });
          outputWritten.publish({ service, requestId, function: one, level: at, text: other });
          isolateEnded.publish({
            service,
            requestId,
            function: one,
            pid: 1,
            reason: "leftovers",
            detail: other,
            invocations: 1,
          });
          notices.publish({ level: at, message: one });
          const hints = [{ text: other, file: one, line: 1, column: 1 }];
          hintsGiven.publish({ service, requestId, function: one, hints });
          requestEnded.publish({ ...request, path: one, hints });
        },
        { columns: () => columns, details: { isOn: true, of: () => other } },
        "debug",
      );
      assert.equal(logged.filter((line) => line.startsWith("T ")).length, 6);
      for (const line of logged) {
        assert.ok(line.startsWith("T ") || line.startsWith(" ".repeat(15)), JSON.stringify(line));
        assert.doesNotMatch(line, control);
      }
    }),
    300,
  );
});
