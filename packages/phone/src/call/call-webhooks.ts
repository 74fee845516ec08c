/**
 * Sends the webhooks of a call: the next one, and those that only report something.
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
  const { action = "", method } = element.attributes;
  return { reference: action, method: methodOf(method), fields };
}

export function methodOf(text: string | undefined): string {
  return text?.toUpperCase() === "GET" ? "GET" : "POST";
}

export function requestWebhook(draft: CallDraft, next: NextWebhook): void {
  const { setup, url, unattended, inset } = draft.call;
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
  draft.set({ gather: undefined, recording: undefined, obstacle: undefined });
  if (inset?.kind !== "screening") draft.set({ dial: undefined });
  if (unattended >= maxUnattendedWebhooks) {
    const text = `${maxUnattendedWebhooks} webhooks without an action of the caller: this may be a loop`;
    draft.set({ phase: "stuck", obstacle: { text, next } });
    return;
  }
  draft.set({ phase: "asking", verbs: [], url: address.url, asked: next, unattended: unattended + 1 });
  const { target } = address;
  const { method, fields } = next;
  draft.set({ awaited: send(draft, { target, method, fields, party: partyFields(draft) }) });
}

export interface Report {
  /** The URL in the TwiML. */
  readonly reference: string;
  readonly method: string | undefined;
  readonly fields: Fields;
  /** For the log, such as \`recording status\`. */
  readonly about: string;
}

/** Sends a webhook that does not continue the call. Twilio ignores its reply. */
export function report(draft: CallDraft, { reference, method, fields, about }: Report): void {
  const { setup, url } = draft.call;
  if (setup === undefined) return;
  const address = resolveAddress(reference, url, setup.site);
  if (address.kind === "own") {
    send(draft, { target: address.target, method: methodOf(method), fields, about });
    return;
  }
  if (address.kind === "invalid")
    draft.log({ kind: "fault", code: 11100, text: `Twilio cannot request "${address.text}"` });
  else draft.note(`Twilio would send the ${about} to ${address.url}. That URL is not part of this project.`);
}

/** Ends the call. @param text the reason, for the log. */
export function hangUp(draft: CallDraft, text: string, status: string): void {
  const { setup, answeredAt } = draft.call;
  draft.quiet();
  draft.set({ phase: "over", status, endedAt: draft.at, verbs: [], awaited: undefined, inset: undefined });
  draft.set({ gather: undefined, recording: undefined, dial: undefined, obstacle: undefined, repetition: undefined });
  draft.log({ kind: "ended", text });
  if (setup?.statusCallback === undefined) return;
  const seconds = answeredAt === undefined ? 0 : Math.round((draft.at - answeredAt) / 1000);
  reportStatus(draft, status, durationFields(seconds));
}

/** @returns the length of a call as Twilio sends it: in seconds, and in minutes. */
export function durationFields(seconds: number): Fields {
  return { CallDuration: String(seconds), Duration: String(Math.ceil(seconds / 60)) };
}

/** Requests the status callback of the number that the caller has called. */
export function reportStatus(draft: CallDraft, status: string, fields: Fields = {}): void {
  const { setup, sequence } = draft.call;
  if (setup?.statusCallback === undefined) return;
  draft.set({ sequence: sequence + 1 });
  send(draft, {
    target: setup.statusCallback,
    method: "POST",
    fields: { CallStatus: status, ...fields, ...progressFields(draft, sequence) },
    about: "call status",
  });
}

export function progressFields({ at }: CallDraft, sequence: number): Fields {
  return {
    CallbackSource: "call-progress-events",
    SequenceNumber: String(sequence),
    Timestamp: timestampOf(at),
  };
}

/** RFC 2822 writes +0000 instead of GMT. */
export function timestampOf(at: number): string {
  return new Date(at).toUTCString().replace("GMT", "+0000");
}

/** A callee's document runs in the callee's own call (…/twiml/number#attributes-url). */
function partyFields({ call }: CallDraft): Fields {
  const { inset, dial } = call;
  const line = inset?.kind === "screening" ? dial?.lines[inset.line] : undefined;
  return line === undefined ? {} : lineFields(call, line);
}

export function lineFields(
  { sid, setup, dial }: CallDraft["call"],
  line: { readonly sid: string; readonly address: string; readonly status: string },
): Fields {
  const from = dial?.element.attributes["callerId"] ?? setup?.from ?? "";
  return {
    CallSid: line.sid,
    ParentCallSid: sid,
    Direction: "outbound-dial",
    CallStatus: line.status,
    From: from,
    Caller: from,
    To: line.address,
    Called: line.address,
  };
}

interface Sent {
  readonly target: string;
  readonly method: string;
  readonly fields: Fields;
  /** The fields that name the parties, if they are not those of the call. They are not logged. */
  readonly party?: Fields;
  readonly about?: string;
}

/** @returns the number of the request. */
function send(draft: CallDraft, { target, method, fields, party, about }: Sent): number {
  const { setup, sid, status, jar } = draft.call;
  const request = draft.call.request + 1;
  if (setup === undefined) return request;
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
    ...party,
    ...fields,
  };
  draft.set({ request });
  draft.log({ kind: "webhook", method, target, fields, request, ...(about !== undefined && { about }) });
  const made = webhookRequest({ method, target, fields: all, jar, at: draft.at });
  draft.effects.push({ kind: "request", request, send: made });
  return request;
}
