/**
 * Hints about the place where an invocation is, if it did not call `callback`, or left work pending when it did.
 */
import { basename } from "node:path";
import { nameIn, placeOf, type Detector, type Facts, type Hint, type Place } from "./facts.ts";

const maxLines = 8;

export const computing: Detector = (facts) => {
  const diagnosis = facts.diagnosisOf("computing");
  // With a later `waiting`, the event loop was free again.
  if (diagnosis === undefined || facts.diagnosisOf("waiting") !== undefined) return [];
  const [frame] = diagnosis.stacks[0] ?? [];
  const name = frame === undefined ? "" : nameIn(frame);
  const inside = diagnosis.top.replace(/ \(.*/, "");
  const what = /^RegExp\.|\[Symbol\.(?:match|replace|search|split)/.test(inside) ? "a regular expression" : inside;
  const scope = name === "Object.<anonymous>" ? " at module scope" : name === "" ? "" : ` in ${name}`;
  const where = [scope, what === "" ? "" : `, inside ${what}`].join("");
  const text =
    `The function was still computing${frame === undefined ? "" : " here"}${where} when its time ran out. ` +
    "Until that ends, nothing else in the function can run.";
  return [{ text, place: placeOf(frame) }];
};

export const waiting: Detector = (facts) => {
  const diagnosis = facts.diagnosisOf("waiting");
  // The hint of `ended` says more.
  if (diagnosis === undefined || facts.diagnosisOf("ended") !== undefined) return [];
  const [first, ...others] = diagnosis.stacks;
  const open =
    diagnosis.notes.length > 0
      ? `Still open: ${diagnosis.notes.join(", ")}`
      : "No timer or connection is left that could end the wait";
  if (first === undefined) return [{ text: `The function had not called callback() when its time ran out. ${open}.` }];
  return [
    { text: `The function was still waiting here when its time ran out. ${open}.`, place: placeOf(first[0]) },
    ...others.map((frames): Hint => ({ text: "It was also waiting here.", place: placeOf(frames[0]) })),
  ];
};

/** The function neither returned to its event loop nor could be interrupted. */
export const blocked: Detector = (facts) => {
  const hasDiagnosis = facts.diagnosisOf("computing") !== undefined || facts.diagnosisOf("waiting") !== undefined;
  if (facts.code !== "handler-timed-out" || hasDiagnosis || facts.diagnosisDetail === "nothing") return [];
  if (facts.diagnosisDetail === "waits") {
    const text =
      "The function was busy when its time ran out. Hardened isolates cannot report the line. Without --hardened they can.";
    return [{ text }];
  }
  return [
    {
      text: "The function was busy when its time ran out, and could not report the line in time. Likely causes: a call like execSync(), native code, or a machine that is busy itself.",
    },
  ];
};

/** Also for a handler that returns a value instead of calling `callback`. */
export const ended: Detector = (facts) => {
  const diagnosis = facts.diagnosisOf("ended");
  if (diagnosis === undefined) return [];
  const [kind = "nothing", how] = diagnosis.notes;
  const place = placeOf(diagnosis.stacks[0]?.[0]);
  const calls = callsIn(facts);
  const name = calls?.name ?? "callback";
  const hints: Hint[] = [];
  if (how === "pending") {
    hints.push({
      text: `The handler ended without calling ${name}(). Code that it did not await is still waiting here, and nothing is left that could end the wait.`,
      place,
    });
  } else if (kind !== "nothing") {
    hints.push({
      text: `The handler returned ${kind} and did not call ${name}(). Return values are not sent. Pass the value to ${name}(null, …).`,
      place: place ?? handlerIn(facts),
    });
  } else if (place !== undefined) {
    hints.push({ text: `The handler continued after this await and ended without calling ${name}().`, place });
  } else {
    hints.push({
      text: `The handler ended without calling ${name}(), and nothing is left that could call it.`,
      place: handlerIn(facts),
    });
  }
  return calls === undefined ? hints : [...hints, notReached(name, calls.places)];
};

function notReached(name: string, places: readonly Place[]): Hint {
  const [first] = places;
  if (first === undefined) return { text: `The function's file does not call ${name}().` };
  if (places.length === 1) return { text: `This ${name}() was not reached.`, place: first };
  const where = places.slice(0, maxLines).map(({ line }) => line);
  const more = places.length > maxLines ? ", …" : "";
  return { text: `No call of ${name}() was reached (lines ${where.join(", ")}${more}).`, place: first };
}

export const left: Detector = (facts) => {
  return (facts.diagnosisOf("left")?.stacks ?? []).map((frames) => {
    const [inner, outer] = [frames[0], frames.at(-1)];
    const isElsewhere = inner?.file !== outer?.file || inner?.line !== outer?.line;
    const still = isElsewhere ? ` It had reached ${basename(inner?.file ?? "")}:${inner?.line}.` : "";
    return {
      text: `This work was still pending when you called callback(), so it was cancelled.${still} Await it first.`,
      place: placeOf(outer),
    };
  });
};

/** One call for each line. Undefined if there is no outline of the file. */
function callsIn(facts: Facts): { readonly name: string; readonly places: readonly Place[] } | undefined {
  const outline = facts.outlineOf(facts.file);
  if (outline === undefined || outline.problem !== undefined) return undefined;
  const byLine = new Map(outline.callbackCalls.map(({ line, column }) => [line, { file: facts.file, line, column }]));
  return { name: outline.callbackName, places: [...byLine.values()].toSorted((a, b) => a.line - b.line) };
}

function handlerIn(facts: Facts): Place | undefined {
  const line = facts.outlineOf(facts.file)?.handler?.line;
  return line === undefined ? undefined : { file: facts.file, line, column: 1 };
}
