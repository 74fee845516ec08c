/**
 * Finds the problems of a TwiML document that the document alone shows. The codes are Twilio's
 * (twilio.com/docs/api/errors): 12100 if Twilio cannot read the document, 12200 if it warns of unknown names or wrong
 * nesting, and others for some verbs.
 */
import { valueProblem } from "./attribute-values.ts";
import { allTags, parentsOf, rootSchema, schemaOf, type ElementSchema, type TwimlKind } from "./element-schema.ts";
import { maxBodyLength, maxMedia, maxMessages, readMessage } from "./message-verb.ts";
import { nearestName } from "./near-name.ts";
import type { Place, XmlElement } from "./xml-reader.ts";

export interface TwimlProblem {
  readonly code?: number;
  /** Whether Twilio rejects the whole document. */
  readonly isFatal: boolean;
  readonly message: string;
  readonly place: Place;
  /** Absent if the document could not be parsed. */
  readonly element?: XmlElement;
}

/** A document with more problems does not need a longer list. */
const maxProblems = 100;

/** Hides secrets in a part of the document. It gets the part before it is shortened. */
type Mask = (text: string) => string;

export function findProblems(root: XmlElement, kind: TwimlKind, mask: Mask = (text) => text): TwimlProblem[] {
  if (root.name !== "Response") {
    const isCase = root.name.toLowerCase() === "response";
    const message = isCase
      ? `The root element must be <Response>, not <${root.name}>: names are case-sensitive`
      : `The root element must be <Response>, not <${root.name}>`;
    return [{ code: 12100, isFatal: true, message, place: root.place, element: root }];
  }
  const problems: TwimlProblem[] = [];
  checkElement(root, rootSchema(kind), { kind, mask, problems });
  if (kind === "messaging") checkMessages(root, problems);
  return problems
    .toSorted((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
    .slice(0, maxProblems);
}

interface Check {
  readonly kind: TwimlKind;
  readonly mask: Mask;
  readonly problems: TwimlProblem[];
}

function checkElement(element: XmlElement, schema: ElementSchema, check: Check): void {
  const { kind, mask, problems } = check;
  const warn = (message: string, { at = element, code = 12200 } = {}): void => {
    problems.push({ code, isFatal: false, message, place: at.place, element: at });
  };
  for (const [name, value] of Object.entries(element.attributes)) {
    if (problems.length >= maxProblems) return;
    const message = nameProblem(element, name, schema);
    const problem = message === undefined ? valueProblem(element, name, mask(value)) : { message };
    if (problem !== undefined) warn(problem.message, problem);
  }
  if (element.name === "Say" && isEmpty(element)) warn("This <Say> has no text", { code: 13520 });
  for (const each of element.content) {
    if (problems.length >= maxProblems) return;
    if (typeof each === "string") {
      if (each.trim() !== "" && !schema.hasText) {
        const first = mask(each).trim().replace(/\s+/g, " ");
        warn(`<${element.name}> cannot contain text: "${first.length > 40 ? `${first.slice(0, 40)}…` : first}"`);
      }
      continue;
    }
    const name = schema.children.get(each.name);
    const inside = name === undefined ? undefined : schemaOf(kind, name);
    if (inside === undefined) warn(nestingProblem(each.name, element.name, schema, kind), { at: each });
    else checkElement(each, inside, check);
  }
}

function isEmpty({ content }: XmlElement): boolean {
  return content.every((each) => typeof each === "string" && each.trim() === "");
}

function nameProblem(element: XmlElement, name: string, { attributes }: ElementSchema): string | undefined {
  const isRoot = element.name === "Response";
  // The version, attributes that editors add, and those that any XML may have.
  if ((isRoot && name === "version") || /^(?:xmlns|xsi|xml)(?::|$)/.test(name)) return undefined;
  if (attributes.has(name)) return undefined;
  const near = nearestName(name, attributes);
  const question = near === undefined ? "" : `. Did you mean ${near}?`;
  return `<${element.name}> has no attribute ${name}${question}`;
}

function nestingProblem(name: string, parent: string, schema: ElementSchema, kind: TwimlKind): string {
  const here = nearestName(name, schema.children.keys());
  if (here?.toLowerCase() === name.toLowerCase()) return `<${name}> must be <${here}>: names are case-sensitive`;
  const places = parentsOf(kind, name);
  if (places.length > 0) {
    return `<${name}> is not allowed in <${parent}>, only in ${places.map((each) => `<${each}>`).join(" or ")}`;
  }
  const other = kind === "voice" ? "messaging" : "voice";
  if (allTags(other).has(name)) {
    const isFor = other === "voice" ? "calls" : "messages";
    return `<${name}> is for ${isFor}, but this is the reply to a ${kind === "voice" ? "call" : "message"}`;
  }
  const near = here ?? nearestName(name, allTags(kind));
  return `<${name}> is unknown${near === undefined ? "" : `. Did you mean <${near}>?`}`;
}

function checkMessages(root: XmlElement, problems: TwimlProblem[]): void {
  let count = 0;
  for (const element of root.content) {
    if (typeof element === "string" || element.name !== "Message") continue;
    count += 1;
    const at = { isFatal: false, place: element.place, element };
    const { body, media } = readMessage(element);
    if (body === "" && media.length === 0) {
      problems.push({
        ...at,
        code: 14103,
        message: "This message has no text and no media, so Twilio does not send it",
      });
    }
    if (body.length > maxBodyLength) {
      const message = `This message has ${body.length} characters, but Twilio sends at most ${maxBodyLength}`;
      problems.push({ ...at, code: 14103, message });
    }
    if (media.length > maxMedia) {
      const message = `This message has ${media.length} media, but Twilio sends at most ${maxMedia}`;
      problems.push({ ...at, code: 21623, message });
    }
    if (count === maxMessages + 1) {
      problems.push({
        ...at,
        code: 14109,
        message: `Twilio sends at most ${maxMessages} messages in reply to a message`,
      });
    }
  }
}
