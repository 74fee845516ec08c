/**
 * What is in an element.
 */
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
