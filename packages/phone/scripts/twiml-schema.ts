/**
 * Reads which TwiML elements, attributes and nestings the `twilio` package can write, and keeps them as
 * `src/twiml/twiml-schema.ts`. Run it when that package has a new version; a test compares both.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

interface ElementSchema {
  readonly attributes: readonly string[];
  /** Whether text directly in it means something. */
  readonly hasText: boolean;
  /** The name of a child, and which element it is: <Queue> in <Dial> is another than in <Response>. */
  readonly children: Readonly<Record<string, string>>;
}

const folder = dirname(createRequire(import.meta.url).resolve("twilio/lib/twiml/VoiceResponse"));
const roots = { voice: "VoiceResponse", messaging: "MessagingResponse" } as const;

/** All elements of a kind, by the name of their class; the root has the name of its own. */
function readElements(root: string): Record<string, ElementSchema> {
  const code = readFileSync(join(folder, `${root}.js`), "utf8");
  const types = readFileSync(join(folder, `${root}.d.ts`), "utf8");
  const attributes = readAttributes(types);
  const attributesOf = new Map<string, readonly string[]>();
  const childrenOf = new Map<string, Record<string, string>>();
  const withText = new Set<string>();
  for (const { name, body } of sectionsOf(code, /^ *class (\w+) extends/gm)) {
    const made = [...body.matchAll(/new \w+\.(\w+)\(this\.\w+\.ele\("([^"]+)", \w+(, \w+)?\)/g)];
    for (const [, element = "", , text] of made) if (text !== undefined) withText.add(element);
    childrenOf.set(name, Object.fromEntries(made.map(([, element = "", tag = ""]) => [tag, element])));
  }
  for (const [, interfaceName = "", element = ""] of types.matchAll(
    /\battributes\??: \w+\.(\w+)[^)]*\): \w+\.(\w+);/g,
  )) {
    attributesOf.set(element, attributes.get(interfaceName) ?? []);
  }
  const words: Record<string, ElementSchema> = {};
  for (const [name, children] of childrenOf) {
    words[name] = { attributes: attributesOf.get(name) ?? [], children, hasText: withText.has(name) };
  }
  return words;
}

/** Interfaces of one name are one interface. */
function readAttributes(types: string): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [, name = "", body = ""] of types.matchAll(/interface (\w+Attributes) \{([^}]*)\}/g)) {
    const attributeNames = [...body.matchAll(/^ *"?([\w:-]+)"?\?:/gm)].map((match) => match[1] ?? "");
    found.set(name, [...new Set([...(found.get(name) ?? []), ...attributeNames])]);
  }
  return found;
}

function sectionsOf(text: string, head: RegExp): { name: string; body: string }[] {
  const heads = [...text.matchAll(head)];
  return heads.map((match, index) => ({
    name: match[1] ?? "",
    body: text.slice(match.index, heads[index + 1]?.index),
  }));
}

export function schemaText(): string {
  const kinds = Object.entries(roots).map(([kind, root]) => {
    const elements = Object.entries(readElements(root)).map(([name, { attributes, children, hasText }]) => {
      const tags = Object.entries(children).map(([tag, element]) => (tag === element ? tag : `${tag}:${element}`));
      return `    ${name}: ${JSON.stringify([attributes.join(" "), tags.join(" "), hasText ? "text" : ""])},`;
    });
    return [`  ${kind}: {`, ...elements, "  },"].join("\n");
  });
  return `/**
 * Made by scripts/twiml-schema.ts from what the twilio package can write. Do not edit.
 *
 * For each element its attributes, the tags that may stand in it (where the element of a tag has another name, that stands
 * behind a colon), and whether text may.
 */
export const twimlSchema = {
${kinds.join("\n")}
} as const satisfies Readonly<Record<string, Readonly<Record<string, ElementWords>>>>;

type ElementWords = readonly [attributes: string, children: string, text: "text" | ""];
`;
}

if (import.meta.main) {
  writeFileSync(new URL("../src/twiml/twiml-schema.ts", import.meta.url), schemaText());
}
