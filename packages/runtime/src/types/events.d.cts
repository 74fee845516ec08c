/**
 * The parameters of Twilio's webhooks, under Twilio's names, and `request`.
 *
 * The package for tests of functions makes such events without using this package. A test
 * (`test/functions-have-types.test.ts`) checks that both use the same names.
 */

/** The headers and cookies of the request. Names of headers are in lower case. */
export interface EventRequest {
  /** If a header was sent more than once, its value is an array. */
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly cookies: { readonly [name: string]: string | undefined };
}

/**
 * Parameters that Twilio always sends, and those that it sends sometimes. All are strings, because they come as a form.
 */
export type TwilioEvent<Always extends string, Sometimes extends string = never> = Record<Always, string> &
  Partial<Record<Sometimes, string>> & { readonly request: EventRequest };

type PlaceOf<Party extends string> = `${Party}${"City" | "State" | "Zip" | "Country"}`;

/** An incoming message: SMS, MMS or WhatsApp. */
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
  // WhatsApp only.
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
 * A new status of a message that the account sent: `queued`, `sending`, `sent`, `delivered`, `read`, `failed`,
 * `undelivered`.
 */
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

/** An incoming call. */
export type IncomingCall = TwilioEvent<
  CallField,
  "CallToken" | "CallerName" | "ForwardedFrom" | "ParentCallSid" | "StirVerstat"
>;

/** The caller's answer to a `<Gather>`: by keys (`Digits`) or by voice (`SpeechResult`). */
export type GatherResult = TwilioEvent<CallField, "Confidence" | "Digits" | "FinishedOnKey" | "SpeechResult" | "msg">;

/** A new status of a call that the account made. `CallDuration` is in seconds, `Duration` in minutes. */
export type CallStatus = TwilioEvent<
  CallField | "CallbackSource" | "SequenceNumber" | "Timestamp",
  "AnsweredBy" | "CallDuration" | "Duration" | "RecordingSid" | "RecordingUrl" | "SipResponseCode"
>;

/** A call from the Run Function widget of a flow, with the parameters set there. */
export type StudioRequest<Parameters = {}> = Omit<Parameters, "request"> & { readonly request: EventRequest };

/** A call from a Flex plugin, with its user's `Token`. */
export type FlexRequest<Parameters = {}> = StudioRequest<Parameters> & { Token: string };
