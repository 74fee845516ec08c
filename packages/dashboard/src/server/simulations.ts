/**
 * The webhooks that the page can send: those of Twilio, with all fields filled in.
 */
import type { Simulation } from "../api.ts";

import { webhookOf } from "../webhook/webhook.ts";
import type { WebhookName } from "../webhook/webhook-names.ts";

/** The fields that users usually change. There are many others. */
const kinds: readonly (readonly [kind: WebhookName, title: string, main: readonly string[]])[] = [
  ["sms", "Incoming message", ["Body", "From", "To", "NumMedia"]],
  ["voice", "Incoming call", ["From", "To", "CallStatus"]],
  ["gather", "Gather result", ["Digits", "SpeechResult", "From", "To"]],
  ["status", "Message status", ["MessageStatus", "MessageSid", "ErrorCode"]],
  ["call-status", "Call status", ["CallStatus", "CallDuration", "CallSid"]],
  ["studio", "Studio, Run Function widget", []],
  ["flex", "Flex plugin", ["Token"]],
];

/** @param accountSid the project's own, if it has one. */
export function simulationsFor(accountSid: string | undefined): Simulation[] {
  return kinds.map(([kind, title, main]) => {
    const made = webhookOf(kind, [], accountSid).parameters;
    const isMain = (name: string): boolean => main.includes(name);
    const inOrder = main.flatMap((name) => made.filter(([each]) => each === name));
    const others = made.filter(([name]) => !isMain(name));
    const fields = [...inOrder, ...others].map(([name, value]) => ({ name, value, isMain: isMain(name) }));
    return { kind, title, method: "POST", format: "form", fields };
  });
}
