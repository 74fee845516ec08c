/**
 * TwiML as a tree.
 */
import { parseXml, XmlElement, XmlText, type XmlError } from "@rgrove/parse-xml";
import { twimlOf, type FunctionReply } from "./function-reply.ts";

export interface TwimlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The child elements, in order. */
  readonly children: readonly TwimlElement[];
  /** The element's own text, without white space at the ends. */
  readonly text: string;
  /**
   * Texts and elements in order, for elements with text between their children. Text that is only white space is left
   * out.
   */
  readonly content: readonly (string | TwimlElement)[];
}

/** A reply of `callFunction()`, a text, an object of the `twilio` package, or a parsed tree. */
export type TwimlSource = FunctionReply | string | TwimlElement | { toString(): string };

/**
 * @returns the document's root, usually `Response`.
 * @throws SyntaxError, with `line` and `column`, for malformed XML. Error for a reply whose content type Twilio would
 * not accept as TwiML (contract row 55: a string of XML is sent as plain text).
 */
export function parseTwiml(source: TwimlSource): TwimlElement {
  if (isElement(source)) return source;
  const xml = xmlOf(source);
  if (xml.trim() === "") throw new Error("Missing TwiML: the text is empty");
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
  throw new Error("Missing TwiML: the text has no element");
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
  throw new TypeError("This is not TwiML. Pass a reply of callFunction(), XML, or an object such as VoiceResponse.");
}

function checkedBody({ status, headers, body }: FunctionReply): string {
  const type = headers["content-type"] ?? "none";
  if (/\bxml\b/.test(type)) return body;
  const advice = "reply with the TwiML object itself, or with a Twilio.Response that has the content type text/xml";
  throw new Error(
    `Twilio would not accept this reply as TwiML (status ${status}, content type ${type}): ${advice}\n${body}`,
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
