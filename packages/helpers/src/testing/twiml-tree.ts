/**
 * TwiML as a tree.
 */
import { parseXml, XmlElement, XmlText, type XmlError } from "@rgrove/parse-xml";
import { twimlOf, type FunctionReply } from "./function-reply.ts";

export interface TwimlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The elements in it, in order. */
  readonly children: readonly TwimlElement[];
  /** The text directly in it, without white space at the ends. */
  readonly text: string;
  /** Texts and elements in order, for those where text stands between elements. Text of nothing but white space is left out. */
  readonly content: readonly (string | TwimlElement)[];
}

/** A reply of `callFunction()`, text, what the `twilio` package builds, or what was parsed already. */
export type TwimlSource = FunctionReply | string | TwimlElement | { toString(): string };

/**
 * @returns the document's root, usually `Response`.
 * @throws SyntaxError, with `line` and `column`, for malformed XML; Error for a reply that Twilio would not take for TwiML,
 * because of its content type (contract row 55: XML that was called back as a string is plain text).
 */
export function parseTwiml(source: TwimlSource): TwimlElement {
  if (isElement(source)) return source;
  const xml = xmlOf(source);
  if (xml.trim() === "") throw new Error("There is no TwiML: the text is empty");
  try {
    const { root } = parseXml(xml);
    if (root !== null) return elementOf(root);
  } catch (cause) {
    if (!isXmlError(cause)) throw cause;
    const { line, column } = cause;
    const [problem] = cause.message.split(" (line ");
    const message = `The TwiML is malformed at line ${line}, column ${column}: ${problem}\n${cause.excerpt}`;
    throw Object.assign(new SyntaxError(message, { cause }), { line, column });
  }
  throw new Error("There is no TwiML: the text has no element");
}

function isElement(source: TwimlSource): source is TwimlElement {
  return typeof source === "object" && "children" in source && "attributes" in source && "content" in source;
}

function isXmlError(error: unknown): error is XmlError {
  return typeof error === "object" && error !== null && "line" in error && "column" in error && "excerpt" in error;
}

function xmlOf(source: Exclude<TwimlSource, TwimlElement>): string {
  if (typeof source === "string") return source;
  if ("body" in source && "status" in source) return checkedBody(source);
  const xml = twimlOf(source);
  if (xml !== undefined) return xml;
  throw new TypeError("This is no TwiML: give a reply of callFunction(), XML, or an object such as VoiceResponse");
}

function checkedBody({ status, headers, body }: FunctionReply): string {
  const type = headers["content-type"] ?? "none";
  if (/\bxml\b/.test(type)) return body;
  const advice = "call back with the TwiML object itself, or with a Twilio.Response that says text/xml";
  throw new Error(
    `Twilio would not take this reply (status ${status}, content type ${type}) for TwiML: ${advice}\n${body}`,
  );
}

function elementOf({ name, attributes, children }: XmlElement): TwimlElement {
  const content: (string | TwimlElement)[] = [];
  let run = "";
  const endRun = (): void => {
    if (run.trim() !== "") content.push(run.trim());
    run = "";
  };
  for (const child of children) {
    if (child instanceof XmlText) run += child.text;
    else if (child instanceof XmlElement) {
      endRun();
      content.push(elementOf(child));
    }
  }
  endRun();
  return {
    name,
    attributes: { ...attributes },
    children: content.filter((each) => typeof each !== "string"),
    text: content.filter((each) => typeof each === "string").join(" "),
    content,
  };
}
