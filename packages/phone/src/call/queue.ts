/**
 * A caller in a queue: the document in `waitUrl` runs again and again, until another call takes the caller out, or the
 * document leaves the queue (…/twiml/enqueue, …/twiml/leave).
 */
import { textOf } from "../twiml/element-text.ts";
import type { XmlElement } from "../twiml/xml-reader.ts";
import type { CallDraft } from "./call-state.ts";
import { actionOf, methodOf, requestWebhook } from "./call-webhooks.ts";
import { resolveAddress } from "./web-address.ts";

export function enterQueue(draft: CallDraft, element: XmlElement): void {
  const { verbs, url, setup } = draft.call;
  const { waitUrl, workflowSid } = element.attributes;
  const name = textOf(element);
  const isTask = workflowSid !== undefined;
  draft.note(
    isTask
      ? "TaskRouter would make a task of the call, and find a worker. Here you choose when a worker takes the call."
      : `The caller waits in the queue${name === "" ? "" : ` ${name}`}. Here you choose when somebody takes the call.`,
  );
  const sid = draft.makeSid("QU");
  draft.set({ inset: { kind: "queue", element, sid, startedAt: draft.at, bridgedAt: undefined, verbs, url } });
  const address = waitUrl === undefined || setup === undefined ? undefined : resolveAddress(waitUrl, url, setup.site);
  if (address?.kind === "own") return playQueue(draft);
  const sound = waitUrl === undefined ? "Twilio's hold music" : waitUrl;
  const text = `The caller waits in the queue${name === "" ? "" : ` ${name}`}, and would hear ${sound}`;
  draft.set({ phase: "stuck", obstacle: { text } });
  draft.note(text);
}

/** Requests the document in `waitUrl`. Its URLs are relative to it, but `waitUrl` itself is relative to the outer one. */
export function playQueue(draft: CallDraft): void {
  const { inset } = draft.call;
  if (inset?.kind !== "queue") return;
  const { element, sid, startedAt, url } = inset;
  draft.set({ url });
  requestWebhook(draft, {
    reference: element.attributes["waitUrl"] ?? "",
    method: methodOf(element.attributes["waitUrlMethod"]),
    fields: {
      QueueSid: sid,
      QueuePosition: "1",
      QueueTime: String(Math.round((draft.at - startedAt) / 1000)),
      AvgQueueTime: "0",
      CurrentQueueSize: "1",
    },
  });
}

export function dequeue(draft: CallDraft): void {
  const { inset } = draft.call;
  if (inset?.kind !== "queue" || inset.bridgedAt !== undefined) return;
  draft.quiet();
  draft.log({ kind: "callee", text: "Somebody takes the call out of the queue", act: { kind: "dequeue" } });
  draft.set({
    inset: { ...inset, bridgedAt: draft.at },
    phase: "talking",
    unattended: 0,
    verbs: [],
    awaited: undefined,
  });
  draft.set({ gather: undefined, recording: undefined, obstacle: undefined });
}

/**
 * With an action, Twilio never reaches the verb after the <Enqueue> (…/enqueue#attributes-action).
 * @returns whether the call continues with the next verb.
 */
export function leaveQueue(draft: CallDraft, result: "leave" | "bridged"): boolean {
  const { inset } = draft.call;
  if (inset?.kind !== "queue") return false;
  const { element, sid, startedAt, bridgedAt, verbs, url } = inset;
  const seconds = Math.round(((bridgedAt ?? draft.at) - startedAt) / 1000);
  draft.quiet();
  draft.set({ inset: undefined, verbs, url, gather: undefined, obstacle: undefined });
  draft.note(`Leaves the queue after ${seconds} s`);
  if (element.attributes["action"] === undefined) return true;
  const fields = { QueueResult: result, QueueSid: sid, QueueTime: String(seconds) };
  requestWebhook(draft, actionOf(element, fields));
  return false;
}
