/**
 * Formats TwiML with one element per line.
 */
import { parseTwiml, type TwimlElement } from "@offhook/helpers/testing";

/** @throws SyntaxError if the text is not XML. */
export function twimlText(xml: string): string {
  const declaration = /^\s*(<\?xml[^>]*\?>)/.exec(xml)?.[1];
  return [...(declaration === undefined ? [] : [declaration]), elementText(parseTwiml(xml), "")].join("\n");
}

function elementText({ name, attributes, content }: TwimlElement, indent: string): string {
  const pairs = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escaped(value).replaceAll('"', "&quot;")}"`,
  );
  const start = `${indent}<${name}${pairs.join("")}`;
  const [only] = content;
  if (only === undefined) return `${start}/>`;
  if (content.length === 1 && typeof only === "string") return `${start}>${escaped(only)}</${name}>`;
  const inner = content.map((each) =>
    typeof each === "string" ? `${indent}  ${escaped(each)}` : elementText(each, `${indent}  `),
  );
  return [`${start}>`, ...inner, `${indent}</${name}>`].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
