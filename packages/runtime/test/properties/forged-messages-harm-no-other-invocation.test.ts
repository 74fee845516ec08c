/**
 * A function can write to the descriptor that its isolate uses to talk to the pool. For any bytes, its caller gets an
 * answer, and the next caller gets the right one. One kind of message is left out, because it would name children of
 * the test's own process.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { FrameWriter } from "../../src/protocol/frames.ts";
import type { FromIsolate } from "../../src/protocol/messages.ts";
import { serve } from "../site.ts";
import { ledgerStatuses } from "./ledger-codes.ts";
import { comesTrue, hostileText } from "./property.ts";

const project = {
  // The pool may end the isolate before it calls back. Then the invocation is lost, and its caller gets an error.
  "functions/liar.js": `require("node:fs").writeSync(4, Buffer.from(event.bytes, "base64"));
    callback(null, "called back");`,
  "functions/honest.js": "callback(null, event.mark);",
};

/** The pool counts invocations from 1, so the function may guess an id. */
const id = fc.oneof(fc.nat(200), fc.integer());
const text = hostileText.map((each) => each.toWellFormed().slice(0, 50));
const status = fc.oneof(fc.constantFrom(200, 204, 304, 101, 0, 999), fc.integer());
const header = fc.oneof(
  text,
  fc.constantFrom("content-length", "transfer-encoding", "chunked", "0", "x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "x-tag"),
);
const pairs = fc.array(fc.tuple(header, header), { maxLength: 3 }).map((lines) => lines.flat());
const code = fc.constantFrom("handler-threw", "callback-error", "cookie-too-old", "reply-too-large");
const error = fc.record({ name: text, message: text, stack: text }, { requiredKeys: ["name", "message"] });

const lie: fc.Arbitrary<FromIsolate> = fc.oneof(
  fc.record({ kind: fc.constant("reply"), id, status, headers: pairs }),
  fc.record({
    kind: fc.constant("reply"),
    id,
    status,
    headers: pairs,
    failure: code,
    settledMs: fc.double({ noNaN: true }),
  }),
  fc.record({ kind: fc.constant("failed"), id, code, error }, { requiredKeys: ["kind", "id", "code"] }),
  fc.record({
    kind: fc.constant("settled"),
    id,
    tookMs: fc.double({ noNaN: true }),
    isTainted: fc.boolean(),
    leftovers: fc.array(text),
  }),
  fc.record({ kind: fc.constant("retracted"), ids: fc.array(id) }),
  fc.record({ kind: fc.constant("output"), id, level: fc.constantFrom("debug", "error") }),
  fc.record({ kind: fc.constant("loading"), function: text }),
  fc.record({ kind: fc.constant("load-failed"), function: text, error }),
  fc.record({ kind: fc.constant("ready") }),
  fc.record({
    kind: fc.constant("diagnosis"),
    id,
    state: fc.constantFrom("computing", "waiting", "ended", "failed", "called-again", "request-replaced", "left"),
    stacks: fc.array(text),
    notes: fc.array(text),
  }),
  fc.record({ kind: fc.constant("exiting"), how: fc.constantFrom("exit", "abort", "kill"), code: fc.nat(255) }),
) as fc.Arbitrary<FromIsolate>;

const frames = fc
  .array(fc.tuple(fc.oneof(lie, fc.record({ kind: text })), fc.uint8Array({ maxLength: 20 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((messages) => {
    const writer = new FrameWriter();
    for (const [message, body] of messages) writer.add(message, body);
    return writer.take();
  });
const bytes = fc.oneof(
  { weight: 4, arbitrary: frames },
  { weight: 1, arbitrary: frames.map((whole) => whole.subarray(0, whole.length - 1)) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 40 }).map((some) => Buffer.from(some)) },
);

test("a function that writes to the runtime's own pipe costs at most its own invocation", async (t) => {
  const site = await serve(t, project, { timeout: 500, spares: 2 });
  let count = 0;
  await comesTrue(
    fc.asyncProperty(bytes, async (said) => {
      const answer = await site.call("/liar", { form: { bytes: said.toString("base64") } });
      // The forged reply may be anything that HTTP allows, or the invocation is lost.
      const failure = answer.headers["x-offhook-error"];
      if (failure === undefined) assert.ok(answer.status >= 200 && answer.status <= 599);
      else assert.ok(ledgerStatuses.has(answer.status), `${String(failure)} ${answer.status}`);
      const mark = `mark-${(count += 1)}`;
      const next = await site.call(`/honest?mark=${mark}`);
      assert.equal(next.text, mark);
      assert.equal(next.status, 200);
    }),
    25,
  );
});
