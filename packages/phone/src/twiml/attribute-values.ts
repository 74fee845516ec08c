/**
 * Checks the values of attributes, as far as Twilio documents which ones are valid.
 */
import type { XmlElement } from "./xml-reader.ts";

interface ValueProblem {
  readonly code?: number;
  readonly message: string;
}

/** @returns undefined if the value is valid, or if nothing is known about it. */
export function valueProblem({ name: tag }: XmlElement, name: string, value: string): ValueProblem | undefined {
  const invalid = `Invalid value for ${name} in <${tag}>: "${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
  if (name === "method" || name.endsWith("Method")) {
    return /^(?:GET|POST)$/i.test(value) ? undefined : { message: `${invalid} (must be GET or POST)` };
  }
  if (tag !== "Gather") return undefined;
  if (name === "finishOnKey" && !/^[\d#*]*$/.test(value)) {
    return { code: 13310, message: `${invalid} (must be one of 0123456789#*)` };
  }
  // Speech allows "auto".
  if (name === "timeout" && !/^(?:\d+|auto)$/.test(value.trim())) {
    return { code: 13313, message: `${invalid} (must be a whole number of seconds)` };
  }
  return undefined;
}
