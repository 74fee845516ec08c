/**
 * The fields of webhooks for messages: an incoming message, and the delivery of an outgoing one
 * (twilio.com/docs/messaging/guides/webhook-request, …/track-outbound-message-status).
 */
import type { Fields } from "./webhook.ts";

export type Channel = "sms" | "whatsapp" | "rcs";

export interface Media {
  readonly url: string;
  /** Such as `image/png`. */
  readonly type: string;
}

export interface IncomingMessage {
  readonly sid: string;
  readonly body: string;
  readonly from: string;
  readonly to: string;
  readonly media: readonly Media[];
  /** Set if the message is a tap on a button. The body is the button's text. */
  readonly buttonPayload?: string;
}

/** Addresses of WhatsApp and RCS have a prefix, such as `whatsapp:+12025550123`. */
export function channelOf(address: string): Channel {
  const prefix = /^(whatsapp|rcs):/i.exec(address.trim())?.[1]?.toLowerCase();
  return prefix === "whatsapp" || prefix === "rcs" ? prefix : "sms";
}

/** @param usual the fields of a usual SMS. */
export function incomingFields(usual: Fields, message: IncomingMessage): Fields {
  const { sid, body, from, to, media } = message;
  const channel = channelOf(from);
  const mediaFields = media.flatMap(({ url, type }, index) => [
    [`MediaUrl${index}`, url],
    [`MediaContentType${index}`, type],
  ]);
  return {
    ...(channel === "sms" ? usual : withoutPlaces(usual)),
    From: from,
    To: to,
    Body: body,
    MessageSid: sid,
    SmsMessageSid: sid,
    SmsSid: sid,
    NumMedia: String(media.length),
    ...Object.fromEntries(mediaFields),
    ...(channel !== "sms" && channelFields(message, channel)),
  };
}

/** Only phone numbers have a city. */
function withoutPlaces(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([name]) => !/^(?:From|To)(?:City|State|Zip|Country)$/.test(name)),
  );
}

const profileName = "Offhook Phone";

function channelFields({ from, media, body, buttonPayload }: IncomingMessage, channel: "whatsapp" | "rcs"): Fields {
  const button = buttonPayload === undefined ? {} : { ButtonText: body, ButtonPayload: buttonPayload };
  if (channel === "rcs") return { ChannelMetadata: JSON.stringify({ type: "rcs" }), ...button };
  const id = from.replace(/^whatsapp:\+?/i, "");
  const context = { ProfileName: profileName, WaId: id };
  return {
    ChannelMetadata: JSON.stringify({ type: "whatsapp", data: { context } }),
    MessageType: buttonPayload === undefined ? messageType(media[0]) : "button",
    ProfileName: profileName,
    ReferralNumMedia: "0",
    WaId: id,
    ...button,
  };
}

function messageType(media: Media | undefined): string {
  if (media === undefined) return "text";
  return /^(image|audio|video)\//.exec(media.type)?.[1] ?? "document";
}

export type DeliveryOutcome = "delivered" | "undelivered" | "failed";

/** The statuses of an outgoing message, in order. Only WhatsApp and RCS report that a message was read. */
export function deliveryStatuses(outcome: DeliveryOutcome, channel: Channel): readonly string[] {
  if (outcome === "failed") return ["queued", "failed"];
  if (outcome === "undelivered") return ["queued", "sent", "undelivered"];
  return ["queued", "sent", "delivered", ...(channel === "sms" ? [] : ["read"])];
}

/** @param usual the fields of a usual status callback. @param from the sender of the message: the Twilio number. */
export function statusFields(
  usual: Fields,
  { sid, status, from, to, at }: { sid: string; status: string; from: string; to: string; at: number },
): Fields {
  const channel = channelOf(from);
  const { AccountSid = "", ApiVersion = "" } = usual;
  const hasFailed = status === "failed" || status === "undelivered";
  const hasReceipt = channel === "sms" && (status === "delivered" || status === "undelivered");
  return {
    AccountSid,
    ApiVersion,
    From: from,
    To: to,
    MessageSid: sid,
    MessageStatus: status,
    SmsSid: sid,
    SmsStatus: status,
    ...(channel !== "sms" && { ChannelPrefix: channel }),
    ...(hasFailed && { ErrorCode: "30003" }),
    // The date in the form YYMMDDhhmm.
    ...(hasReceipt && { RawDlrDoneDate: new Date(at).toISOString().replace(/\D/g, "").slice(2, 12) }),
  };
}
