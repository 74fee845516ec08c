/** Lines of the log (docs/reference/logs.md). No text of a request or a function can look like one of our lines. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { ledger } from "../../src/errors.ts";
import type { IsolateEndReason, LogLevel } from "../../src/observe/channels.ts";
import { formatJson } from "../../src/observe/log-json.ts";
import {
  recordIsolateEnd,
  recordNotice,
  recordOutput,
  recordRequest,
  type LogRecord,
} from "../../src/observe/log-record.ts";
import { formatText } from "../../src/observe/log-text.ts";
import { holds, hostileText } from "./property.ts";

const level = fc.constantFrom<LogLevel>("debug", "info", "warn", "error");
const forged = fc.constantFrom(
  "x\n12:00:00.000 ERROR forged",
  "x\r12:00:00.000 ERROR forged",
  "x\u000b12:00:00.000 INFO  forged",
  "x\u202812:00:00.000 INFO  forged",
  "\u001b[1A\u001b[2K12:00:00.000 INFO  forged",
  "\u200f1\u061c",
  "\n".repeat(50),
);
const text = fc.oneof(
  hostileText,
  forged,
  fc.tuple(hostileText, forged, hostileText).map((parts) => parts.join("")),
);
const code = fc.oneof(fc.constantFrom(...Object.keys(ledger)), fc.constant(undefined));
const reason = fc.constantFrom<IsolateEndReason>("leftovers", "unresponsive", "timed-out", "exited", "crashed", "idle");
const requestId = fc.constantFrom(undefined, "RQ00000000000000000000000000000000");

const record: fc.Arbitrary<LogRecord> = fc.oneof(
  fc
    .record({
      method: fc.constantFrom("", "GET", "POST"),
      path: text,
      status: fc.integer({ min: 200, max: 599 }),
      code,
      detail: fc.option(text, { nil: undefined }),
    })
    .map(({ code: known, detail, ...rest }) =>
      recordRequest({
        service: "ZS0",
        requestId: "RQ0",
        durationMs: 1,
        bytes: 2,
        ...rest,
        ...(known === undefined ? undefined : { code: known }),
        ...(detail === undefined ? undefined : { detail }),
      }),
    ),
  fc.record({ level, text, function: text }).map((output) => recordOutput({ service: "ZS0", ...output })),
  fc.record({ level, text }).map((output) => recordOutput({ service: "ZS0", ...output })),
  fc.record({ reason, detail: text, function: text, id: requestId }).map(({ id, ...rest }) =>
    recordIsolateEnd({
      service: "ZS0",
      pid: 7,
      invocations: 1,
      ...rest,
      ...(id === undefined ? undefined : { requestId: id }),
    }),
  ),
  fc
    .record({ level, message: text, code })
    .map(({ code: known, ...rest }) =>
      recordNotice({ ...rest, ...(known === undefined ? undefined : { code: known }) }),
    ),
);

// oxlint-disable-next-line no-control-regex -- the pattern looks for control characters
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const at = new Date(2026, 0, 2, 3, 4, 5, 6);

test("in the text form only our own lines start at the left, and nothing moves the cursor", () => {
  holds(
    fc.property(record, fc.boolean(), fc.boolean(), (each, hasAdvice, namesService) => {
      const lines = formatText(each, at, { hasAdvice, namesService });
      assert.ok(lines.endsWith("\n"));
      const [first = "", ...others] = lines.slice(0, -1).split("\n");
      assert.match(first, /^03:04:05\.006 (DEBUG|INFO |WARN |ERROR) /);
      for (const line of others) assert.ok(line.startsWith("    "), JSON.stringify(line));
      assert.doesNotMatch(lines, control);
    }),
    1_000,
  );
});

test("in the JSON form a record is one line with the same content", () => {
  holds(
    fc.property(record, (each) => {
      const line = formatJson(each, at);
      assert.equal(line.indexOf("\n"), line.length - 1);
      // oxlint-disable-next-line no-control-regex -- the pattern looks for control characters
      assert.doesNotMatch(line, /[\u0000-\u0009\u000b-\u001f]/);
      const said = JSON.parse(line) as Record<string, unknown>;
      assert.equal(said["time"], at.toISOString());
      assert.equal(said["level"], each.level);
      assert.equal(said["event"], each.event);
      assert.equal(said["message"] ?? "", each.message);
      assert.equal(said["detail"], each.detail);
      assert.equal(said["path"], each.request?.path);
      assert.equal(Buffer.from(line, "utf8").toString("utf8"), line, "no lone surrogate");
    }),
    1_000,
  );
});
