import assert from "node:assert/strict";
import { test } from "node:test";
import { TestCall } from "./test-call.ts";

test("the document in waitUrl runs again and again while the caller waits", () => {
  const call = new TestCall({
    "/voice": `<Enqueue waitUrl="/ivr/wait" waitUrlMethod="GET">support</Enqueue>`,
    "/ivr/wait": "<Say>Please hold</Say><Play>music.mp3</Play>",
  });
  const { QueuePosition, QueueSid } = call.last?.fields ?? {};
  assert.deepEqual([call.last?.method, QueuePosition], ["GET", "1"]);
  call.pass();
  assert.deepEqual(call.heard, ["Please hold", "play /ivr/music.mp3"]);
  call.pass();
  assert.equal(call.asked.length, 3);
  assert.deepEqual([call.last?.fields["QueueSid"], call.last?.fields["QueueTime"]], [QueueSid, "3"]);
});

test("<Leave> leads to the next verb, or to the action", () => {
  const wait = { "/wait": "<Leave/>", "/left": "" };
  const call = new TestCall({ ...wait, "/voice": `<Enqueue waitUrl="/wait">q</Enqueue><Say>Closed</Say>` });
  assert.deepEqual(call.heard, ["Closed"]);
  const acting = new TestCall({ ...wait, "/voice": `<Enqueue waitUrl="/wait" action="/left">q</Enqueue>` });
  assert.deepEqual([acting.last?.path, acting.last?.fields["QueueResult"]], ["/left", "leave"]);
});

test("a call that takes the caller out of the queue is reported when it ends", () => {
  const call = new TestCall({
    "/voice": `<Enqueue waitUrl="/wait" action="/left">q</Enqueue>`,
    "/wait": "<Play>/music.mp3</Play>",
    "/left": "",
  });
  call.at += 20_000;
  call.do({ kind: "dequeued" });
  assert.equal(call.phase, "talking");
  assert.equal(call.pending, undefined);
  call.at += 5000;
  call.do({ kind: "callee-hangs-up" });
  const { QueueResult, QueueTime } = call.last?.fields ?? {};
  assert.deepEqual([call.last?.path, QueueResult, QueueTime], ["/left", "bridged", "20"]);
});

test("without waitUrl the caller waits, until the user decides", () => {
  const call = new TestCall({ "/voice": "<Enqueue>q</Enqueue><Say>On</Say>" });
  assert.match(call.call.obstacle?.text ?? "", /hold music/);
  call.do({ kind: "dequeued" });
  assert.equal(call.phase, "talking");
  call.do({ kind: "callee-hangs-up" }).listen();
  assert.deepEqual(call.heard, ["On"]);
});
