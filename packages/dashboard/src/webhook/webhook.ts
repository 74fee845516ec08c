/**
 * The webhooks that Twilio would send, as form fields. They are the same events that authors use in tests.
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
  /** Names in lower case. Without a signature: the event's own one was made without a key. */
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
 * @param givenPairs replace the fields of the webhook. If a name is given twice, both values are sent.
 * @param accountSid the project's own, if it has one.
 */
export function webhookOf(name: WebhookName, givenPairs: readonly Pair[], accountSid: string | undefined): Webhook {
  // Not an object literal, because a name may be `__proto__`.
  const overrides = Object.fromEntries(givenPairs);
  const { request, ...event } = makers[name](overrides) as { request: { headers: Record<string, string> } };
  const makes = Object.entries(event as Record<string, string>).filter(([each]) => !Object.hasOwn(overrides, each));
  const parameters = makes.map(([each, value]): Pair => {
    return [each, each === "AccountSid" && accountSid ? accountSid : value];
  });
  const headers = Object.entries(request.headers).filter(([header]) => header !== "x-twilio-signature");
  return { parameters: [...parameters, ...givenPairs], headers };
}
