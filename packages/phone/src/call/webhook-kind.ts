/**
 * Recognises Twilio's webhooks by their fields. Other clients may use some of the same names: a Studio flow can pass
 * `CallSid` to a function that returns JSON. So a webhook counts only if it has the fields that Twilio always sends.
 */
import type { Fields } from "./webhook.ts";

/** Twilio runs the TwiML of the reply for a call or a message. It ignores the body of the reply to a status callback. */
export type WebhookKind = "voice" | "messaging" | "call-status" | "message-status";

/** Only status callbacks about a call, or about a part of it, have these fields. */
const callbackFields: readonly string[] = [
  "CallbackSource",
  "For",
  "RecordingStatus",
  "SequenceNumber",
  "StableSpeechResult",
  "StatusCallbackEvent",
  "StreamEvent",
  "TranscriptionEvent",
  "TranscriptionStatus",
  "UnstableSpeechResult",
];

const runningStatuses: ReadonlySet<string> = new Set(["queued", "ringing", "in-progress"]);

/** @returns undefined if the request is not certainly one of these webhooks. */
export function webhookKind(fields: Fields): WebhookKind | undefined {
  if (!fieldOf(fields, "AccountSid").startsWith("AC") || fieldOf(fields, "EventType") !== "") return undefined;
  if (fieldOf(fields, "CallSid") !== "") return callKind(fields);
  const sid = fieldOf(fields, "MessageSid") || fieldOf(fields, "SmsSid");
  if (sid === "" || fieldOf(fields, "From") === "" || fieldOf(fields, "To") === "") return undefined;
  const status = fieldOf(fields, "MessageStatus") || fieldOf(fields, "SmsStatus");
  return status === "" || status === "received" ? "messaging" : "message-status";
}

function callKind(fields: Fields): WebhookKind | undefined {
  const status = fieldOf(fields, "CallStatus");
  if (status === "") return undefined;
  const isCallback = callbackFields.some((name) => fieldOf(fields, name) !== "");
  // When the call has ended, Twilio still requests actions, but it runs no more TwiML.
  return isCallback || !runningStatuses.has(status) ? "call-status" : "voice";
}

function fieldOf(fields: Fields, name: string): string {
  return Object.hasOwn(fields, name) ? (fields[name] ?? "") : "";
}
