import assert from "node:assert/strict";
import { test } from "node:test";
import { idleCall } from "../src/call/call-state.ts";
import { step } from "../src/call/call.ts";
import { TestCall } from "./test-call.ts";

test("a call runs all verbs, and then Twilio hangs up", () => {
  const call = new TestCall({
    "/voice": "<Say>One</Say><Pause length='3'/><Play>/a.mp3</Play><Play>https://b.example/c.mp3</Play>",
  });
  assert.equal(call.phase, "playing");
  assert.deepEqual(call.asked[0]?.fields, {
    AccountSid: "AC1",
    CallSid: "CA1",
    CallStatus: "ringing",
    From: "+1",
    Caller: "+1",
    To: "+2",
    Called: "+2",
  });
  call.pass();
  assert.deepEqual(call.pending, { kind: "wait", step: call.call.step, ms: 3000 });
  call.listen();
  assert.deepEqual(call.heard, ["One", "play /a.mp3", "play elsewhere"]);
  assert.equal(call.phase, "over");
  assert.deepEqual(call.logged("ended"), ["Twilio hangs up: the document has no more verbs"]);
});

test("keys stop the prompts and go to the action once there are enough digits", () => {
  const call = new TestCall({
    "/voice": `<Gather numDigits="2" action="menu?a=b"><Say>Press two</Say><Say>keys</Say></Gather><Say>No</Say>`,
    "/menu": ({ Digits }) => `<Say>You chose ${Digits}</Say>`,
  });
  assert.equal(call.phase, "prompting");
  call.keys("4");
  assert.equal(call.phase, "listening");
  assert.equal(call.pending?.ms, 5000);
  call.keys("2");
  assert.equal(call.last?.fields["Digits"], "42");
  assert.equal(call.last?.fields["CallStatus"], "in-progress");
  assert.equal(call.last?.fields["a"], "b");
  call.listen();
  assert.deepEqual(call.heard, ["Press two", "You chose 42"]);
});

test("the finish key is not part of the digits, and does nothing without digits", () => {
  const call = new TestCall({ "/voice": `<Gather action="/menu"/>`, "/menu": "" });
  call.keys("#");
  assert.equal(call.phase, "listening");
  call.keys("12#");
  assert.equal(call.last?.fields["Digits"], "12");
  assert.equal(call.last?.fields["FinishedOnKey"], "#");
  const other = new TestCall({ "/voice": `<Gather action="/menu" finishOnKey="" timeout="2"/>`, "/menu": "" });
  other.keys("1#");
  assert.equal(other.pending?.ms, 2000);
  other.pass();
  assert.equal(other.last?.fields["Digits"], "1#");
});

test("without keys the call continues with the next verb, or with the action if actionOnEmptyResult is true", () => {
  const call = new TestCall({ "/voice": `<Gather timeout="3" action="/menu"><Say>Press</Say></Gather><Say>Bye</Say>` });
  call.listen();
  assert.equal(call.phase, "listening");
  assert.equal(call.pending?.ms, 3000);
  call.pass().listen();
  assert.deepEqual(call.heard, ["Press", "Bye"]);
  assert.equal(call.asked.length, 1);
  const eager = new TestCall({ "/voice": `<Gather actionOnEmptyResult="true" action="/menu"/>`, "/menu": "<Hangup/>" });
  eager.pass();
  assert.equal(eager.last?.fields["Digits"], "");
  assert.deepEqual(eager.logged("ended"), ["The function hangs up"]);
});

test("speech goes to the action if the Gather accepts speech", () => {
  const call = new TestCall({
    "/voice": `<Gather input="speech dtmf" action="/menu"><Say>Speak</Say></Gather>`,
    "/menu": "",
  });
  call.do({ kind: "speaking" });
  assert.equal(call.phase, "listening");
  call.do({ kind: "speech", text: "  " }).do({ kind: "speech", text: " sales " });
  assert.equal(call.last?.fields["SpeechResult"], "sales");
  assert.equal(call.last?.fields["Confidence"], "0.9");
  const keysOnly = new TestCall({ "/voice": `<Gather action="/menu"/>` });
  keysOnly.do({ kind: "speech", text: "sales" });
  assert.equal(keysOnly.asked.length, 1);
  const speechOnly = new TestCall({ "/voice": `<Gather input="speech" action="/menu"/>` });
  speechOnly.keys("1");
  assert.equal(speechOnly.phase, "listening");
  assert.match(speechOnly.logged("note").join(), /only speech/);
});

test("with bargeIn false, keys count but do not stop the prompts", () => {
  const call = new TestCall({
    "/voice": `<Gather bargeIn="false" action="/menu"><Say>a</Say><Say>b</Say></Gather>`,
    "/menu": "",
  });
  call.keys("7");
  assert.equal(call.phase, "prompting");
  call.listen();
  assert.deepEqual(call.heard, ["a", "b"]);
  call.pass();
  assert.equal(call.last?.fields["Digits"], "7");
});

test("without an action, the call requests the document's own URL with the given method", () => {
  const call = new TestCall({
    "/voice": "<Redirect method='get'>ivr/menu?x=1</Redirect>",
    "/ivr/menu": ({ Digits }) => (Digits === undefined ? `<Gather numDigits="1"/>` : `<Redirect>../end</Redirect>`),
    "/end": "<Hangup/>",
  });
  assert.equal(call.last?.method, "GET");
  assert.equal(call.last?.fields["CallSid"], "CA1");
  call.keys("5");
  assert.deepEqual(
    call.asked.map(({ method, path }) => `${method} ${path}`),
    ["POST /voice", "GET /ivr/menu", "POST /ivr/menu", "POST /end"],
  );
  assert.equal(call.asked[2]?.fields["x"], "1");
  assert.equal(call.phase, "over");
});

test("a key, the maximum length, the caller or silence ends a recording", () => {
  const pages = {
    "/voice": `<Record action="/done" maxLength="30" finishOnKey="#"/><Say>Nothing heard</Say>`,
    "/done": "",
  };
  const byKey = new TestCall(pages);
  assert.equal(byKey.phase, "recording");
  byKey.at += 4000;
  byKey.keys("1").keys("#");
  assert.deepEqual(
    [byKey.last?.path, byKey.last?.fields["RecordingDuration"], byKey.last?.fields["Digits"]],
    ["/done", "4", "#"],
  );
  assert.match(byKey.last?.fields["RecordingUrl"] ?? "", /^https:\/\/api\.twilio\.com\/.*\/AC1\/Recordings\/RE\d$/);
  const byLength = new TestCall(pages).pass();
  assert.equal(byLength.last?.fields["RecordingDuration"], "30");
  const byCaller = new TestCall(pages).do({ kind: "recorded", isEmpty: false });
  assert.equal(byCaller.last?.fields["Digits"], "");
  const silent = new TestCall(pages).do({ kind: "recorded", isEmpty: true }).listen();
  assert.deepEqual([silent.asked.length, silent.heard], [1, ["Nothing heard"]]);
  const hungUp = new TestCall(pages).do({ kind: "hang-up" });
  assert.deepEqual([hungUp.last?.fields["Digits"], hungUp.last?.fields["CallStatus"]], ["hangup", "completed"]);
  assert.equal(hungUp.phase, "over");
  assert.deepEqual(hungUp.logged("ended"), ["The caller hangs up"]);
});

test("the outcome of a Dial goes to its action, or the document continues without one", () => {
  const pages = {
    "/voice": `<Dial action="/after" record="true"><Number>+3</Number></Dial><Say>Never</Say>`,
    "/after": "",
  };
  const answered = new TestCall(pages);
  assert.equal(answered.phase, "dialling");
  answered.do({ kind: "dialled", outcome: "answered", seconds: 12 });
  const { DialCallStatus, DialCallDuration, DialBridged, RecordingUrl } = answered.last?.fields ?? {};
  assert.deepEqual([DialCallStatus, DialCallDuration, DialBridged], ["completed", "12", "true"]);
  assert.ok(RecordingUrl?.startsWith("https://api.twilio.com/"));
  const busy = new TestCall(pages).do({ kind: "dialled", outcome: "busy", seconds: 0 });
  assert.deepEqual([busy.last?.fields["DialCallStatus"], busy.last?.fields["DialCallDuration"]], ["busy", undefined]);
  assert.deepEqual(busy.heard, []);
  const plain = new TestCall({ "/voice": "<Dial>+3</Dial><Say>Bye</Say>" });
  plain.do({ kind: "dialled", outcome: "no-answer", seconds: 0 }).listen();
  assert.deepEqual([plain.asked.length, plain.heard], [1, ["Bye"]]);
  const room = new TestCall({ "/voice": `<Dial action="/after"><Conference>r</Conference></Dial>`, "/after": "" });
  room.do({ kind: "dialled", outcome: "answered", seconds: 1 });
  assert.equal(room.last?.fields["DialCallStatus"], "answered");
});

test("a rejected call was never answered", () => {
  const call = new TestCall({ "/voice": `<Reject reason="busy"/>`, "/status": "" }, { statusCallback: "/status" });
  assert.equal(call.call.answeredAt, undefined);
  assert.deepEqual(
    [call.last?.path, call.last?.fields["CallStatus"], call.last?.fields["CallDuration"]],
    ["/status", "busy", "0"],
  );
});

test("the status callback has the length of the call", () => {
  const call = new TestCall({ "/voice": "<Gather timeout='60'/>", "/status": "" }, { statusCallback: "/status" });
  call.at += 61_000;
  call.do({ kind: "hang-up" });
  const { CallStatus, CallDuration, Duration } = call.last?.fields ?? {};
  assert.deepEqual([CallStatus, CallDuration, Duration], ["completed", "61", "2"]);
  assert.equal(
    call.call.log.find((entry) => entry.kind === "webhook" && entry.target === "/status" && entry.status === 200) !==
      undefined,
    true,
  );
});

test("a verb that the phone cannot run says so, and the user can continue", () => {
  for (const inside of [
    "<Enqueue>support</Enqueue>",
    "<Connect><Stream url='wss://a'/></Connect>",
    "<Leave/>",
    "<Refer><Sip>sip:a</Sip></Refer>",
  ]) {
    const call = new TestCall({ "/voice": `${inside}<Say>On</Say>` });
    assert.equal(call.phase, "stuck", inside);
    call.do({ kind: "go-on" }).listen();
    assert.deepEqual(call.heard, ["On"], inside);
  }
  const queue = new TestCall({ "/voice": "<Enqueue action='/left'>q</Enqueue>", "/left": "" });
  queue.do({ kind: "go-on" });
  assert.deepEqual([queue.last?.path, queue.last?.fields["QueueResult"]], ["/left", "leave"]);
  const passing = new TestCall({
    "/voice": "<Start><Stream url='wss://a'/></Start><Sms>Hi</Sms><say>x</say><Nope/><Say>On</Say>",
  });
  assert.deepEqual(passing.heard, ["On"]);
  assert.equal(passing.logged("fault").filter((each) => each.startsWith("12200")).length, 2);
});

test("a reply that Twilio rejects ends the call with Twilio's error code", () => {
  const codes = (page: Parameters<typeof endOf>[0]): string => endOf(page).logged("fault").join().slice(0, 5);
  assert.equal(codes({ status: 500, body: "oops" }), "11200");
  assert.equal(codes({ status: 404 }), "11200");
  assert.equal(codes({ type: "application/json", body: "{}" }), "12300");
  assert.equal(codes({ type: "", body: "x" }), "12300");
  assert.equal(codes({ type: "text/html", body: "<!doctype html><p>Hi" }), "12300");
  assert.equal(codes({ body: "<Response><Say>a & b</Say></Response>" }), "12100");
  assert.equal(codes({ body: "<response/>" }), "12100");
  assert.equal(codes({ body: `<Response><!--${"a".repeat(70_000)}--></Response>` }), "11750");
  assert.equal(codes("<Redirect>javascript:alert(1)</Redirect>"), "11100");
  assert.equal(codes({ status: 302, location: "/voice" }), "11215");
});

function endOf(page: string | { status?: number; type?: string; body?: string; location?: string }): TestCall {
  const call = new TestCall({ "/voice": page });
  assert.equal(call.phase, "over");
  return call;
}

test("other kinds of replies are handled as Twilio handles them", () => {
  const text = new TestCall({ "/voice": { type: "text/plain;charset=utf-8", body: "Hello" } });
  text.listen();
  assert.deepEqual([text.heard, text.phase], [["Hello"], "over"]);
  const plain = new TestCall({ "/voice": { type: "text/plain", body: "<Response><Say>Hi</Say></Response>" } });
  assert.deepEqual(plain.heard, ["<Response><Say>Hi</Say></Response>"]);
  assert.match(plain.logged("fault").join(), /content type is text\/plain/);
  const audio = new TestCall({ "/voice": { type: "audio/mpeg", body: "xx" } });
  assert.deepEqual(audio.heard, ["play /voice"]);
  const html = new TestCall({ "/voice": { type: "text/html", body: "<Response><Say>Hi</Say></Response>" } });
  assert.deepEqual(html.heard, ["Hi"]);
  for (const empty of ["", { body: "" }, { body: "<Response/>" }, { status: 204 }]) {
    assert.equal(new TestCall({ "/voice": empty }).phase, "over");
  }
});

test("HTTP redirects are followed, and 307 and 308 keep method and fields", () => {
  const call = new TestCall({
    "/voice": "<Gather numDigits='1' action='/old'/>",
    "/old": { status: 307, location: "/new" },
    "/new": { status: 303, location: "/newest" },
    "/newest": "<Say>There</Say>",
  });
  call.keys("1");
  assert.deepEqual(
    call.asked.slice(1).map(({ method, path, fields }) => `${method} ${path} ${fields["Digits"]}`),
    ["POST /old 1", "POST /new 1", "GET /newest 1"],
  );
  assert.deepEqual(call.heard, ["There"]);
});

test("a loop of redirects stops and waits for the user", () => {
  const call = new TestCall({ "/voice": "<Redirect>/voice</Redirect>" });
  assert.equal(call.phase, "stuck");
  assert.equal(call.asked.length, 25);
  assert.match(call.call.obstacle?.text ?? "", /loop/);
  call.do({ kind: "go-on" });
  assert.equal(call.asked.length, 50);
  const waiting = new TestCall({ "/voice": "<Pause/><Redirect>/voice</Redirect>" });
  for (let count = 0; count < 24; count += 1) waiting.pass();
  assert.equal(waiting.phase, "playing");
  assert.equal(waiting.pass().phase, "stuck");
});

test("a URL of another site is shown, not requested", () => {
  const call = new TestCall({ "/voice": "<Redirect>https://elsewhere.example/x</Redirect>" });
  assert.equal(call.asked.length, 1);
  assert.match(call.logged("note").join(), /https:\/\/elsewhere\.example\/x.*not part of this project/);
  const setupFields = {
    "/voice": "<Redirect>https://tunnel.example/next</Redirect>",
    "/next": "<Redirect>https://localhost:3000/end</Redirect>",
    "/end": "",
  };
  const followed = new TestCall(setupFields, {
    site: { url: "http://localhost:3000", publicUrl: "https://tunnel.example" },
  });
  assert.deepEqual(
    followed.asked.map(({ path }) => path),
    ["/voice", "/next", "/end"],
  );
});

test("cookies last as long as the call", () => {
  const call = new TestCall({
    "/voice": { body: "<Response><Redirect>/ivr/a</Redirect></Response>", cookies: ["id=1; HttpOnly; Secure; Path=/"] },
    "/ivr/a": { body: "<Response><Redirect>/ivr/b</Redirect></Response>", cookies: ["in=2"] },
    "/ivr/b": { body: "<Response><Redirect>/c</Redirect></Response>", cookies: ["id=; Max-Age=0; Path=/"] },
    "/c": "",
  });
  assert.deepEqual(
    call.asked.map(({ cookie }) => cookie),
    [undefined, "id=1", "id=1; in=2", undefined],
  );
});

test("events of an earlier step change nothing", () => {
  const call = new TestCall({
    "/voice": "<Say>a</Say><Gather action='/menu' numDigits='1'/>",
    "/menu": "<Say>b</Say>",
  });
  const { step: old } = call.call;
  call.pass();
  call.do({ kind: "done", step: old });
  assert.equal(call.phase, "listening");
  call.do({ kind: "hang-up" }).do({ kind: "hang-up" }).keys("1").do({ kind: "go-on" });
  call.do({ kind: "speech", text: "x" }).do({ kind: "recorded", isEmpty: false });
  assert.equal(call.asked.length, 1);
  assert.equal(call.logged("ended").length, 1);
  const { call: idle, effects } = step(idleCall, { kind: "hang-up" }, 0);
  assert.deepEqual([idle, effects], [idleCall, []]);
});

test("a webhook that fails, or gets its reply after the call, is in the log", () => {
  const sids = (): string => "CA1";
  const setup = { target: "/voice", fields: {}, from: "+1", to: "+2", site: { url: "http://localhost:3000" } };
  const dialled = step(idleCall, { kind: "dial", sid: "CA1", setup }, 0, sids).call;
  const lost = step(dialled, { kind: "lost", request: 1, message: "offline" }, 1, sids).call;
  assert.equal(lost.phase, "over");
  const left = step(dialled, { kind: "hang-up" }, 1, sids).call;
  assert.equal(left.status, "canceled");
  const sent = {
    id: "RQ9",
    status: 200,
    headers: [],
    body: { bytes: 0, text: "", encoding: "utf8", isCut: false },
    cookies: [],
  } as const;
  const late = step(left, { kind: "reply", request: 1, sent }, 9, sids).call;
  assert.equal(late.phase, "over");
  assert.ok(late.log.some((entry) => entry.kind === "webhook" && entry.exchange === "RQ9" && entry.tookMs === 9));
  const again = step(late, { kind: "dial", sid: "CA2", setup }, 10, sids);
  assert.equal(again.call.request, 2);
  assert.equal(step(again.call, { kind: "reply", request: 1, sent }, 11, sids).call.phase, "asking");
});

test("unusual TwiML does no harm", () => {
  const odd = [
    "<Gather numDigits='-1' timeout='abc' action='/m'><Gather/><Dial/>text</Gather>",
    "<Pause length='99999999999'/>",
    "<Record maxLength='NaN' finishOnKey=''/>",
    "<Say></Say><Play></Play><Play digits='1'/>",
    "<Dial/>",
    "<Redirect/>",
    "<Reject reason='x'/><Say>y</Say>",
    "<Play>javascript:alert(1)</Play>",
    "<Redirect>http://</Redirect>",
    "<Response/>",
    "<Start/>".repeat(5000),
  ];
  for (const inside of odd) {
    const call = new TestCall({ "/voice": inside, "/m": "" });
    for (const event of ["go-on", "hang-up"] as const) call.keys("1#*").do({ kind: event });
    assert.equal(call.phase, "over", inside);
    assert.ok(call.call.log.length <= 500);
  }
});

test("an unknown verb is skipped, even one named like a property of every object", () => {
  const call = new TestCall({ "/voice": "<Nope/><toString/><constructor/><Say>On</Say>" });
  assert.equal(call.phase, "playing");
  assert.deepEqual(call.logged("note"), ["<Nope> is ignored", "<toString> is ignored", "<constructor> is ignored"]);
});
