/**
 * The requests that Twilio would send, and what it would make of the replies.
 */
import type { SendRequest, Sent, Simulation } from "./sent.ts";
import type { TwimlKind } from "../twiml/element-words.ts";
import { looksLikeTwiml, mostBytes, readTwiml, type TwimlDocument } from "../twiml/twiml-document.ts";
import { cookieHeader, type CookieJar } from "./cookie-jar.ts";
import type { Fault } from "./twilio-faults.ts";

/** Fields of a form by name; a later one of the same name counts. */
export type Fields = Readonly<Record<string, string>>;

export interface Webhook {
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
  readonly jar: CookieJar;
  readonly at: number;
}

/** With GET the fields are in the query (twilio.com/docs/voice/twiml). */
export function webhookRequest({ method, target, fields, jar, at }: Webhook): SendRequest {
  const cookie = cookieHeader(jar, target, at);
  const common = { isSigned: true, ...(cookie !== undefined && { headers: [["cookie", cookie] as const] }) };
  if (method === "GET") {
    const query = new URLSearchParams(fields).toString();
    return { ...common, method, target: target + (target.includes("?") ? "&" : "?") + query };
  }
  return { ...common, method: "POST", target, fields: Object.entries(fields) };
}

/** What a simulation of this kind has in its fields, or what the kind at least needs. */
export function simulatedFields(simulations: readonly Simulation[], kind: "sms" | "voice"): Fields {
  const simulation = simulations.find((each) => each.kind === kind);
  const own = Object.fromEntries(simulation?.fields.map(({ name, value }) => [name, value]) ?? []);
  return { AccountSid: `AC${"0".repeat(32)}`, ApiVersion: "2010-04-01", ...own };
}

/** Of no account: it only has the form of one. */
export function randomSid(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return prefix + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export type Reply =
  | { readonly kind: "twiml"; readonly document: TwimlDocument }
  /** `text/plain`: read out to a caller, sent to who has sent a message. */
  | { readonly kind: "text"; readonly text: string; readonly hint?: string }
  | { readonly kind: "audio" }
  | { readonly kind: "redirect"; readonly to: string; readonly keepsMethod: boolean }
  | { readonly kind: "nothing" }
  | ({ readonly kind: "fault" } & Fault);

/** The kinds of content are those of twilio.com/docs/voice/twiml and …/messaging/twiml: XML, plain text, and audio in a call. */
export function readReply({ status, headers, body }: Sent, kind: TwimlKind): Reply {
  const header = (name: string): string | undefined => headers.find(([each]) => each.toLowerCase() === name)?.[1];
  const location = header("location");
  if (status >= 300 && status < 400 && location !== undefined) {
    return { kind: "redirect", to: location, keepsMethod: status === 307 || status === 308 };
  }
  if (status < 200 || status >= 300) return { kind: "fault", code: 11200, text: `The webhook answered with ${status}` };
  const type = (header("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (body.bytes === 0) return { kind: "nothing" };
  if (kind === "voice" && type.startsWith("audio/")) return { kind: "audio" };
  const isMarkup = /^(?:text|application)\/xml$|^text\/html$/.test(type);
  if (!isMarkup && type !== "text/plain") return { kind: "fault", code: 12300, text: typeText(type) };
  if (kind === "voice" && body.bytes > mostBytes) {
    return { kind: "fault", code: 11750, text: `The reply has ${body.bytes} bytes: more than 64 kB are not taken` };
  }
  if (body.isCut) return { kind: "fault", text: `The reply is too long to be read here: ${body.bytes} bytes` };
  if (body.encoding === "base64") return { kind: "fault", code: 12100, text: "The reply is not UTF-8 text" };
  if (!isMarkup) return { kind: "text", text: body.text, ...(looksLikeTwiml(body.text) && { hint: plainTwiml }) };
  const document = readTwiml(body.text, kind);
  const fatal = document.problems.find(({ isFatal }) => isFatal);
  // A page for people is no TwiML, whatever is wrong with it as XML.
  if (fatal !== undefined && type === "text/html") return { kind: "fault", code: 12300, text: typeText(type) };
  return { kind: "twiml", document };
}

/** What a function gets that calls back with the text of TwiML, and not with the object. */
const plainTwiml =
  "This is TwiML, but it came as text/plain, so it is no more than text to Twilio. Call back with the TwiML object itself, or with a Twilio.Response whose Content-Type is text/xml.";

function typeText(type: string): string {
  if (type === "") return "The reply has no content type: TwiML is text/xml";
  return `The reply is ${type}: TwiML is text/xml`;
}
