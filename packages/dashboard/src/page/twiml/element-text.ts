/**
 * What is in an element.
 */
import { visibleText } from "../visible-text.ts";
import type { XmlElement } from "./xml-reader.ts";

export function elementsOf(element: XmlElement): XmlElement[] {
  return element.content.filter((each) => typeof each !== "string");
}

/** All text in it, that of elements in it as well, in one line. */
export function textOf(element: XmlElement): string {
  return deepText(element).replace(/\s+/g, " ").trim();
}

/** As it stands: line breaks count in a message. */
export function deepText(element: XmlElement): string {
  return element.content.map((each) => (typeof each === "string" ? each : deepText(each))).join("");
}

/** The text directly in it. */
export function ownText(element: XmlElement): string {
  return element.content
    .filter((each) => typeof each === "string")
    .join("")
    .trim();
}

const mostCharacters = 3000;

/**
 * As much of a text as anybody reads, with what cannot be seen written out; layout of a million characters would hold up
 * the page.
 */
export function cutText(text: string): string {
  if (text.length <= mostCharacters) return visibleText(text);
  return `${visibleText(text.slice(0, mostCharacters))}… (${text.length} characters)`;
}
