/**
 * Sends a message to a function and collects the replies as Twilio would, following every webhook on the way.
 */
import type { SendRequest, SendResult } from "./send-request.ts";
import { readMessage, maxBodyLength, maxMessages } from "../twiml/message-verb.ts";
import { elementsOf, textOf } from "../twiml/element-text.ts";
import type { XmlElement } from "../twiml/xml-reader.ts";
import { messageCookiesMs, withCookies, type CookieJar } from "./cookie-jar.ts";
import type { Fault } from "./twilio-faults.ts";
import { documentUrl, resolveAddress, type Site } from "./web-address.ts";
import { readReply, webhookRequest, type Fields } from "./webhook.ts";

export type ChatItem = { readonly exchange?: string } & (
  | {
      readonly kind: "message";
      readonly body: string;
      /** URLs. They are absolute if they can be. */
      readonly media: readonly string[];
      readonly to?: string;
      /** Where Twilio reports the delivery of the message. */
      readonly statusWebhook?: { readonly method: string; readonly target: string };
    }
  | { readonly kind: "note"; readonly text: string }
  | ({ readonly kind: "fault" } & Fault)
);

export interface OutgoingMessage {
  readonly target: string;
  /** All fields that Twilio would send, including the text. */
  readonly fields: Fields;
  readonly site: Site;
  readonly jar: CookieJar;
  readonly send: (request: SendRequest) => Promise<SendResult>;
  readonly now: () => number;
}

export interface Answer {
  readonly items: readonly ChatItem[];
  /** The ids of the requests. The first one carried the message. */
  readonly exchanges: readonly string[];
  readonly jar: CookieJar;
}

/** Twilio documents no limit. Here, a loop must end. */
const maxWebhooks = 10;

export async function deliver({ target, fields, site, jar, send, now }: OutgoingMessage): Promise<Answer> {
  const items: ChatItem[] = [];
  const exchanges: string[] = [];
  let cookies = jar;
  let next: { method: string; target: string } | undefined = { method: "POST", target };
  let messages = 0;
  for (let count = 1; next !== undefined; count += 1) {
    if (count > maxWebhooks) {
      items.push({ kind: "note", text: `Stopped after ${maxWebhooks} webhooks for one message` });
      break;
    }
    const { method, target: asked }: { method: string; target: string } = next;
    let sent: SendResult;
    try {
      sent = await send(webhookRequest({ method, target: asked, fields, jar: cookies, at: now() }));
    } catch (error) {
      items.push({
        kind: "fault",
        text: `The message could not be sent: ${error instanceof Error ? error.message : String(error)}`,
      });
      break;
    }
    exchanges.push(sent.id);
    cookies = withCookies(cookies, sent.cookies, { target: asked, at: now(), maxLifetimeMs: messageCookiesMs });
    const read = readItems(sent, { before: messages, document: documentUrl(asked, site), site });
    items.push(...read.items.map((item) => ({ ...item, exchange: sent.id })));
    messages += read.items.filter(({ kind }) => kind === "message").length;
    next = undefined;
    if (read.redirect === undefined) continue;
    const address = resolveAddress(read.redirect.to, documentUrl(asked, site), site);
    if (address.kind === "own") next = { method: read.redirect.method ?? method, target: address.target };
    else items.push({ ...refusal(address.kind, read.redirect.to), exchange: sent.id });
  }
  const last = exchanges.at(-1);
  if (items.length === 0) items.push({ kind: "note", text: "No reply", ...(last !== undefined && { exchange: last }) });
  return { items, exchanges, jar: cookies };
}

function refusal(kind: "foreign" | "invalid", to: string): ChatItem {
  if (kind === "invalid") return { kind: "fault", code: 11100, text: `Twilio cannot request "${to.trim()}"` };
  return {
    kind: "note",
    text: `Twilio would continue at ${to.trim()}. That URL is not part of this project, so it is not requested.`,
  };
}

interface ReadItems {
  readonly items: readonly ChatItem[];
  readonly redirect?: { readonly to: string; readonly method?: string };
}

interface ReadPlace {
  /** Number of messages before these. */
  readonly before: number;
  /** The URL of the TwiML. */
  readonly document: string;
  readonly site: Site;
}

function readItems(sent: SendResult, place: ReadPlace): ReadItems {
  const reply = readReply(sent, "messaging");
  switch (reply.kind) {
    case "nothing":
      return { items: [{ kind: "note", text: "No reply" }] };
    case "fault":
      return { items: [reply] };
    case "redirect":
      return { items: [], redirect: { to: reply.to, ...(!reply.keepsMethod && { method: "GET" }) } };
    case "text":
      return {
        items: [
          { kind: "message", body: reply.text, media: [] },
          ...(reply.hint === undefined ? [] : [{ kind: "fault" as const, text: reply.hint }]),
        ],
      };
    case "audio":
      return { items: [] };
    case "twiml": {
      const { root, problems } = reply.document;
      const faults = problems.map(({ code, message, place: at }): ChatItem => {
        const text = `${message} (line ${at.line}, column ${at.column})`;
        return code === undefined ? { kind: "fault", text } : { kind: "fault", code, text };
      });
      if (root === undefined || problems.some(({ isFatal }) => isFatal)) return { items: faults };
      const read = readVerbs(elementsOf(root), place);
      const isEmpty = read.items.length === 0 && read.redirect === undefined && faults.length === 0;
      return { ...read, items: isEmpty ? [{ kind: "note", text: "No reply" }] : [...faults, ...read.items] };
    }
    default:
      return reply satisfies never;
  }
}

/** Verbs after a <Redirect> are not reached (twilio.com/docs/messaging/twiml/redirect). */
function readVerbs(verbs: readonly XmlElement[], { before, document, site }: ReadPlace): ReadItems {
  const items: ChatItem[] = [];
  let messages = before;
  for (const verb of verbs) {
    if (verb.name === "Redirect") {
      const method = verb.attributes["method"]?.toUpperCase() === "GET" ? "GET" : "POST";
      return { items, redirect: { to: textOf(verb), method } };
    }
    if (verb.name !== "Message") continue;
    const { body, media } = readMessage(verb);
    // The problems of the document mention these messages.
    if ((body === "" && media.length === 0) || body.length > maxBodyLength || messages >= maxMessages) continue;
    messages += 1;
    items.push(...messageItems(verb, document, site));
  }
  return { items };
}

/** A message, and a note if its delivery cannot be reported (…/messaging/twiml/message#action). */
function messageItems(verb: XmlElement, document: string, site: Site): ChatItem[] {
  const { body, media } = readMessage(verb);
  const { to, action, statusCallback, method } = verb.attributes;
  const message: ChatItem = {
    kind: "message",
    body,
    media: media.map((url) => absolute(url, document)),
    ...(to !== undefined && { to }),
  };
  const reference = action ?? statusCallback;
  if (reference === undefined) return [message];
  const address = resolveAddress(reference, document, site);
  if (address.kind === "invalid") return [message, refusal("invalid", address.text)];
  if (address.kind === "foreign") {
    return [message, { kind: "note", text: `Twilio would send delivery status updates to ${address.url}` }];
  }
  const isGet = action !== undefined && method?.toUpperCase() === "GET";
  return [{ ...message, statusWebhook: { method: isGet ? "GET" : "POST", target: address.target } }];
}

function absolute(url: string, document: string): string {
  return URL.canParse(url) || !URL.canParse(url, document) ? url : new URL(url, document).href;
}
