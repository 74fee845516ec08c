import assert from "node:assert/strict";
import { test } from "node:test";
import { replyProblems, type JudgedReply } from "../src/call/reply-problems.ts";
import { isRejection, isWarning } from "../src/call/twilio-faults.ts";
import { webhookKind } from "../src/call/webhook-kind.ts";

const account = { AccountSid: `AC${"0".repeat(32)}`, ApiVersion: "2010-04-01" };
const numbers = { From: "+12025550123", To: "+12025550199" };
const call = { ...account, ...numbers, CallSid: `CA${"1".repeat(32)}`, CallStatus: "ringing" };
const sms = { ...account, ...numbers, MessageSid: `SM${"1".repeat(32)}`, SmsStatus: "received", Body: "Hi" };

interface Given {
  readonly status?: number;
  readonly type?: string | undefined;
  readonly method?: string;
  readonly target?: string;
  readonly location?: string;
}

function judged(
  fields: Readonly<Record<string, string>>,
  text: string,
  { status = 200, type = "text/xml", method = "POST", target = "/voice", location }: Given = {},
): JudgedReply {
  return {
    request: { method, target, host: "localhost:3000", fields },
    status,
    headers: [
      ...(type === undefined ? [] : [["Content-Type", type] as const]),
      ...(location === undefined ? [] : [["Location", location] as const]),
    ],
    body: { text, bytes: Buffer.byteLength(text), encoding: "utf8", isCut: false },
  };
}

function problems(fields: Readonly<Record<string, string>>, text: string, given?: Given): string[] {
  return replyProblems(judged(fields, text, given)).map(
    ({ level, number = "", text: what, line }) => `${level} ${number} ${what}${line === undefined ? "" : ` :${line}`}`,
  );
}

function inCall(inside: string, given?: Given): string[] {
  return problems(call, `<Response>${inside}</Response>`, given);
}

function inMessage(inside: string, given?: Given): string[] {
  return problems(sms, `<Response>${inside}</Response>`, { target: "/sms", ...given });
}

test("a document that Twilio cannot read is an error with number, line and next step", () => {
  assert.deepEqual(replyProblems(judged(call, "<Response>\n<Say>Salt & pepper</Say></Response>")), [
    {
      number: 12100,
      level: "error",
      text: "Write & as &amp;. Twilio ends the call",
      line: 2,
      next: "Build the reply with Twilio.twiml, which escapes text and closes elements.",
    },
  ]);
  assert.deepEqual(inMessage("<Message>Hi"), [
    "error 12100 Found </Response>, expected </Message> (line 1). Twilio sends no reply :1",
  ]);
  assert.deepEqual(problems(call, `\n<?xml version="1.0"?><Response/>`), [
    "error 12100 The XML declaration must be at the very start of the document. Twilio ends the call :2",
  ]);
});

test("names and values that Twilio ignores are warnings", () => {
  assert.deepEqual(inCall(`<Gather numDigit="1"/>`), [
    "warning 12200 <Gather> has no attribute numDigit. Did you mean numDigits? :1",
  ]);
  assert.deepEqual(inCall("<Message>Hi</Message>"), [
    "warning 12200 <Message> is for messages, but this is the reply to a call :1",
  ]);
  assert.deepEqual(inMessage("<Say>Hi</Say>"), [
    "warning 12200 <Say> is for calls, but this is the reply to a message :1",
  ]);
  assert.deepEqual(inCall(`<Gather timeout="soon" finishOnKey="x"/><Say/>`), [
    'warning 13313 Invalid value for timeout in <Gather>: "soon" (must be a whole number of seconds) :1',
    'warning 13310 Invalid value for finishOnKey in <Gather>: "x" (must be one of 0123456789#*) :1',
    "warning 13520 This <Say> has no text :1",
  ]);
});

test("verbs that Twilio never reaches are warnings", () => {
  assert.deepEqual(inCall("<Hangup/>\n<Say>Bye</Say>"), [
    "warning  <Say> is never reached, because <Hangup> in line 1 ends the document :2",
  ]);
  assert.deepEqual(inCall(`<Dial action="/after">+12025550100</Dial><Say>Bye</Say>`).length, 1);
  assert.deepEqual(inCall(`<Dial>+12025550100</Dial><Say>Bye</Say>`), []);
  assert.deepEqual(inMessage("<Redirect>/other</Redirect><Message>Hi</Message>"), [
    "warning  <Message> is never reached, because <Redirect> in line 1 ends the document :1",
  ]);
});

test("messages over Twilio's limits are warnings", () => {
  assert.deepEqual(inMessage(`<Message>${"a".repeat(1601)}</Message>`), [
    "warning 14103 This message has 1601 characters, but Twilio sends at most 1600 :1",
  ]);
  assert.deepEqual(inMessage(`<Message>${"a".repeat(1600)}</Message>`), []);
  assert.deepEqual(problems(sms, "a".repeat(1601), { type: "text/plain" }), [
    "warning 14103 This message has 1601 characters, but Twilio sends at most 1600",
  ]);
  const media = "<Media>https://example.com/a.png</Media>";
  assert.deepEqual(inMessage(`<Message>${media.repeat(11)}</Message>`), [
    "warning 21623 This message has 11 media, but Twilio sends at most 10 :1",
  ]);
  assert.deepEqual(inMessage("<Message>Hi</Message>".repeat(11)), [
    "warning 14109 Twilio sends at most 10 messages in reply to a message :1",
  ]);
});

test("replies of a type that is not TwiML are errors", () => {
  assert.deepEqual(problems(call, "{}", { type: "application/json" }), [
    "error 12300 The content type of the reply is application/json, but TwiML must be text/xml. Twilio ends the call",
  ]);
  assert.deepEqual(problems(sms, "<html>Hi</html>", { type: "text/html" }), [
    "error 12300 The content type of the reply is text/html, but TwiML must be text/xml. Twilio sends no reply",
  ]);
  assert.deepEqual(inCall("<Say>Hi</Say>", { type: "text/html" }), [
    "warning 12300 This TwiML has the content type text/html, but TwiML must be text/xml",
  ]);
  assert.deepEqual(inCall("<Say>Hi</Say>", { type: "text/plain; charset=utf8" }), [
    "error  This TwiML has the content type text/plain. Twilio reads the markup out to the caller",
  ]);
  assert.deepEqual(inMessage("<Message>Hi</Message>", { type: "text/plain" }), [
    "error  This TwiML has the content type text/plain. Twilio sends the markup as text",
  ]);
});

test("failed, empty and oversized replies to a call are reported", () => {
  assert.deepEqual(problems(call, "Oops", { status: 500, type: "text/plain" }), [
    "error 11200 The function replied with status 500. Twilio ends the call",
  ]);
  assert.deepEqual(problems(sms, "", { status: 404, type: undefined }), [
    "error 11200 The function replied with status 404. Twilio sends no reply",
  ]);
  assert.deepEqual(problems(call, "", { type: undefined }), ["warning  The reply is empty. Twilio ends the call"]);
  assert.match(inCall(`<Say>${"a".repeat(65_536)}</Say>`)[0] ?? "", /^error 11750 .* at most 64 kB\. Twilio ends/);
});

test("replies that lead back to themselves are reported", () => {
  assert.match(inMessage("<Redirect>/sms</Redirect>")[0] ?? "", /^warning {2}This <Redirect> leads back/);
  assert.match(inCall("<Redirect/>")[0] ?? "", /^warning {2}This <Redirect> leads back/);
  assert.match(inCall("<Redirect>http://localhost:3000/voice</Redirect>")[0] ?? "", /leads back/);
  const moved = { status: 307, type: undefined };
  assert.match(problems(call, "", { ...moved, location: "/voice" })[0] ?? "", /^error 11215 /);
  assert.deepEqual(problems(call, "", { ...moved, location: "/other" }), []);
  // A browser's redirect of a POST is a GET, which may get another reply.
  assert.deepEqual(problems(call, "", { status: 302, type: undefined, location: "/voice" }), []);
  assert.deepEqual(inCall("<Redirect>/voice?step=2</Redirect>"), []);
  assert.deepEqual(inCall("<Redirect>https://example.com/voice</Redirect>"), []);
});

test("common replies have no problems", () => {
  assert.deepEqual(inCall(""), []);
  assert.deepEqual(inMessage(""), []);
  assert.deepEqual(problems(sms, "", { type: undefined }), []);
  assert.deepEqual(problems(sms, "", { status: 204, type: undefined }), []);
  assert.deepEqual(problems({ ...call, CallStatus: "in-progress" }, "", { type: undefined }), []);
  assert.deepEqual(problems({ ...call, Direction: "outbound-dial" }, "", { type: undefined }), []);
  assert.deepEqual(problems(sms, "Hello", { type: "text/plain" }), []);
  assert.deepEqual(problems(call, "bytes", { type: "audio/mpeg" }), []);
  // A menu that repeats itself, and a Gather that returns to the same function.
  assert.deepEqual(inCall(`<Gather numDigits="1"><Say>Press</Say></Gather><Redirect>/voice</Redirect>`), []);
  assert.deepEqual(inCall(`<Gather timeout="0" finishOnKey=""/>`), []);
  assert.deepEqual(inCall(`<Gather input="speech" timeout="auto"/>`), []);
  assert.deepEqual(inCall("<Say><break time='1s'/></Say>"), []);
});

test("replies to status callbacks are judged by their status only", () => {
  const ended = { ...call, CallStatus: "completed", CallDuration: "3" };
  const progress = { ...call, CallbackSource: "call-progress-events", SequenceNumber: "0" };
  const delivered = { ...sms, MessageStatus: "delivered", SmsStatus: "delivered" };
  for (const fields of [ended, progress, delivered]) {
    assert.deepEqual(problems(fields, '{"ok":true}', { type: "application/json" }), []);
    assert.deepEqual(problems(fields, "", { type: undefined }), []);
    assert.deepEqual(problems(fields, "<Response><Nonsense/></Response>"), []);
  }
  assert.deepEqual(problems(progress, "Oops", { status: 500, type: "text/plain" }), [
    "warning 15003 The reply to this status callback has the status 500",
  ]);
  assert.deepEqual(problems(delivered, "Oops", { status: 500, type: "text/plain" }), [
    "warning 11200 The reply to this status callback has the status 500",
  ]);
});

test("replies to other clients are judged only if they are TwiML", () => {
  const json = { type: "application/json" };
  for (const fields of [
    {},
    { name: "Ada" },
    // Studio and Flex pass the fields that their author chose.
    { CallSid: "CA1", From: "+12025550123" },
    { AccountSid: account.AccountSid, CallSid: "CA1" },
    { ...account, MessageSid: "SM1" },
    // Conversations expect JSON.
    { ...sms, EventType: "onMessageAdded" },
    { ...account, WorkspaceSid: "WS1", TaskSid: "WT1", ReservationSid: "WR1" },
  ]) {
    const name = JSON.stringify(fields);
    assert.equal(webhookKind(fields), undefined, name);
    assert.deepEqual(problems(fields, "{}", json), [], name);
    assert.deepEqual(problems(fields, "", { type: undefined }), [], name);
    assert.deepEqual(problems(fields, "Oops", { status: 500, type: "text/plain" }), [], name);
    assert.deepEqual(problems(fields, "<html><body>&nbsp;</body></html>", { type: "text/html" }), [], name);
    assert.deepEqual(problems(fields, "<Response><Status>ok</Status></Response>"), [], name);
    assert.deepEqual(problems(fields, "<feed><a></feed>"), [], name);
    assert.deepEqual(problems(fields, "<Response><Say>Salt & pepper</Say></Response>"), [
      "error 12100 Write & as &amp;. Twilio ends the call :1",
    ]);
    assert.deepEqual(problems(fields, "<Response><Message><body>Hi</body></Message></Response>").length, 2, name);
  }
});

test("secrets are hidden before a quoted text is shortened", () => {
  const secret = "s3cr3t-".repeat(8);
  const found = replyProblems(judged(call, `<Response>Key ${secret}<Gather timeout="${secret}"/></Response>`), (text) =>
    text.replaceAll(secret, "•••"),
  );
  assert.deepEqual(
    found.map(({ text }) => text),
    [
      '<Response> cannot contain text: "Key •••"',
      'Invalid value for timeout in <Gather>: "•••" (must be a whole number of seconds)',
    ],
  );
});

test("fields named like members of an object are no fields of a webhook", () => {
  assert.equal(webhookKind(JSON.parse('{"__proto__":{"CallSid":"CA1"}}') as Record<string, string>), undefined);
  assert.equal(webhookKind({ ...call, constructor: "x" }), "voice");
});

test("numbers are rejections or warnings, and the phone shows both", () => {
  for (const code of [11200, 11215, 11750, 12100, 12300])
    assert.deepEqual([isRejection(code), isWarning(code)], [true, false]);
  for (const code of [12200, 13310, 14103]) assert.deepEqual([isRejection(code), isWarning(code)], [false, true]);
  assert.deepEqual([isRejection(undefined), isWarning(undefined)], [false, false]);
});
