/**
 * Finds the problems of a TwiML document that the document alone shows. The codes are Twilio's
 * (twilio.com/docs/api/errors): 12100 if Twilio cannot read the document, 12200 if it warns of unknown names or wrong
 * nesting.
 */
import { allTags, parentsOf, rootSchema, schemaOf, type ElementSchema, type TwimlKind } from "./element-schema.ts";
import { maxBodyLength, maxMessages, readMessage } from "./message-verb.ts";
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

export function findProblems(root: XmlElement, kind: TwimlKind): TwimlProblem[] {
  if (root.name !== "Response") {
    const isCase = root.name.toLowerCase() === "response";
    const message = isCase
      ? `The root element must be <Response>, not <${root.name}>: names are case-sensitive`
      : `The root element must be <Response>, not <${root.name}>`;
    return [{ code: 12100, isFatal: true, message, place: root.place, element: root }];
  }
  const problems: TwimlProblem[] = [];
  checkElement(root, rootSchema(kind), kind, problems);
  if (kind === "messaging") checkMessages(root, problems);
  return problems
    .toSorted((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
    .slice(0, maxProblems);
}

function checkElement(element: XmlElement, schema: ElementSchema, kind: TwimlKind, problems: TwimlProblem[]): void {
  const warn = (message: string, at = element): void => {
    problems.push({ code: 12200, isFatal: false, message, place: at.place, element: at });
  };
  for (const [name, value] of Object.entries(element.attributes)) {
    if (problems.length >= maxProblems) return;
    const problem = attributeProblem(element, name, value, schema);
    if (problem !== undefined) warn(problem);
  }
  for (const each of element.content) {
    if (problems.length >= maxProblems) return;
    if (typeof each === "string") {
      if (each.trim() !== "" && !schema.hasText) {
        const first = each.trim().replace(/\s+/g, " ");
        warn(`<${element.name}> cannot contain text: "${first.length > 40 ? `${first.slice(0, 40)}…` : first}"`);
      }
      continue;
    }
    const name = schema.children.get(each.name);
    const inside = name === undefined ? undefined : schemaOf(kind, name);
    if (inside === undefined) warn(nestingProblem(each.name, element.name, schema, kind), each);
    else checkElement(each, inside, kind, problems);
  }
}

function attributeProblem(
  element: XmlElement,
  name: string,
  value: string,
  { attributes }: ElementSchema,
): string | undefined {
  const isRoot = element.name === "Response";
  // The version, attributes that editors add, and those that any XML may have.
  if ((isRoot && name === "version") || /^(?:xmlns|xsi|xml)(?::|$)/.test(name)) return undefined;
  if (attributes.has(name)) {
    const isMethod = name === "method" || name.endsWith("Method");
    if (!isMethod || /^(?:GET|POST)$/i.test(value)) return undefined;
    return `Invalid value for ${name} in <${element.name}>: "${value}" (must be GET or POST)`;
  }
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
    if (count === maxMessages + 1) {
      problems.push({
        ...at,
        code: 14109,
        message: `Twilio sends at most ${maxMessages} messages in reply to a message`,
      });
    }
  }
}
