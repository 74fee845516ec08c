/**
 * Finds the verbs that Twilio never runs, because a verb before them ends the document.
 */
import { elementsOf } from "./element-text.ts";
import { rootSchema, type TwimlKind } from "./element-schema.ts";
import { isLast } from "./twiml-step.ts";
import type { XmlElement } from "./xml-reader.ts";

export interface UnreachedVerbs {
  /** The verb that ends the document. */
  readonly last: XmlElement;
  /** The first verb after it. */
  readonly first: XmlElement;
}

export function findUnreachedVerbs(root: XmlElement, kind: TwimlKind): UnreachedVerbs | undefined {
  // Unknown verbs have a problem of their own.
  const verbs = elementsOf(root).filter(({ name }) => rootSchema(kind).children.has(name));
  const index = verbs.findIndex((verb) => (kind === "messaging" ? verb.name === "Redirect" : isLast(verb)));
  const [last, first] = index === -1 ? [] : verbs.slice(index, index + 2);
  return last === undefined || first === undefined ? undefined : { last, first };
}
