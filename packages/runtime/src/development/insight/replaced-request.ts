/** A parameter called `request` replaces the headers and cookies of the request in `event`. */
import type { Detector, Facts, Place } from "./facts.ts";

export const replacedRequest: Detector = (facts) => {
  const diagnosis = facts.diagnosisOf("request-replaced");
  if (diagnosis === undefined) return [];
  // Functions can forge diagnoses.
  const source = sources.find((each) => each === diagnosis.notes[0]) ?? "caller";
  const text = `The ${source}'s \`request\` replaces the request's headers and cookies in event.request. The function can read them only if the caller sends no parameter of that name.`;
  return [{ text, place: whereRead(facts) }];
};

/** The first line of the function's file that reads them. */
function whereRead(facts: Facts): Place | undefined {
  const lines = facts.outlineOf(facts.file)?.requestReads ?? [];
  return lines.length === 0 ? undefined : { file: facts.file, line: Math.min(...lines), column: 1 };
}

const sources = ["query", "form", "JSON body"];
