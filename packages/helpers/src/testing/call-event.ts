/**
 * Twilio's webhooks for calls and their status (twilio.com/docs/voice/twiml, …/twiml/gather,
 * …/api/call-resource).
 */
import { fakeAccountSid, fakeSid } from "./sid.ts";
import { customerNumber, eventOf, placesOf, stringOf, today, twilioNumber, webhookHeaders } from "./twilio-event.ts";
import type { EventOverrides, PlaceOf, TwilioEvent } from "./twilio-event.ts";

type CallField =
  | "AccountSid"
  | "ApiVersion"
  | "CallSid"
  | "CallStatus"
  | "Called"
  | "Caller"
  | "Direction"
  | "From"
  | "To"
  | PlaceOf<"From" | "To" | "Caller" | "Called">;

/** `Caller` and `Called` are older names for `From` and `To`. Twilio still sends them. */
function callFields(
  overrides: EventOverrides,
  { from, to, direction, status }: Record<"from" | "to" | "direction" | "status", string>,
): Record<CallField, string> {
  const caller = stringOf(overrides, "From") ?? from;
  const called = stringOf(overrides, "To") ?? to;
  return {
    AccountSid: fakeAccountSid,
    ApiVersion: "2010-04-01",
    CallSid: fakeSid("CA"),
    CallStatus: status,
    Called: called,
    Caller: caller,
    Direction: direction,
    From: caller,
    To: called,
    ...(placesOf("From", "To", "Caller", "Called") as Record<PlaceOf<"From" | "To" | "Caller" | "Called">, string>),
  };
}

export type IncomingCall = TwilioEvent<
  CallField,
  "CallToken" | "CallerName" | "ForwardedFrom" | "ParentCallSid" | "StirVerstat"
>;

/** A caller calls a number of the account, and the call is ringing. */
export function incomingCall(overrides: EventOverrides = {}): IncomingCall {
  const call = { from: customerNumber, to: twilioNumber, direction: "inbound", status: "ringing" };
  const sent = { ...callFields(overrides, call), StirVerstat: "TN-Validation-Passed-A" };
  return eventOf(webhookHeaders, sent, overrides);
}

export type GatherResult = TwilioEvent<CallField, "Confidence" | "Digits" | "FinishedOnKey" | "SpeechResult" | "msg">;

/**
 * The caller has answered a `<Gather>`: with keys (`Digits`, by default "1"), or by voice if there is a `SpeechResult`.
 */
export function gatherResult(overrides: EventOverrides = {}): GatherResult {
  const call = { from: customerNumber, to: twilioNumber, direction: "inbound", status: "in-progress" };
  const isSpeech = stringOf(overrides, "SpeechResult") !== undefined;
  const answer = isSpeech ? { Confidence: "0.9" } : { Digits: "1", FinishedOnKey: "", msg: "Gather End" };
  return eventOf(webhookHeaders, { ...callFields(overrides, call), ...answer }, overrides);
}

export type CallStatus = TwilioEvent<
  CallField | "CallbackSource" | "SequenceNumber" | "Timestamp",
  "AnsweredBy" | "CallDuration" | "Duration" | "RecordingSid" | "RecordingUrl" | "SipResponseCode"
>;

/** In the order in which Twilio sends them. */
const statuses = ["initiated", "ringing", "in-progress", "completed"];
const ends = new Set(["busy", "canceled", "failed", "no-answer"]);

/**
 * The status of an outgoing call has changed. `CallStatus` is `completed`, or `initiated`, `ringing`, `in-progress`,
 * `busy`, `no-answer`, `failed`, `canceled`. `CallDuration` is in seconds, `Duration` in minutes. Only a completed call
 * has them.
 */
export function callStatus(overrides: EventOverrides = {}): CallStatus {
  const status = stringOf(overrides, "CallStatus") ?? "completed";
  const call = { from: twilioNumber, to: customerNumber, direction: "outbound-api", status };
  const sent = {
    ...callFields(overrides, call),
    CallbackSource: "call-progress-events",
    SequenceNumber: String(ends.has(status) ? 2 : Math.max(0, statuses.indexOf(status))),
    // RFC 2822 writes +0000 instead of GMT.
    Timestamp: today().toUTCString().replace("GMT", "+0000"),
    ...(status === "completed" ? { CallDuration: "42", Duration: "1", SipResponseCode: "200" } : {}),
    ...(ends.has(status) ? { CallDuration: "0", Duration: "0" } : {}),
  };
  return eventOf(webhookHeaders, sent, overrides);
}
