/**
 * The content of a <Message>. Text directly inside it belongs to the body (twilio.com/docs/messaging/twiml/message).
 */
import { deepText, elementsOf, ownText } from "./element-text.ts";
import type { XmlElement } from "./xml-reader.ts";

export interface MessageVerb {
  readonly body: string;
  readonly media: readonly string[];
}

/** Twilio does not send longer bodies (twilio.com/docs/api/errors/14103). */
export const maxBodyLength = 1600;
/** Of one message (twilio.com/docs/api/errors/21623). */
export const maxMedia = 10;
/** Twilio sends at most this many replies to one message (twilio.com/docs/api/errors/14109). */
export const maxMessages = 10;

export function readMessage(element: XmlElement): MessageVerb {
  const inside = elementsOf(element);
  const bodies = inside.filter(({ name }) => name === "Body").map((body) => deepText(body).trim());
  return {
    body: [ownText(element), ...bodies].filter((text) => text !== "").join("\n"),
    media: inside.filter(({ name }) => name === "Media").map((media) => deepText(media).trim()),
  };
}
