import assert from "node:assert/strict";
import { test } from "node:test";
import {
  callStatus,
  fakeSid,
  flexRequest,
  gatherResult,
  incomingCall,
  incomingMessage,
  messageStatus,
  studioRequest,
  useFakeClock,
} from "@offhook/helpers/testing";

const builders = { incomingMessage, messageStatus, incomingCall, gatherResult, callStatus, studioRequest, flexRequest };

function parametersOf(event: object): [string, unknown][] {
  return Object.entries(event).filter(([name]) => name !== "request");
}

for (const [name, build] of Object.entries(builders)) {
  test(`${name}: has only strings, and its own headers and cookies`, () => {
    const event = build({ Extra: "x", request: { headers: { "x-mine": "1" }, cookies: { a: "b" } } });
    for (const [parameter, value] of parametersOf(event)) assert.equal(typeof value, "string", parameter);
    assert.equal(Object.fromEntries(parametersOf(event))["Extra"], "x");
    assert.equal(event.request.headers["x-mine"], "1");
    assert.match(event.request.headers["content-type"] ?? "", /^application\/x-www-form-urlencoded/);
    assert.deepEqual(event.request.cookies, { a: "b" });
    event.request.headers["changed"] = "1";
    assert.equal(build().request.headers["changed"], undefined);
  });

  test(`${name}: a value that is not a string is refused by name`, () => {
    assert.throws(() => build({ Count: 3 as never }), /Count is a number/);
  });

  test(`${name}: undefined removes a parameter`, () => {
    const [parameter] = parametersOf(build({ Extra: "x" }))[0] ?? [];
    assert.equal((parameter ?? "") in build({ Extra: "x", [parameter ?? ""]: undefined }), false);
  });
}

test("SIDs have the right form, differ, and can be fixed", () => {
  for (const [prefix, sid] of [
    ["AC", incomingMessage().AccountSid],
    ["SM", incomingMessage().MessageSid],
    ["SM", messageStatus().MessageSid],
    ["CA", incomingCall().CallSid],
    ["CA", gatherResult().CallSid],
    ["CA", callStatus().CallSid],
    ["WK", fakeSid("WK")],
  ] as const) {
    assert.match(sid, new RegExp(`^${prefix}[0-9a-f]{32}$`));
  }
  assert.notEqual(incomingMessage().MessageSid, incomingMessage().MessageSid);
  assert.notEqual(incomingCall().CallSid, incomingCall().CallSid);
  assert.equal(incomingCall({ CallSid: "CA1" }).CallSid, "CA1");
  const { MessageSid, SmsSid, SmsMessageSid } = incomingMessage({ MessageSid: "SM1" });
  assert.deepEqual([MessageSid, SmsSid, SmsMessageSid], ["SM1", "SM1", "SM1"]);
});

test("Twilio's webhooks are signed, and a plugin's requests are not", () => {
  for (const build of [incomingMessage, messageStatus, incomingCall, gatherResult, callStatus, studioRequest]) {
    assert.equal(Buffer.from(build().request.headers["x-twilio-signature"] ?? "", "base64").length, 20);
  }
  assert.equal("x-twilio-signature" in flexRequest().request.headers, false);
});

test("a message: text, pictures, WhatsApp", () => {
  const sms = incomingMessage({ Body: "Hi" });
  assert.deepEqual([sms.Body, sms.NumMedia, sms.NumSegments, sms.SmsStatus], ["Hi", "0", "1", "received"]);
  assert.deepEqual([sms.FromCountry, sms.ToState, sms.WaId], ["US", "DC", undefined]);
  const mms = incomingMessage({
    MediaUrl0: "https://example.com/a",
    MediaUrl1: "https://example.com/b",
    MediaContentType1: "video/mp4",
  });
  assert.match(mms.MessageSid, /^MM/);
  assert.deepEqual([mms.NumMedia, mms.MediaContentType0, mms.MediaContentType1], ["2", "image/jpeg", "video/mp4"]);
  const whatsApp = incomingMessage({ From: "whatsapp:+12025550150" });
  assert.deepEqual([whatsApp.WaId, whatsApp.MessageType, whatsApp.FromCity], ["12025550150", "text", undefined]);
  assert.match(whatsApp.To, /^whatsapp:\+/);
  const picture = { From: "whatsapp:+12025550150", MediaUrl0: "https://example.com/a" };
  assert.equal(incomingMessage(picture).MessageType, "image");
  assert.equal(incomingMessage({ ...picture, MediaContentType0: "application/pdf" }).MessageType, "document");
});

test("message status: an error code for a failure, the carrier's date for a receipt", () => {
  const clock = useFakeClock({ now: Date.UTC(2026, 6, 17, 12, 6) });
  try {
    const delivered = messageStatus();
    assert.deepEqual([delivered.MessageStatus, delivered.SmsStatus], ["delivered", "delivered"]);
    assert.deepEqual([delivered.RawDlrDoneDate, delivered.ErrorCode], ["2607171206", undefined]);
    assert.equal(messageStatus({ MessageStatus: "undelivered" }).ErrorCode, "30003");
    const failed = messageStatus({ MessageStatus: "failed", ErrorCode: "30007" });
    assert.deepEqual([failed.ErrorCode, failed.RawDlrDoneDate], ["30007", undefined]);
    assert.equal(messageStatus({ From: "whatsapp:+12025550150" }).RawDlrDoneDate, undefined);
    const read = messageStatus({ MessageStatus: "read", From: "whatsapp:+12025550150" });
    assert.deepEqual([read.ChannelPrefix, read.To.startsWith("whatsapp:")], ["whatsapp", true]);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("a call: caller and called number each have two parameters", () => {
  const call = incomingCall({ From: "+12025550150" });
  assert.deepEqual([call.From, call.Caller, call.Called], ["+12025550150", "+12025550150", call.To]);
  assert.deepEqual([call.Direction, call.CallStatus, call.ApiVersion], ["inbound", "ringing", "2010-04-01"]);
  assert.deepEqual([call.FromZip, call.CalledCountry, call.CallerCity], ["20001", "US", "WASHINGTON"]);
});

test("an answer to Gather: keys, or speech", () => {
  const keys = gatherResult({ Digits: "42", FinishedOnKey: "#" });
  assert.deepEqual([keys.Digits, keys.FinishedOnKey, keys.SpeechResult], ["42", "#", undefined]);
  assert.equal(keys.CallStatus, "in-progress");
  const speech = gatherResult({ SpeechResult: "sales" });
  assert.deepEqual([speech.SpeechResult, speech.Confidence, speech.Digits], ["sales", "0.9", undefined]);
});

test("call status: durations when it is over, and the date in Twilio's format", () => {
  const clock = useFakeClock({ now: Date.UTC(2025, 9, 8, 13, 54, 12) });
  try {
    const completed = callStatus();
    assert.deepEqual([completed.CallStatus, completed.CallDuration, completed.Duration], ["completed", "42", "1"]);
    assert.deepEqual([completed.SequenceNumber, completed.Direction], ["3", "outbound-api"]);
    assert.equal(completed.Timestamp, "Wed, 08 Oct 2025 13:54:12 +0000");
    const ringing = callStatus({ CallStatus: "ringing" });
    assert.deepEqual([ringing.SequenceNumber, ringing.CallDuration], ["1", undefined]);
    assert.deepEqual(callStatus({ CallStatus: "busy" }).CallDuration, "0");
  } finally {
    clock[Symbol.dispose]();
  }
});

test("requests of Studio and Flex have the author's parameters, and Flex's a token", () => {
  const studio = studioRequest({ orderNumber: "7" });
  assert.equal(studio.orderNumber, "7");
  assert.deepEqual(Object.keys(studio).toSorted(), ["orderNumber", "request"]);
  const flex = flexRequest({ taskSid: "WT1" });
  assert.deepEqual([flex.taskSid, typeof flex.Token], ["WT1", "string"]);
  assert.equal(flexRequest({ Token: "mine" }).Token, "mine");
  assert.equal("Token" in flexRequest({ Token: undefined }), false);
});
