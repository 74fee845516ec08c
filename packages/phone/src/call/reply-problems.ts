/**
 * Judges the reply to a webhook: what Twilio would reject, and what it would ignore. Replies to other requests are
 * judged only if they are TwiML by their content type, because a false alarm is worse than silence.
 */
import { looksLikeTwiml, readTwiml, type TwimlDocument } from "../twiml/twiml-document.ts";
import { elementsOf, textOf } from "../twiml/element-text.ts";
import { allTags, type TwimlKind } from "../twiml/element-schema.ts";
import { maxBodyLength } from "../twiml/message-verb.ts";
import { findUnreachedVerbs } from "../twiml/unreached-verbs.ts";
import type { XmlElement } from "../twiml/xml-reader.ts";
import { nextStepOf } from "./twilio-faults.ts";
import type { Header, SendResult } from "./send-request.ts";
import { mediaTypeOf, readReply, type Fields } from "./webhook.ts";
import { webhookKind } from "./webhook-kind.ts";

export interface ReplyProblem {
  /** Twilio's number (twilio.com/docs/api/errors). Absent if Twilio reports nothing. */
  readonly number?: number;
  /** `error` if Twilio rejects the reply. `warning` if it ignores a part of it. */
  readonly level: "error" | "warning";
  readonly text: string;
  /** In the TwiML, from one. */
  readonly line?: number;
  readonly next?: string;
}

export interface JudgedReply {
  readonly request: {
    readonly method: string;
    /** Path and query. */
    readonly target: string;
    /** The request's Host header. */
    readonly host: string;
    /** Of the query and of the form in the body. */
    readonly fields: Fields;
  };
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: SendResult["body"];
}

/** @param mask hides secrets in quoted parts of the reply. It gets each part before the part is shortened. */
export function replyProblems(reply: JudgedReply, mask: (text: string) => string = (text) => text): ReplyProblem[] {
  const kind = webhookKind(reply.request.fields);
  const problems =
    kind === undefined
      ? problemsOutsideWebhooks(reply, mask)
      : kind === "voice" || kind === "messaging"
        ? problemsOfWebhook(reply, kind, mask)
        : problemsOfCallback(reply, kind);
  return problems.map((problem) => {
    const next = nextStepOf(problem.number);
    const text = mask(problem.text);
    return { ...problem, text, ...(next !== undefined && problem.next === undefined && { next }) };
  });
}

/** Twilio reads only the status of the reply (twilio.com/docs/api/errors/15003). */
function problemsOfCallback({ status }: JudgedReply, kind: "call-status" | "message-status"): ReplyProblem[] {
  if (status < 400) return [];
  const text = `The reply to this status callback has the status ${status}`;
  return [{ number: kind === "call-status" ? 15003 : 11200, level: "warning", text }];
}

/** The document of a client that is not Twilio, such as a browser or curl. */
function problemsOutsideWebhooks({ status, headers, body }: JudgedReply, mask: Mask): ReplyProblem[] {
  const isXml = /^(?:text|application)\/xml$/.test(mediaTypeOf(headers));
  const isRead = status >= 200 && status < 300 && body.encoding === "utf8" && !body.isCut;
  if (!isXml || !isRead || !looksLikeTwiml(body.text) || !hasVerb.test(body.text)) return [];
  const document = readTwiml(body.text, undefined, mask);
  return problemsOfDocument(document, endOf(document.kind));
}

/** Other XML can have the root `Response` too. */
const hasVerb = new RegExp(`<(?:${[...allTags("voice"), ...allTags("messaging")].filter(isVerb).join("|")})[\\s/>]`);

function isVerb(tag: string): boolean {
  return /^[A-Z]/.test(tag) && !["Body", "Parameter", "Header", "Headers", "Config", "Task", "Language"].includes(tag);
}

type Mask = (text: string) => string;

function problemsOfWebhook(reply: JudgedReply, kind: TwimlKind, mask: Mask): ReplyProblem[] {
  const { headers, status, body } = reply;
  const read = readReply({ id: "", cookies: [], status, headers, body }, kind, mask);
  switch (read.kind) {
    case "fault":
      return read.code === undefined
        ? []
        : [{ number: read.code, level: "error", text: `${read.text}. ${endOf(kind)}` }];
    case "nothing":
      return isFirstDocument(reply, kind) ? [{ level: "warning", text: `The reply is empty. ${endOf(kind)}` }] : [];
    case "redirect":
      return problemsOfHttpRedirect(reply, read.to, read.keepsMethod);
    case "audio":
      return [];
    case "text":
      return problemsOfText(read.text, kind, read.hint);
    case "twiml":
      return [
        ...problemsOfType(headers),
        ...problemsOfDocument(read.document, endOf(kind)),
        ...problemsOfFlow(read.document, reply),
      ];
    default:
      return read satisfies never;
  }
}

/**
 * Later in a call, and after a message, an empty reply is usual: there is nothing more to do. The document that a callee
 * hears before the connection can be empty too (…/twiml/number#attributes-url).
 */
function isFirstDocument({ request: { fields } }: JudgedReply, kind: TwimlKind): boolean {
  return kind === "voice" && fields["CallStatus"] === "ringing" && fields["Direction"] !== "outbound-dial";
}

function endOf(kind: TwimlKind): string {
  return kind === "voice" ? "Twilio ends the call" : "Twilio sends no reply";
}

function problemsOfText(text: string, kind: TwimlKind, hint: string | undefined): ReplyProblem[] {
  if (hint !== undefined) {
    const effect = kind === "voice" ? "reads the markup out to the caller" : "sends the markup as text";
    return [{ level: "error", text: `This TwiML has the content type text/plain. Twilio ${effect}`, next: passObject }];
  }
  if (kind === "voice" || text.length <= maxBodyLength) return [];
  return [
    {
      number: 14103,
      level: "warning",
      text: `This message has ${text.length} characters, but Twilio sends at most ${maxBodyLength}`,
    },
  ];
}

const passObject = "Pass the TwiML object itself to callback(), or a Twilio.Response with the Content-Type text/xml.";

/** TwiML in text/html: the documentation allows it, but Twilio's support names it as a cause of 12300. */
function problemsOfType(headers: readonly Header[]): ReplyProblem[] {
  if (mediaTypeOf(headers) !== "text/html") return [];
  const text = "This TwiML has the content type text/html, but TwiML must be text/xml";
  return [{ number: 12300, level: "warning", text }];
}

function problemsOfDocument({ kind, root, problems }: TwimlDocument, end: string): ReplyProblem[] {
  const found = problems.map(({ code, message, place, isFatal }): ReplyProblem => {
    return {
      ...(code !== undefined && { number: code }),
      level: isFatal ? "error" : "warning",
      text: isFatal ? `${message}. ${end}` : message,
      line: place.line,
    };
  });
  const unreached = root?.name === "Response" ? findUnreachedVerbs(root, kind) : undefined;
  if (unreached === undefined) return found;
  const { last, first } = unreached;
  const text = `<${first.name}> is never reached, because <${last.name}> in line ${last.place.line} ends the document`;
  return [...found, { level: "warning", text, line: first.place.line }];
}

/** A <Redirect> back to the document that contains it. */
function problemsOfFlow({ kind, root }: TwimlDocument, reply: JudgedReply): ReplyProblem[] {
  if (root?.name !== "Response") return [];
  const verbs = elementsOf(root);
  const index = verbs.findIndex(({ name }) => name === "Redirect");
  const redirect = verbs[index];
  if (redirect === undefined || !isEndless(verbs.slice(0, index), kind)) return [];
  const isPost = redirect.attributes["method"]?.toUpperCase() !== "GET";
  if (!isPost || !isSameUrl(textOf(redirect), reply)) return [];
  const text = "This <Redirect> leads back to the same URL, so Twilio may request it again and again";
  return [{ level: "warning", text, line: redirect.place.line }];
}

/** In a call, a verb that takes time may be what the redirect repeats on purpose, such as a menu. */
function isEndless(before: readonly XmlElement[], kind: TwimlKind): boolean {
  return kind === "messaging" ? before.length === 0 : before.every(({ name }) => name === "Start" || name === "Stop");
}

function problemsOfHttpRedirect(reply: JudgedReply, to: string, keepsMethod: boolean): ReplyProblem[] {
  if (!keepsMethod || !isSameUrl(to, reply)) return [];
  return [{ number: 11215, level: "error", text: "The reply redirects to the same URL" }];
}

/** Only for POST: the query of a GET webhook has Twilio's fields, so it cannot be compared. */
function isSameUrl(reference: string, { request: { method, target, host } }: JudgedReply): boolean {
  const own = `http://${host === "" ? "localhost" : host}${target}`;
  if (method !== "POST" || !URL.canParse(own) || !URL.canParse(reference.trim(), own)) return false;
  const [from, to] = [new URL(own), new URL(reference.trim(), own)];
  return from.host === to.host && from.pathname === to.pathname && from.search === to.search;
}
