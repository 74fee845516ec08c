/**
 * Describes in words what a verb of voice TwiML does.
 */
import { elementsOf, ownText, textOf } from "./element-text.ts";
import type { XmlElement } from "./xml-reader.ts";

export interface TwimlStep {
  readonly name: string;
  /** The spoken text, or a description of the step. */
  readonly text: string;
  readonly isSpoken: boolean;
  /** The URL of a sound. */
  readonly address?: string;
  /** Attributes that the text does not cover. */
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly nested: readonly XmlElement[];
  /** The webhook after the step. An empty address is the document's own URL. */
  readonly next?: { readonly method: string; readonly address: string };
  /** Whether later verbs are unreachable (twilio.com/docs/voice/twiml/redirect, …/hangup, …/dial#action). */
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
    // Elements inside speech are shown as part of it.
    nested: isSpoken ? [] : elementsOf(element),
    ...(next !== undefined && { next: { method, address: next } }),
    isLast: isLast(element),
  };
}

export function isLast({ name, attributes }: XmlElement): boolean {
  return ends.has(name) || (name === "Dial" && attributes["action"] !== undefined);
}

/** Without an action, these verbs request the document's own URL. */
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
            text: `Sends the keys ${attributes["digits"]}`,
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
      return { text: "Continues with another document" };
    case "Hangup":
      return { text: "Hangs up" };
    case "Reject":
      return {
        text: attributes["reason"] === "busy" ? "Rejects the call as busy" : "Rejects the call",
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
