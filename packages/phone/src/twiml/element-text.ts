/**
 * Reads the elements and the text inside an element.
 */
import type { XmlElement } from "./xml-reader.ts";

export function elementsOf(element: XmlElement): XmlElement[] {
  return element.content.filter((each) => typeof each !== "string");
}

/** All text inside the element and its descendants, on one line. */
export function textOf(element: XmlElement): string {
  return deepText(element).replace(/\s+/g, " ").trim();
}

/** All text inside the element, unchanged, because line breaks count in a message. */
export function deepText(element: XmlElement): string {
  return element.content.map((each) => (typeof each === "string" ? each : deepText(each))).join("");
}

/** The text directly inside the element. */
export function ownText(element: XmlElement): string {
  return element.content
    .filter((each) => typeof each === "string")
    .join("")
    .trim();
}
