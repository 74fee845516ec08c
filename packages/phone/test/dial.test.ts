import assert from "node:assert/strict";
import { test } from "node:test";
import { TestCall } from "./test-call.ts";

const twoNumbers = "<Number>+3</Number><Number>+4</Number>";

function statuses(call: TestCall): (string | undefined)[] {
  return call.asked.filter(({ path }) => path === "/line").map(({ fields }) => fields["CallStatus"]);
}

test("the callee answers, talks, and hangs up", () => {
  const call = new TestCall({ "/voice": `<Dial action="/after">+3</Dial>`, "/after": "<Say>Bye</Say>" });
  assert.equal(call.phase, "dialling");
  call.do({ kind: "callee", line: 0, outcome: "answered" });
  assert.equal(call.phase, "talking");
  call.at += 7000;
  call.do({ kind: "callee-hangs-up" });
  const { DialCallStatus, DialCallDuration, DialBridged, DialCallSid } = call.last?.fields ?? {};
  assert.deepEqual([DialCallStatus, DialCallDuration, DialBridged], ["completed", "7", "true"]);
  assert.match(DialCallSid ?? "", /^CA\d$/);
  assert.deepEqual(call.heard, ["Bye"]);
});

test("numbers ring at once: the first to answer is connected, and the others are canceled", () => {
  const status = `statusCallback="/line" statusCallbackEvent="initiated ringing answered completed"`;
  const call = new TestCall({
    "/voice": `<Dial callerId="+9" action="/after"><Number ${status}>+3</Number><Number ${status}>+4</Number></Dial>`,
    "/after": "",
    "/line": "",
  });
  assert.deepEqual(statuses(call), ["initiated", "ringing", "initiated", "ringing"]);
  call.do({ kind: "callee", line: 1, outcome: "answered" });
  assert.deepEqual(
    call.call.dial?.lines.map((line) => line.status),
    ["canceled", "in-progress"],
  );
  call.do({ kind: "callee-hangs-up" });
  assert.deepEqual(statuses(call), [
    "initiated",
    "ringing",
    "initiated",
    "ringing",
    "in-progress",
    "canceled",
    "completed",
  ]);
  const line = call.asked.find(({ path }) => path === "/line")?.fields ?? {};
  assert.deepEqual(
    [line["ParentCallSid"], line["From"], line["To"], line["Direction"], line["SequenceNumber"]],
    ["CA1", "+9", "+3", "outbound-dial", "0"],
  );
  const sids = new Set(call.asked.filter(({ path }) => path === "/line").map(({ fields }) => fields["CallSid"]));
  assert.equal(sids.size, 2);
});

test("with sequential, the next number rings when one does not answer", () => {
  const call = new TestCall({ "/voice": `<Dial sequential="true">${twoNumbers}</Dial><Say>Bye</Say>` });
  assert.deepEqual(
    call.call.dial?.lines.map((line) => line.status),
    ["ringing", "waiting"],
  );
  call.do({ kind: "callee", line: 1, outcome: "answered" });
  assert.equal(call.phase, "dialling");
  call.do({ kind: "callee", line: 0, outcome: "busy" });
  assert.equal(call.phase, "dialling");
  call.do({ kind: "callee", line: 1, outcome: "no-answer" }).listen();
  assert.deepEqual(call.heard, ["Bye"]);
});

test("the callee hears the document in url before the connection, in a call of their own", () => {
  const call = new TestCall({
    "/voice": `<Dial action="/after"><Number url="/whisper">+3</Number></Dial>`,
    "/whisper": `<Gather numDigits="1" action="/accept"><Say>Press 1 to accept</Say></Gather><Hangup/>`,
    "/accept": "<Say>Connecting</Say>",
    "/after": "",
  });
  call.do({ kind: "callee", line: 0, outcome: "answered" });
  const whisper = call.last?.fields ?? {};
  assert.deepEqual([whisper["ParentCallSid"], whisper["To"], whisper["CallStatus"]], ["CA1", "+3", "in-progress"]);
  call.keys("1");
  assert.deepEqual([call.last?.path, call.last?.fields["CallSid"]], ["/accept", whisper["CallSid"]]);
  call.listen();
  assert.equal(call.phase, "talking");
  call.do({ kind: "callee-hangs-up" });
  assert.deepEqual([call.last?.path, call.last?.fields["CallSid"]], ["/after", "CA1"]);
  assert.equal(call.last?.fields["DialCallSid"], whisper["CallSid"]);
});

test("a callee's document that hangs up declines the call", () => {
  const call = new TestCall({
    "/voice": `<Dial action="/after"><Number url="/whisper">+3</Number></Dial>`,
    "/whisper": `<Gather numDigits="1" timeout="3"/><Hangup/>`,
    "/after": "<Say>Sorry</Say>",
  });
  call.do({ kind: "callee", line: 0, outcome: "answered" }).pass();
  assert.deepEqual([call.last?.path, call.last?.fields["DialCallStatus"]], ["/after", "no-answer"]);
  assert.equal(call.last?.fields["DialBridged"], "false");
  assert.deepEqual(call.heard, ["Sorry"]);
});

test("a callee's document that fails ends only the callee's call", () => {
  const call = new TestCall({
    "/voice": `<Dial><Number url="/whisper">+3</Number></Dial><Say>Next</Say>`,
    "/whisper": { status: 500 },
  });
  call.do({ kind: "callee", line: 0, outcome: "answered" }).listen();
  assert.deepEqual(call.heard, ["Next"]);
});

test("a document for the callee cannot dial", () => {
  const call = new TestCall({
    "/voice": `<Dial><Number url="/whisper">+3</Number></Dial>`,
    "/whisper": "<Dial>+4</Dial>",
  });
  call.do({ kind: "callee", line: 0, outcome: "answered" });
  assert.equal(call.phase, "talking");
  assert.match(call.logged("note").join(), /<Dial> is ignored: a document for the callee/);
});

test("the star key ends the conversation only with hangupOnStar", () => {
  const talk = (attributes: string): TestCall =>
    new TestCall({ "/voice": `<Dial ${attributes}>+3</Dial><Say>Bye</Say>` })
      .do({ kind: "callee", line: 0, outcome: "answered" })
      .keys("*");
  assert.equal(talk("").phase, "talking");
  assert.deepEqual(talk(`hangupOnStar="true"`).heard, ["Bye"]);
});

test("the lines end with the call when the caller hangs up", () => {
  const call = new TestCall({
    "/voice": `<Dial><Number statusCallback="/line">+3</Number></Dial>`,
    "/line": "",
  });
  call.do({ kind: "hang-up" });
  assert.deepEqual(statuses(call), ["canceled"]);
  assert.equal(call.phase, "over");
});

test("a recorded conversation is reported to the recording's callback", () => {
  const call = new TestCall({
    "/voice": `<Dial record="true" recordingStatusCallback="/recording" action="/after">+3</Dial>`,
    "/recording": "",
    "/after": "",
  });
  call.do({ kind: "dialled", outcome: "answered", seconds: 4 });
  const report = call.asked.find(({ path }) => path === "/recording")?.fields ?? {};
  assert.deepEqual(
    [report["RecordingStatus"], report["RecordingDuration"], report["RecordingSource"]],
    ["completed", "4", "DialVerb"],
  );
  assert.equal(call.last?.fields["RecordingSid"], report["RecordingSid"]);
});
