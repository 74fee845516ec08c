/**
 * What is wrong with a TwiML document, as far as it can be told from the document alone. The codes are Twilio's
 * (twilio.com/docs/api/errors): 12100 where it could not read it, 12200 where it warns of names or nesting that it does not know.
 */
import { allTags, parentsOf, rootSchema, schemaOf, type ElementSchema, type TwimlKind } from "./element-schema.ts";
import { maxBodyLength, maxMessages, readMessage } from "./message-verb.ts";
import { nearestName } from "./near-name.ts";
import type { Place, XmlElement } from "./xml-reader.ts";

export interface TwimlProblem {
  readonly code?: number;
  /** Nothing of the document counts. */
  readonly isFatal: boolean;
  readonly message: string;
  readonly place: Place;
  /** Absent where there is no tree. */
  readonly element?: XmlElement;
}

/** A document of nothing but mistakes needs no longer list. */
const maxProblems = 100;

export function findProblems(root: XmlElement, kind: TwimlKind): TwimlProblem[] {
  if (root.name !== "Response") {
    const isCase = root.name.toLowerCase() === "response";
    const message = isCase
      ? `The root is <${root.name}>: names are case-sensitive, it must be <Response>`
      : `The root is <${root.name}>: everything must stand in a <Response>`;
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
        warn(`Text means nothing in <${element.name}>: "${first.length > 40 ? `${first.slice(0, 40)}…` : first}"`);
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
  // The version of the markup, what an editor has added, and what any XML may have.
  if ((isRoot && name === "version") || /^(?:xmlns|xsi|xml)(?::|$)/.test(name)) return undefined;
  if (attributes.has(name)) {
    const isMethod = name === "method" || name.endsWith("Method");
    if (!isMethod || /^(?:GET|POST)$/i.test(value)) return undefined;
    return `${name}="${value}" on <${element.name}>: it may be GET or POST`;
  }
  const near = nearestName(name, attributes);
  const question = near === undefined ? "" : `: did you mean ${near}?`;
  return `<${element.name}> has no attribute ${name}${question}`;
}

function nestingProblem(name: string, parent: string, schema: ElementSchema, kind: TwimlKind): string {
  const here = nearestName(name, schema.children.keys());
  if (here?.toLowerCase() === name.toLowerCase()) return `<${name}>: names are case-sensitive, it must be <${here}>`;
  const places = parentsOf(kind, name);
  if (places.length > 0) {
    return `<${name}> cannot stand in <${parent}>: it belongs in ${places.map((each) => `<${each}>`).join(" or ")}`;
  }
  const other = kind === "voice" ? "messaging" : "voice";
  if (allTags(other).has(name)) {
    const isFor = other === "voice" ? "calls" : "messages";
    return `<${name}> is for ${isFor}, and this is the reply to a ${kind === "voice" ? "call" : "message"}`;
  }
  const near = here ?? nearestName(name, allTags(kind));
  return `There is no <${name}>${near === undefined ? "" : `: did you mean <${near}>?`}`;
}

function checkMessages(root: XmlElement, problems: TwimlProblem[]): void {
  let count = 0;
  for (const element of root.content) {
    if (typeof element === "string" || element.name !== "Message") continue;
    count += 1;
    const at = { isFatal: false, place: element.place, element };
    const { body, media } = readMessage(element);
    if (body === "" && media.length === 0) {
      problems.push({ ...at, code: 14103, message: "This message has neither text nor media: it is not sent" });
    }
    if (body.length > maxBodyLength) {
      const message = `This message has ${body.length} characters: more than ${maxBodyLength} are not sent`;
      problems.push({ ...at, code: 14103, message });
    }
    if (count === maxMessages + 1) {
      problems.push({ ...at, code: 14109, message: `No more than ${maxMessages} messages answer a message` });
    }
  }
}
