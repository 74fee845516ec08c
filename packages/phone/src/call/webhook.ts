/**
 * The requests that Twilio would send, and how it would read the replies.
 */
import type { Header, SendRequest, SendResult, Simulation } from "./send-request.ts";
import type { TwimlKind } from "../twiml/element-schema.ts";
import { looksLikeTwiml, maxTwimlBytes, readTwiml, type TwimlDocument } from "../twiml/twiml-document.ts";
import { cookieHeader, type CookieJar } from "./cookie-jar.ts";
import type { Fault } from "./twilio-faults.ts";

/** Fields of a form by name. If a name is repeated, the last value counts. */
export type Fields = Readonly<Record<string, string>>;

export interface Webhook {
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
  readonly jar: CookieJar;
  readonly at: number;
}

/** For GET, the fields are in the query (twilio.com/docs/voice/twiml). */
export function webhookRequest({ method, target, fields, jar, at }: Webhook): SendRequest {
  const cookie = cookieHeader(jar, target, at);
  const common = { isSigned: true, ...(cookie !== undefined && { headers: [["cookie", cookie] as const] }) };
  if (method === "GET") {
    const query = new URLSearchParams(fields).toString();
    return { ...common, method, target: target + (target.includes("?") ? "&" : "?") + query };
  }
  return { ...common, method: "POST", target, fields: Object.entries(fields) };
}

/** The fields of the simulation of this kind. Without one, the fields that every webhook needs. */
export function simulatedFields(simulations: readonly Simulation[], kind: "sms" | "voice" | "status"): Fields {
  const simulation = simulations.find((each) => each.kind === kind);
  const simulationFields = Object.fromEntries(simulation?.fields.map(({ name, value }) => [name, value]) ?? []);
  return { AccountSid: `AC${"0".repeat(32)}`, ApiVersion: "2010-04-01", ...simulationFields };
}

/** A sid with the right format that belongs to no account. */
export function randomSid(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return prefix + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export type Reply =
  | { readonly kind: "twiml"; readonly document: TwimlDocument }
  /** `text/plain`: Twilio reads it out to the caller, or sends it to the sender of the message. */
  | { readonly kind: "text"; readonly text: string; readonly hint?: string }
  | { readonly kind: "audio" }
  | { readonly kind: "redirect"; readonly to: string; readonly keepsMethod: boolean }
  | { readonly kind: "nothing" }
  | ({ readonly kind: "fault" } & Fault);

/** Twilio accepts XML, plain text, and audio in a call (twilio.com/docs/voice/twiml, …/messaging/twiml). */
export function readReply({ status, headers, body, problem }: SendResult, kind: TwimlKind): Reply {
  const location = headerOf(headers, "location");
  if (status >= 300 && status < 400 && location !== undefined) {
    return { kind: "redirect", to: location, keepsMethod: status === 307 || status === 308 };
  }
  if (status < 200 || status >= 300) {
    const why = problem === undefined ? "" : `: ${problem}`;
    return { kind: "fault", code: 11200, text: `The function replied with status ${status}${why}` };
  }
  if (body.bytes === 0) return { kind: "nothing" };
  const type = mediaTypeOf(headers);
  if (kind === "voice" && type.startsWith("audio/")) return { kind: "audio" };
  const fault = typeFault(type) ?? bodyFault(body, kind);
  if (fault !== undefined) return { kind: "fault", ...fault };
  return markupTypes.has(type) ? readMarkup(body.text, type, kind) : readPlainText(body.text);
}

const markupTypes: ReadonlySet<string> = new Set(["text/xml", "application/xml", "text/html"]);

function headerOf(headers: readonly Header[], name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1];
}

/** In lower case, without parameters. Empty if the reply has no content type. */
function mediaTypeOf(headers: readonly Header[]): string {
  return (headerOf(headers, "content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

function typeFault(type: string): Fault | undefined {
  return markupTypes.has(type) || type === "text/plain" ? undefined : wrongType(type);
}

function wrongType(type: string): Fault {
  const text = type === "" ? "The reply has no content type" : `The content type of the reply is ${type}`;
  return { code: 12300, text: `${text}, but TwiML must be text/xml` };
}

/** Twilio limits the size of a reply only in calls. */
function bodyFault({ bytes, isCut, encoding }: SendResult["body"], kind: TwimlKind): Fault | undefined {
  if (kind === "voice" && bytes > maxTwimlBytes) {
    return { code: 11750, text: `The reply has ${bytes} bytes, but Twilio accepts at most 64 kB` };
  }
  if (isCut) return { text: `The reply is too long to show: ${bytes} bytes` };
  if (encoding === "base64") return { code: 12100, text: "The reply is not UTF-8 text" };
  return undefined;
}

function readPlainText(text: string): Reply {
  return { kind: "text", text, ...(looksLikeTwiml(text) && { hint: plainTwiml }) };
}

/** HTML that does not parse as TwiML is a web page. The fault is its content type, not its syntax. */
function readMarkup(text: string, type: string, kind: TwimlKind): Reply {
  const document = readTwiml(text, kind);
  const isBroken = document.problems.some(({ isFatal }) => isFatal);
  return isBroken && type === "text/html" ? { kind: "fault", ...wrongType(type) } : { kind: "twiml", document };
}

/** The hint for a function that passes TwiML to its callback as text instead of as an object. */
const plainTwiml =
  "This reply is TwiML, but its content type is text/plain, so Twilio treats it as plain text. Call callback() with the TwiML object itself, or with a Twilio.Response whose Content-Type is text/xml.";
