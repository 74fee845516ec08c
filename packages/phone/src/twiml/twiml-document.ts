/**
 * A reply read as TwiML.
 */
import { elementsOf } from "./element-text.ts";
import type { TwimlKind } from "./element-schema.ts";
import { findProblems, type TwimlProblem } from "./twiml-problems.ts";
import { readXml, type XmlElement } from "./xml-reader.ts";

export interface TwimlDocument {
  /** What it is for, as far as that can be told: `<Redirect>` alone is neither's. */
  readonly kind: TwimlKind;
  /** Absent where the text is no XML. */
  readonly root?: XmlElement;
  /** In the order of the text. */
  readonly problems: readonly TwimlProblem[];
}

/** Twilio does not take more (twilio.com/docs/api/errors/11750). */
export const maxTwimlBytes = 64 * 1024;

/**
 * @param kind what it was asked for; without it, it is guessed.
 */
export function readTwiml(text: string, kind?: TwimlKind): TwimlDocument {
  const reading = readXml(text);
  if (!reading.isWellFormed) {
    const { message, place } = reading;
    return { kind: kind ?? "voice", problems: [{ code: 12100, isFatal: true, message, place }] };
  }
  const { root } = reading;
  const actual = kind ?? guessKind(root);
  return { kind: actual, root, problems: findProblems(root, actual) };
}

/** Whether a text is meant as TwiML: not that it is good. */
export function looksLikeTwiml(text: string): boolean {
  // Only the beginning is looked at, whatever its length.
  const start = text.slice(0, 2000).trimStart();
  return /^(?:<\?xml\b|<(?:!--[\s\S]*?-->\s*<)*\/?response\b|<(?:Message|Say|Gather|Dial|Play|Redirect)\b)/i.test(
    start,
  );
}

function guessKind(root: XmlElement): TwimlKind {
  return elementsOf(root).some(({ name }) => /^message$/i.test(name)) ? "messaging" : "voice";
}
