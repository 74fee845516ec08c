/**
 * Reads a reply as TwiML.
 */
import { elementsOf } from "./element-text.ts";
import type { TwimlKind } from "./element-schema.ts";
import { findProblems, type TwimlProblem } from "./twiml-problems.ts";
import { readXml, type XmlElement } from "./xml-reader.ts";

export interface TwimlDocument {
  /** Calls or messages, as far as the document shows it. `<Redirect>` alone belongs to both. */
  readonly kind: TwimlKind;
  /** Absent if the text is not well-formed XML. */
  readonly root?: XmlElement;
  /** In the order of the text. */
  readonly problems: readonly TwimlProblem[];
}

/** Twilio accepts no more (twilio.com/docs/api/errors/11750). */
export const maxTwimlBytes = 64 * 1024;

/**
 * @param kind the kind of the webhook. Without it, the kind is guessed.
 * @param mask hides secrets in texts that the problems quote in part.
 */
export function readTwiml(text: string, kind?: TwimlKind, mask?: (text: string) => string): TwimlDocument {
  const reading = readXml(text);
  if (!reading.isWellFormed) {
    const { message, place } = reading;
    return { kind: kind ?? "voice", problems: [{ code: 12100, isFatal: true, message, place }] };
  }
  const { root } = reading;
  const actual = kind ?? guessKind(root);
  return { kind: actual, root, problems: findProblems(root, actual, mask) };
}

/** Whether a text is meant as TwiML. It may still be invalid. */
export function looksLikeTwiml(text: string): boolean {
  // Reads only the beginning, however long the text is.
  const start = text.slice(0, 2000).trimStart();
  return /^(?:<\?xml\b|<(?:!--[\s\S]*?-->\s*<)*\/?response\b|<(?:Message|Say|Gather|Dial|Play|Redirect)\b)/i.test(
    start,
  );
}

function guessKind(root: XmlElement): TwimlKind {
  return elementsOf(root).some(({ name }) => /^message$/i.test(name)) ? "messaging" : "voice";
}
