/**
 * Applies the reply to a webhook to a call. The call runs the TwiML, follows the redirect, or ends with a fault.
 */
import { elementsOf } from "../twiml/element-text.ts";
import type { TwimlDocument } from "../twiml/twiml-document.ts";
import type { XmlElement } from "../twiml/xml-reader.ts";
import type { CallDraft } from "./call-state.ts";
import { walk } from "./call-verbs.ts";
import { hangUp, requestWebhook } from "./call-webhooks.ts";
import { giveUpLine } from "./dial-lines.ts";
import { withCookies } from "./cookie-jar.ts";
import type { SendResult } from "./send-request.ts";
import type { Fault } from "./twilio-faults.ts";
import { readReply, type Reply } from "./webhook.ts";

/** About as many as browsers follow. */
const maxRedirects = 10;

/** Replies to status callbacks, and replies that come too late, are only logged. */
export function takeReply(draft: CallDraft, request: number, sent: SendResult): void {
  recordReply(draft, request, sent);
  const { phase, setup } = draft.call;
  if (phase !== "asking" || request !== draft.call.awaited || setup === undefined) return;
  const reply = readReply(sent, "voice");
  if (reply.kind !== "redirect") draft.set({ redirects: 0 });
  switch (reply.kind) {
    case "fault":
      return failWith(draft, reply);
    case "redirect":
      return followRedirect(draft, reply);
    case "nothing":
      draft.note("The reply is empty");
      return walkVerbs(draft, []);
    case "text":
      if (reply.hint !== undefined) logFault(draft, { text: reply.hint });
      // Twilio reads the text out and then ends the call (…/voice/twiml). It plays audio in the same way.
      return walkVerbs(draft, [verb("Say", reply.text)]);
    case "audio":
      return walkVerbs(draft, [verb("Play", draft.call.url)]);
    case "twiml":
      return walkDocument(draft, reply.document);
    default:
      return reply satisfies never;
  }
}

/** Adds the reply to the log entry of its webhook, and its cookies to the jar. */
function recordReply(draft: CallDraft, request: number, sent: SendResult): void {
  const { log, jar } = draft.call;
  let target = "";
  const updated = log.map((entry) => {
    if (entry.kind !== "webhook" || entry.request !== request) return entry;
    target = entry.target;
    return { ...entry, status: sent.status, tookMs: draft.at - entry.at, exchange: sent.id };
  });
  draft.set({ log: updated, jar: withCookies(jar, sent.cookies, { target, at: draft.at }) });
}

function followRedirect(draft: CallDraft, { to, keepsMethod }: Extract<Reply, { kind: "redirect" }>): void {
  const { redirects, asked } = draft.call;
  if (redirects >= maxRedirects)
    return failWith(draft, { code: 11215, text: `More than ${maxRedirects} redirects in a row` });
  draft.set({ redirects: redirects + 1 });
  const method = keepsMethod ? (asked?.method ?? "POST") : "GET";
  requestWebhook(draft, { reference: to, method, fields: asked?.fields ?? {} });
}

function walkDocument(draft: CallDraft, { root, problems }: TwimlDocument): void {
  for (const { message, place, code } of problems) {
    const text = `${message} (line ${place.line}, column ${place.column})`;
    logFault(draft, code === undefined ? { text } : { text, code });
  }
  if (root === undefined || problems.some(({ isFatal }) => isFatal)) return endByTwilio(draft);
  walkVerbs(draft, elementsOf(root));
}

function walkVerbs(draft: CallDraft, verbs: readonly XmlElement[]): void {
  draft.set({ verbs });
  walk(draft);
}

function failWith(draft: CallDraft, fault: Fault): void {
  logFault(draft, fault);
  endByTwilio(draft);
}

function logFault(draft: CallDraft, { text, code }: Fault): void {
  draft.log(code === undefined ? { kind: "fault", text } : { kind: "fault", text, code });
}

/** If the document is the callee's, only the callee's call ends. */
function endByTwilio(draft: CallDraft): void {
  const { inset } = draft.call;
  if (inset?.kind === "screening") {
    if (giveUpLine(draft, inset.line, "failed")) walk(draft);
    return;
  }
  hangUp(draft, "Twilio ends the call", "completed");
}

function verb(name: string, text: string): XmlElement {
  return { name, attributes: {}, content: [text], place: { line: 1, column: 1 } };
}
