/**
 * What a test wants to say of TwiML.
 */
import assert from "node:assert";
import { parseTwiml, type TwimlElement, type TwimlSource } from "./twiml-tree.ts";

/**
 * The same elements, attributes and texts in the same order; the order of attributes does not matter, nor does white space
 * between elements and at the ends of a text.
 * @throws assert.AssertionError with both, one element a line; what `parseTwiml` throws where either is no TwiML.
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

/** The names of what is directly in the root, or in the element given, in order. */
export function verbs(source: TwimlSource): string[] {
  return parseTwiml(source).children.map(({ name }) => name);
}

/** The first of that name, however deep; undefined if there is none. */
export function findVerb(source: TwimlSource, name: string): TwimlElement | undefined {
  for (const child of parseTwiml(source).children) {
    const found = child.name === name ? child : findVerb(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** One way to write each tree, so that those that differ are told apart by their text. */
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

/** Line breaks too, so that a text stays on its line. */
function escaped(text: string): string {
  return text.replace(/[&<>"\r\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}
