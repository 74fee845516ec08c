/**
 * What Twilio sends: the parameters of its webhooks, by the names that Twilio gives them, and `request`.
 *
 * The package with which authors test their functions makes such events, and does not know this one. A test
 * (`test/functions-have-types.test.ts`) holds the names of the two to each other.
 */

/** What is known of the request besides its parameters. Names of headers are in lower case. */
export interface EventRequest {
  /** A header that was sent more than once is an array. */
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly cookies: { readonly [name: string]: string | undefined };
}

/** What Twilio always sends, and what it sends sometimes. All are strings: they come as a form. */
export type TwilioEvent<Always extends string, Sometimes extends string = never> = Record<Always, string> &
  Partial<Record<Sometimes, string>> & { readonly request: EventRequest };

type PlaceOf<Party extends string> = `${Party}${"City" | "State" | "Zip" | "Country"}`;

/** Somebody has sent a message: SMS, MMS or WhatsApp. */
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
  | `MediaUrl${number}`
  | `MediaContentType${number}`
  | "MessagingServiceSid"
  // WhatsApp's
  | "ButtonPayload"
  | "ButtonText"
  | "Latitude"
  | "Longitude"
  | "MessageType"
  | "ProfileName"
  | "ReferralNumMedia"
  | "WaId"
>;

/** A message that the account sent has got on: `queued`, `sending`, `sent`, `delivered`, `read`, `failed`, `undelivered`. */
export type MessageStatus = TwilioEvent<
  "AccountSid" | "ApiVersion" | "From" | "MessageSid" | "MessageStatus" | "SmsSid" | "SmsStatus" | "To",
  "ChannelPrefix" | "ErrorCode" | "MessagingServiceSid" | "RawDlrDoneDate"
>;

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

/** Somebody calls a number of the account. */
export type IncomingCall = TwilioEvent<
  CallField,
  "CallToken" | "CallerName" | "ForwardedFrom" | "ParentCallSid" | "StirVerstat"
>;

/** The caller has answered a `<Gather>`: by keys (`Digits`) or by voice (`SpeechResult`). */
export type GatherResult = TwilioEvent<CallField, "Confidence" | "Digits" | "FinishedOnKey" | "SpeechResult" | "msg">;

/** A call that the account has made has got on. `CallDuration` is in seconds, `Duration` in minutes. */
export type CallStatus = TwilioEvent<
  CallField | "CallbackSource" | "SequenceNumber" | "Timestamp",
  "AnsweredBy" | "CallDuration" | "Duration" | "RecordingSid" | "RecordingUrl" | "SipResponseCode"
>;

/** The Run Function widget of a flow has called, with the parameters set there. */
export type StudioRequest<Parameters = {}> = Omit<Parameters, "request"> & { readonly request: EventRequest };

/** A Flex plugin has called, with its user's `Token`. */
export type FlexRequest<Parameters = {}> = StudioRequest<Parameters> & { Token: string };
