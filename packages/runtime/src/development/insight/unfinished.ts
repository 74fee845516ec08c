/**
 * Of invocations that did not call back, or had not finished when they did: where they are.
 */
import { basename } from "node:path";
import { nameIn, placeOf, type Detector, type Facts, type Hint, type Place } from "./facts.ts";

const maxLines = 8;

export const computing: Detector = (facts) => {
  const diagnosis = facts.diagnosisOf("computing");
  // The loop was free again after that.
  if (diagnosis === undefined || facts.diagnosisOf("waiting") !== undefined) return [];
  const [frame] = diagnosis.stacks[0] ?? [];
  const name = frame === undefined ? "" : nameIn(frame);
  const inside = diagnosis.top.replace(/ \(.*/, "");
  const what = /^RegExp\.|\[Symbol\.(?:match|replace|search|split)/.test(inside) ? "a regular expression" : inside;
  const where = [name === "" ? "" : ` in ${name}`, what === "" ? "" : `, at work on ${what}`].join("");
  const text =
    `Its time ran out while it was computing${frame === undefined ? "" : " here"}${where}. ` +
    "As long as that goes on nothing else of the function can run.";
  return [{ text, place: placeOf(frame) }];
};

export const waiting: Detector = (facts) => {
  const diagnosis = facts.diagnosisOf("waiting");
  // That it had ended says more.
  if (diagnosis === undefined || facts.diagnosisOf("ended") !== undefined) return [];
  const [first, ...others] = diagnosis.stacks;
  const open =
    diagnosis.notes.length > 0
      ? `Still open: ${diagnosis.notes.join(", ")}`
      : "Nothing is left that could end that wait: no timer, no connection";
  if (first === undefined) return [{ text: `It had not called back when its time ran out. ${open}.` }];
  return [
    { text: `It still waited here when its time ran out. ${open}.`, place: placeOf(first[0]) },
    ...others.map((frames): Hint => ({ text: "It waited here as well.", place: placeOf(frames[0]) })),
  ];
};

/** It neither looked at the clock nor could be interrupted. */
export const blocked: Detector = (facts) => {
  const hasDiagnosis = facts.diagnosisOf("computing") !== undefined || facts.diagnosisOf("waiting") !== undefined;
  if (facts.code !== "handler-timed-out" || hasDiagnosis || facts.diagnosisDetail === "nothing") return [];
  if (facts.diagnosisDetail === "waits") {
    const text =
      "It was busy when its time ran out, and hardened isolates could not be asked where: without --hardened they can.";
    return [{ text }];
  }
  return [
    {
      text: "It was busy when its time ran out, and could not be asked where in time: in a call like execSync(), in native code, or on a machine that is busy itself.",
    },
  ];
};

/** Also what a handler returns in place of calling back. */
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
      text: `The handler has ended without ${name}(). Something that it did not await still waits here, and nothing is left that could end that wait.`,
      place,
    });
  } else if (kind !== "nothing") {
    hints.push({
      text: `The handler returned ${kind} and did not call ${name}(). What a handler returns is not sent: call ${name}(null, …) with it.`,
      place: place ?? handlerIn(facts),
    });
  } else if (place !== undefined) {
    hints.push({ text: `The handler went on after this await, and ended without calling ${name}().`, place });
  } else {
    hints.push({
      text: `The handler has ended without calling ${name}(), and nothing is left that could call it.`,
      place: handlerIn(facts),
    });
  }
  return calls === undefined ? hints : [...hints, notReached(name, calls.places)];
};

function notReached(name: string, places: readonly Place[]): Hint {
  const [first] = places;
  if (first === undefined) return { text: `There is no call of ${name}() in the function's file.` };
  if (places.length === 1) return { text: `This ${name}() was not reached.`, place: first };
  const where = places.slice(0, maxLines).map(({ line }) => line);
  const more = places.length > maxLines ? ", …" : "";
  return { text: `No ${name}() was reached, of those in lines ${where.join(", ")}${more}.`, place: first };
}

export const left: Detector = (facts) => {
  return (facts.diagnosisOf("left")?.stacks ?? []).map((frames) => {
    const [inner, outer] = [frames[0], frames.at(-1)];
    const isElsewhere = inner?.file !== outer?.file || inner?.line !== outer?.line;
    const still = isElsewhere ? ` It had got to ${basename(inner?.file ?? "")}:${inner?.line}.` : "";
    return {
      text: `What was begun here had not ended when callback() was called, and was cut off.${still} Await it before.`,
      place: placeOf(outer),
    };
  });
};

/** One for each line. Undefined where the file cannot be looked through. */
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
