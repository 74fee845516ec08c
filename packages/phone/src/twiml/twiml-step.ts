/**
 * What a verb of voice TwiML does, in words.
 */
import { elementsOf, ownText, textOf } from "./element-text.ts";
import type { XmlElement } from "./xml-reader.ts";

export interface TwimlStep {
  readonly name: string;
  /** What is said, or in words what is done. */
  readonly text: string;
  readonly isSpoken: boolean;
  /** An address that the step names: of a sound, or of the document that goes on. */
  readonly address?: string;
  /** What is not in the words. */
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly nested: readonly XmlElement[];
  /** Where it posts to when it is over; an empty address is the document's own. */
  readonly next?: { readonly method: string; readonly address: string };
  /** What stands after it is not reached (twilio.com/docs/voice/twiml/redirect, …/hangup, …/dial#action). */
  readonly isLast: boolean;
}

export function stepOf(element: XmlElement): TwimlStep {
  const { name, attributes } = element;
  const summary = summaryOf(element);
  const covered = new Set(["action", "method", ...(summary.coveredAttributes ?? [])]);
  const address = attributes["action"] ?? (asksItself.has(name) ? "" : undefined);
  const method = attributes["method"]?.toUpperCase() === "GET" ? "GET" : "POST";
  const isSpoken = name === "Say";
  const next = name === "Redirect" ? textOf(element) : address;
  return {
    name,
    text: summary.text,
    isSpoken,
    ...(summary.address !== undefined && { address: summary.address }),
    attributes: Object.entries(attributes).filter(([each]) => !covered.has(each)),
    // What stands in speech is drawn with it.
    nested: isSpoken ? [] : elementsOf(element),
    ...(next !== undefined && { next: { method, address: next } }),
    isLast: isLast(element),
  };
}

export function isLast({ name, attributes }: XmlElement): boolean {
  return ends.has(name) || (name === "Dial" && attributes["action"] !== undefined);
}

/** Without an action they ask the document's own URL. */
const asksItself = new Set(["Gather", "Record"]);
const ends = new Set(["Redirect", "Hangup", "Reject"]);

interface StepSummary {
  readonly text: string;
  readonly address?: string;
  readonly coveredAttributes?: readonly string[];
}

function summaryOf(element: XmlElement): StepSummary {
  const { name, attributes } = element;
  const text = textOf(element);
  switch (name) {
    case "Say":
      return { text };
    case "Play":
      return attributes["digits"] === undefined
        ? { text: "", address: text }
        : {
            text: `The keys ${attributes["digits"]}`,
            coveredAttributes: ["digits"],
            ...(text !== "" && { address: text }),
          };
    case "Pause":
      return { text: `${attributes["length"] ?? "1"} s`, coveredAttributes: ["length"] };
    case "Gather":
      return { text: gatherSummary(attributes), coveredAttributes: ["input", "numDigits", "finishOnKey", "timeout"] };
    case "Record":
      return { text: recordSummary(attributes), coveredAttributes: ["maxLength", "finishOnKey", "timeout"] };
    case "Redirect":
      return { text: "Goes on with another document" };
    case "Hangup":
      return { text: "The call is over" };
    case "Reject":
      return {
        text: attributes["reason"] === "busy" ? "Busy; not answered" : "Not answered",
        coveredAttributes: ["reason"],
      };
    case "Leave":
      return { text: "Leaves the queue" };
    case "Dial":
      return { text: ownText(element) };
    default:
      return { text: ownText(element) };
  }
}

function gatherSummary(attributes: XmlElement["attributes"]): string {
  const { input = "dtmf", numDigits, finishOnKey = "#", timeout = "5" } = attributes;
  const kinds = input.split(/[\s,]+/);
  const count = numDigits === undefined ? "keys" : numDigits === "1" ? "one key" : `${numDigits} keys`;
  const keys = kinds.includes("dtmf") ? [count] : [];
  const speech = kinds.includes("speech") ? ["speech"] : [];
  const end = keys.length === 0 || numDigits === "1" || finishOnKey === "" ? "" : `, or until ${finishOnKey}`;
  return `Waits for ${[...keys, ...speech].join(" or ")}${end}, ${timeout} s`;
}

function recordSummary({ maxLength, finishOnKey, timeout = "5" }: XmlElement["attributes"]): string {
  const end = finishOnKey === undefined ? "any key" : finishOnKey;
  const limit = maxLength === undefined ? "" : `, ${maxLength} s at most`;
  return `Records until ${end === "" ? "" : `${end} or `}${timeout} s of silence${limit}`;
}
