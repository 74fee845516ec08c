/**
 * What may stand where in TwiML, from the vocabulary.
 */
import { vocabulary } from "./vocabulary.ts";

export type TwimlKind = keyof typeof vocabulary;

export interface ElementWords {
  readonly attributes: ReadonlySet<string>;
  /** From the name of a tag to the words of that element. */
  readonly children: ReadonlyMap<string, string>;
  readonly hasText: boolean;
}

const roots = { voice: "VoiceResponse", messaging: "MessagingResponse" } as const;

const words = { voice: readWords("voice"), messaging: readWords("messaging") };

function readWords(kind: TwimlKind): ReadonlyMap<string, ElementWords> {
  return new Map(
    Object.entries(vocabulary[kind]).map(([element, [attributes, children, text]]) => {
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

export function wordsOf(kind: TwimlKind, element: string): ElementWords | undefined {
  return words[kind].get(element);
}

export function rootWords(kind: TwimlKind): ElementWords {
  // Either vocabulary has its root.
  return words[kind].get(roots[kind]) as ElementWords;
}

/** The tags that something of this kind may have anywhere. */
export function allTags(kind: TwimlKind): ReadonlySet<string> {
  return new Set([...words[kind].values()].flatMap(({ children }) => [...children.keys()]));
}

/** The tags in which this tag may stand; the root is `Response`. */
export function parentsOf(kind: TwimlKind, tag: string): string[] {
  const parents = new Set<string>();
  for (const [name, element] of words[kind]) {
    if (!element.children.has(tag)) continue;
    if (name === roots[kind]) parents.add("Response");
    for (const other of words[kind].values()) {
      for (const [otherTag, otherName] of other.children) if (otherName === name) parents.add(otherTag);
    }
  }
  return [...parents];
}
