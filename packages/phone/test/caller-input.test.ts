import assert from "node:assert/strict";
import { test } from "node:test";
import { hintsOf } from "../src/call/call-verbs.ts";
import { TestCall } from "./test-call.ts";

test("partial results are sent after each word, and their replies are ignored", () => {
  const call = new TestCall({
    "/voice": `<Gather input="speech" action="/menu" partialResultCallback="/partial"><Say>Speak</Say></Gather>`,
    "/partial": "<Hangup/>",
    "/menu": "<Say>Thanks</Say>",
  });
  for (const text of ["a", "a t", "a ta", "a table "]) call.do({ kind: "speaking", text });
  const partials = call.asked.filter(({ path }) => path === "/partial").map(({ fields }) => fields);
  assert.deepEqual(
    partials.map((fields) => [fields["SequenceNumber"], fields["UnstableSpeechResult"]]),
    [
      ["0", "a"],
      ["1", "a t"],
    ],
  );
  assert.equal(call.phase, "listening");
  call.do({ kind: "speech", text: "a table" }).listen();
  assert.deepEqual(call.heard, ["Speak", "Thanks"]);
});

test("speech ends after speechTimeout, and is sent", () => {
  const call = new TestCall({
    "/voice": `<Gather input="speech" speechTimeout="2" timeout="9" action="/menu"/>`,
    "/menu": "",
  });
  assert.equal(call.pending?.ms, 9000);
  call.do({ kind: "speaking", text: "sales" });
  assert.equal(call.pending?.ms, 2000);
  call.pass();
  assert.equal(call.last?.fields["SpeechResult"], "sales");
});

test("hints are phrases that the caller may say, without classes of phrases", () => {
  const call = new TestCall({ "/voice": `<Gather input="speech" hints="sales, support,$OPERAND, sales"/>` });
  assert.deepEqual(call.call.gather && hintsOf(call.call.gather), ["sales", "support"]);
});

test("speech and sounds are repeated as often as loop says", () => {
  const call = new TestCall({ "/voice": `<Say loop="3">a</Say><Play loop="2">/b.mp3</Play>` });
  call.listen();
  assert.deepEqual(call.heard, ["a", "a", "a", "play /b.mp3", "play /b.mp3"]);
  assert.deepEqual(call.logged("said"), ["a"]);
  const skipped = new TestCall({ "/voice": `<Say loop="3">a</Say><Say>b</Say>` });
  skipped.do({ kind: "done", step: skipped.call.step, isSkipped: true });
  assert.deepEqual(skipped.heard, ["a", "b"]);
});

test("with loop 0, the sound is repeated until the caller hangs up", () => {
  const call = new TestCall({ "/voice": `<Play loop="0">/a.mp3</Play><Say>Never</Say>` });
  for (let count = 0; count < 9; count += 1) call.pass();
  call.do({ kind: "done", step: call.call.step, isSkipped: true });
  assert.equal(new Set(call.heard).size, 1);
  assert.equal(call.heard.length, 11);
  const [entry] = call.call.log.filter(({ kind }) => kind === "played");
  assert.equal(entry !== undefined && "detail" in entry && entry.detail, "repeated until the caller hangs up");
  call.do({ kind: "hang-up" });
  assert.equal(call.phase, "over");
});

test("a key ends an endless prompt", () => {
  const call = new TestCall({
    "/voice": `<Gather numDigits="1" action="/menu"><Say loop="0">a</Say></Gather>`,
    "/menu": "<Say>b</Say>",
  });
  call.pass().keys("1");
  assert.deepEqual(call.heard, ["a", "a", "b"]);
});

test("a recording is reported to its status callback and its transcription callback", () => {
  const events = `recordingStatusCallbackEvent="in-progress completed absent"`;
  const pages = {
    "/voice": `<Record action="/done" recordingStatusCallback="/recording" ${events} transcribeCallback="/text"/>`,
    "/done": "",
    "/recording": "",
    "/text": "",
  };
  const call = new TestCall(pages);
  call.at += 3000;
  call.do({ kind: "recorded", isEmpty: false, text: "Call me back" });
  assert.deepEqual(
    call.asked.map(({ path, fields }) => [path, fields["RecordingStatus"] ?? fields["TranscriptionText"]]),
    [
      ["/voice", undefined],
      ["/recording", "in-progress"],
      ["/recording", "completed"],
      ["/text", "Call me back"],
      ["/done", undefined],
    ],
  );
  const sids = new Set(call.asked.slice(1).map(({ fields }) => fields["RecordingSid"]));
  assert.equal(sids.size, 1);
  const silent = new TestCall(pages).do({ kind: "recorded", isEmpty: true });
  assert.equal(silent.last?.fields["RecordingStatus"], "absent");
});

test("a status callback can be requested for every status of the call", () => {
  const call = new TestCall(
    { "/voice": "<Say>Hi</Say>", "/status": "<Hangup/>" },
    { statusCallback: "/status", hasAllStatuses: true },
  );
  call.listen();
  assert.deepEqual(
    call.asked
      .filter(({ path }) => path === "/status")
      .map(({ fields }) => `${fields["SequenceNumber"]} ${fields["CallStatus"]}`),
    ["0 initiated", "1 ringing", "2 in-progress", "3 completed"],
  );
  assert.deepEqual(call.heard, ["Hi"]);
});

test("a verb that is not simulated says what Twilio would do", () => {
  const call = new TestCall({
    "/voice": `<Start><Siprec name="a" statusCallback="/s"/><Stream url="wss://a"/></Start><Connect action="/next"><ConversationRelay url="wss://b"/></Connect>`,
  });
  const [start, connect] = call.logged("note");
  assert.match(start ?? "", /copy of the audio to a SIPREC recorder and .*WebSocket.*Nothing is sent to \/s/);
  assert.match(connect ?? "", /words as text to the WebSocket.*\(wss:\/\/b\).*continues with \/next/);
});
