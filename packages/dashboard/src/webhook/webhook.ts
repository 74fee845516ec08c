/**
 * What Twilio would send, as pairs of a form. The events are those that authors test their functions with.
 */
import {
  callStatus,
  flexRequest,
  gatherResult,
  incomingCall,
  incomingMessage,
  messageStatus,
  studioRequest,
} from "@offhook/helpers/testing";

import type { WebhookName } from "./webhook-names.ts";

export type Pair = readonly [name: string, value: string];

export interface Webhook {
  readonly parameters: readonly Pair[];
  /** In lower case. Without a signature: the event's own is made by no key. */
  readonly headers: readonly Pair[];
}

type MakeEvent = (overrides: Readonly<Record<string, string>>) => object;

const makers: Readonly<Record<WebhookName, MakeEvent>> = {
  sms: (overrides) => incomingMessage(overrides),
  voice: (overrides) => incomingCall(overrides),
  gather: (overrides) => gatherResult(overrides),
  status: (overrides) => messageStatus(overrides),
  "call-status": (overrides) => callStatus(overrides),
  studio: (overrides) => studioRequest(overrides),
  flex: (overrides) => flexRequest(overrides),
};

/**
 * @param givenPairs over what would be sent; of those that are given twice, both are sent.
 * @param accountSid the project's own, where it has one.
 */
export function webhookOf(name: WebhookName, givenPairs: readonly Pair[], accountSid: string | undefined): Webhook {
  // Not a literal: it may hold `__proto__`.
  const overrides = Object.fromEntries(givenPairs);
  const { request, ...event } = makers[name](overrides) as { request: { headers: Record<string, string> } };
  const makes = Object.entries(event as Record<string, string>).filter(([each]) => !Object.hasOwn(overrides, each));
  const parameters = makes.map(([each, value]): Pair => {
    return [each, each === "AccountSid" && accountSid ? accountSid : value];
  });
  const headers = Object.entries(request.headers).filter(([header]) => header !== "x-twilio-signature");
  return { parameters: [...parameters, ...givenPairs], headers };
}
