/**
 * Twilio's webhooks for messages and their status (twilio.com/docs/messaging/guides/webhook-request,
 * …/track-outbound-message-status).
 */
import { fakeAccountSid, fakeSid } from "./sid.ts";
import { customerNumber, eventOf, placesOf, stringOf, today, twilioNumber, webhookHeaders } from "./twilio-event.ts";
import type { EventOverrides, PlaceOf, TwilioEvent } from "./twilio-event.ts";

type Media = `MediaUrl${number}` | `MediaContentType${number}`;

export type IncomingMessage = TwilioEvent<
  | "AccountSid"
  | "ApiVersion"
  | "Body"
  | "From"
  | "MessageSid"
  | "NumMedia"
  | "NumSegments"
  | "SmsMessageSid"
  | "SmsSid"
  | "SmsStatus"
  | "To",
  | PlaceOf<"From" | "To">
  | Media
  | "MessagingServiceSid"
  // Only with WhatsApp
  | "ButtonPayload"
  | "ButtonText"
  | "Latitude"
  | "Longitude"
  | "MessageType"
  | "ProfileName"
  | "ReferralNumMedia"
  | "WaId"
>;

/**
 * An incoming message: an SMS, an MMS if there is a `MediaUrl0`, or a WhatsApp message if `From` begins with
 * `whatsapp:`. Parameters that depend on an override change with it: `NumMedia`, the copies of the SID, `WaId`.
 */
export function incomingMessage(overrides: EventOverrides = {}): IncomingMessage {
  const from = stringOf(overrides, "From") ?? customerNumber;
  const isWhatsApp = from.startsWith("whatsapp:");
  const media = mediaOf(overrides);
  const sid = stringOf(overrides, "MessageSid") ?? fakeSid(media.count > 0 ? "MM" : "SM");
  const sent = {
    AccountSid: fakeAccountSid,
    ApiVersion: "2010-04-01",
    Body: media.count > 0 ? "" : "Hello",
    From: from,
    MessageSid: sid,
    NumMedia: String(media.count),
    NumSegments: "1",
    SmsMessageSid: sid,
    SmsSid: sid,
    SmsStatus: "received",
    To: isWhatsApp ? `whatsapp:${twilioNumber}` : twilioNumber,
    ...media.types,
  };
  const channel = isWhatsApp
    ? {
        MessageType: messageTypeOf(stringOf(overrides, "MediaContentType0") ?? media.types["MediaContentType0"]),
        ProfileName: "Fake Customer",
        ReferralNumMedia: "0",
        WaId: from.replace(/^whatsapp:\+?/, ""),
      }
    : placesOf("From", "To");
  return eventOf(webhookHeaders, { ...sent, ...channel }, overrides);
}

function mediaOf(overrides: EventOverrides): { count: number; types: Record<string, string> } {
  const numbers = Object.keys(overrides).flatMap((name) => /^MediaUrl(\d+)$/.exec(name)?.[1] ?? []);
  const types = numbers.map((number) => [`MediaContentType${number}`, "image/jpeg"]);
  return { count: numbers.length, types: Object.fromEntries(types) as Record<string, string> };
}

function messageTypeOf(contentType: string | undefined): string {
  if (contentType === undefined) return "text";
  return /^(image|audio|video)\//.exec(contentType)?.[1] ?? "document";
}

export type MessageStatus = TwilioEvent<
  "AccountSid" | "ApiVersion" | "From" | "MessageSid" | "MessageStatus" | "SmsSid" | "SmsStatus" | "To",
  "ChannelPrefix" | "ErrorCode" | "MessagingServiceSid" | "RawDlrDoneDate"
>;

/**
 * The status of an outgoing message has changed. `MessageStatus` is `delivered`, `queued`, `sending`, `sent`, `read`,
 * `failed` or `undelivered`. The last two have an `ErrorCode`. It is a WhatsApp message if `From` begins with
 * `whatsapp:`.
 */
export function messageStatus(overrides: EventOverrides = {}): MessageStatus {
  const status = stringOf(overrides, "MessageStatus") ?? "delivered";
  const from = stringOf(overrides, "From") ?? twilioNumber;
  const isWhatsApp = from.startsWith("whatsapp:");
  const sid = stringOf(overrides, "MessageSid") ?? fakeSid("SM");
  const hasFailed = status === "failed" || status === "undelivered";
  const hasReceipt = !isWhatsApp && (status === "delivered" || status === "undelivered");
  const sent = {
    AccountSid: fakeAccountSid,
    ApiVersion: "2010-04-01",
    ChannelPrefix: isWhatsApp ? "whatsapp" : undefined,
    ErrorCode: hasFailed ? "30003" : undefined,
    From: from,
    MessageSid: sid,
    MessageStatus: status,
    RawDlrDoneDate: hasReceipt ? receiptDate(today()) : undefined,
    SmsSid: sid,
    SmsStatus: status,
    To: isWhatsApp ? `whatsapp:${customerNumber}` : customerNumber,
  };
  return eventOf(webhookHeaders, sent, overrides);
}

/** The date in the form YYMMDDhhmm. */
function receiptDate(date: Date): string {
  return date.toISOString().replace(/\D/g, "").slice(2, 12);
}
