/**
 * Assertions about TwiML.
 */
import assert from "node:assert";
import { parseTwiml, type TwimlElement, type TwimlSource } from "./twiml-tree.ts";

/**
 * Asserts that both have the same elements and texts in the same order, with the same attributes. The order of
 * attributes does not matter, and neither does white space between elements or at the ends of a text.
 * @throws assert.AssertionError that shows both, one element a line. Throws like `parseTwiml` if one of them is not
 * TwiML.
 */
export function assertTwiml(actual: TwimlSource, expected: TwimlSource): void {
  const [is, shouldBe] = [printed(parseTwiml(actual)), printed(parseTwiml(expected))];
  if (is === shouldBe) return;
  throw new assert.AssertionError({
    message: `The TwiML is not as expected.\nActual:\n${is}\n\nExpected:\n${shouldBe}\n`,
    actual: is,
    expected: shouldBe,
    operator: "assertTwiml",
    stackStartFn: assertTwiml,
  });
}

/** The names of the direct children of the root, or of the given element, in order. */
export function verbs(source: TwimlSource): string[] {
  return parseTwiml(source).children.map(({ name }) => name);
}

/** The first element of that name, at any depth; undefined if there is none. */
export function findVerb(source: TwimlSource, name: string): TwimlElement | undefined {
  for (const child of parseTwiml(source).children) {
    const found = child.name === name ? child : findVerb(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A canonical text of a tree. Trees that differ have different texts. */
function printed({ name, attributes, content }: TwimlElement, indent = ""): string {
  const pairs = Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const start = [name, ...pairs.map(([key, value]) => `${key}="${escaped(value)}"`)].join(" ");
  if (content.length === 0) return `${indent}<${start}/>`;
  const [only] = content;
  if (content.length === 1 && typeof only === "string") return `${indent}<${start}>${escaped(only)}</${name}>`;
  const inner = content.map((each) =>
    typeof each === "string" ? `${indent}  ${escaped(each)}` : printed(each, `${indent}  `),
  );
  return [`${indent}<${start}>`, ...inner, `${indent}</${name}>`].join("\n");
}

/** Escapes line breaks too, so that a text stays on its line. */
function escaped(text: string): string {
  return text.replace(/[&<>"\r\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}
