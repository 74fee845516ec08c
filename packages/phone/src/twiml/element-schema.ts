/**
 * The rules of the TwiML schema: which elements, attributes and text each element allows.
 */
import { twimlSchema } from "./twiml-schema.ts";

export type TwimlKind = keyof typeof twimlSchema;

export interface ElementSchema {
  readonly attributes: ReadonlySet<string>;
  /** Maps tag names to the names of their elements in the schema. */
  readonly children: ReadonlyMap<string, string>;
  readonly hasText: boolean;
}

const roots = { voice: "VoiceResponse", messaging: "MessagingResponse" } as const;

const schemas = { voice: readSchemas("voice"), messaging: readSchemas("messaging") };

function readSchemas(kind: TwimlKind): ReadonlyMap<string, ElementSchema> {
  return new Map(
    Object.entries(twimlSchema[kind]).map(([element, [attributes, children, text]]) => {
      const tags = split(children).map((each): [string, string] => {
        const [tag = "", name = tag] = each.split(/:(?=[^:]*$)/);
        return [tag, name];
      });
      return [element, { attributes: new Set(split(attributes)), children: new Map(tags), hasText: text === "text" }];
    }),
  );
}

function split(list: string): string[] {
  return list.split(" ").filter((each) => each !== "");
}

export function schemaOf(kind: TwimlKind, element: string): ElementSchema | undefined {
  return schemas[kind].get(element);
}

export function rootSchema(kind: TwimlKind): ElementSchema {
  // Both schemas have a root.
  return schemas[kind].get(roots[kind]) as ElementSchema;
}

/** All tags that documents of this kind may contain. */
export function allTags(kind: TwimlKind): ReadonlySet<string> {
  return new Set([...schemas[kind].values()].flatMap(({ children }) => [...children.keys()]));
}

/** The tags in which this tag is allowed. The root is `Response`. */
export function parentsOf(kind: TwimlKind, tag: string): string[] {
  const parents = new Set<string>();
  for (const [name, element] of schemas[kind]) {
    if (!element.children.has(tag)) continue;
    if (name === roots[kind]) parents.add("Response");
    for (const other of schemas[kind].values()) {
      for (const [otherTag, otherName] of other.children) if (otherName === name) parents.add(otherTag);
    }
  }
  return [...parents];
}
