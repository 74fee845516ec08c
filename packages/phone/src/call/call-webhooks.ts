/**
 * Sends the webhooks of a call: the next one, and the status callback when the call is over.
 */
import type { XmlElement } from "../twiml/xml-reader.ts";
import type { CallDraft, NextWebhook } from "./call-state.ts";
import { resolveAddress } from "./web-address.ts";
import { webhookRequest, type Fields } from "./webhook.ts";

/** Twilio documents no limit. Here, the call stops until the user continues it. */
const maxUnattendedWebhooks = 25;

/**
 * The webhook in `action` and `method`. Without an action, it is the document's own URL (…/twiml/gather,
 * …/twiml/record).
 */
export function actionOf(element: XmlElement, fields: Fields): NextWebhook {
  const { action = "", method = "POST" } = element.attributes;
  return { reference: action, method: method.toUpperCase() === "GET" ? "GET" : "POST", fields };
}

export function requestWebhook(draft: CallDraft, next: NextWebhook): void {
  const { setup, url, unattended } = draft.call;
  if (setup === undefined) return;
  const address = resolveAddress(next.reference, url, setup.site);
  if (address.kind === "invalid") {
    draft.log({ kind: "fault", code: 11100, text: `Twilio cannot request "${address.text}"` });
    return hangUp(draft, "Twilio ends the call", "completed");
  }
  if (address.kind === "foreign") {
    draft.note(
      `The call would continue at ${address.url}. That URL is not part of this project, so it is not requested.`,
    );
    return hangUp(draft, "The call ends here", "completed");
  }
  draft.quiet();
  draft.set({ gather: undefined, recording: undefined, dial: undefined, obstacle: undefined });
  if (unattended >= maxUnattendedWebhooks) {
    const text = `${maxUnattendedWebhooks} webhooks without an action of the caller: this may be a loop`;
    draft.set({ phase: "stuck", obstacle: { text, next } });
    return;
  }
  draft.set({ phase: "asking", verbs: [], url: address.url, asked: next, unattended: unattended + 1 });
  send(draft, address.target, next.method, next.fields);
}

/** Ends the call. @param text the reason, for the log. */
export function hangUp(draft: CallDraft, text: string, status: string): void {
  const { setup, answeredAt } = draft.call;
  draft.quiet();
  draft.set({ phase: "over", status, endedAt: draft.at, verbs: [] });
  draft.set({ gather: undefined, recording: undefined, dial: undefined, obstacle: undefined });
  draft.log({ kind: "ended", text });
  if (setup?.statusCallback === undefined) return;
  const seconds = answeredAt === undefined ? 0 : Math.round((draft.at - answeredAt) / 1000);
  send(draft, setup.statusCallback, "POST", {
    CallDuration: String(seconds),
    // Twilio sends `Duration` in minutes.
    Duration: String(Math.ceil(seconds / 60)),
    CallbackSource: "call-progress-events",
    SequenceNumber: "0",
    Timestamp: new Date(draft.at).toUTCString().replace("GMT", "+0000"),
  });
}

function send(draft: CallDraft, target: string, method: string, fields: Fields): void {
  const { setup, sid, status, jar, request } = draft.call;
  if (setup === undefined) return;
  const { from, to } = setup;
  // Caller and Called are older names for From and To. Twilio still sends them.
  const all = {
    ...setup.fields,
    CallSid: sid,
    CallStatus: status,
    From: from,
    Caller: from,
    To: to,
    Called: to,
    ...fields,
  };
  draft.set({ request: request + 1 });
  draft.log({ kind: "webhook", method, target, fields, request: request + 1 });
  const made = webhookRequest({ method, target, fields: all, jar, at: draft.at });
  draft.effects.push({ kind: "request", request: request + 1, send: made });
}
