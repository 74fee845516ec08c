/**
 * The lines of a <Dial>: who is called, who answers, and how it ends (…/twiml/dial, …/twiml/number).
 */
import { elementsOf, textOf } from "../twiml/element-text.ts";
import type { XmlElement } from "../twiml/xml-reader.ts";
import type { CallDraft, Dial, DialLine, DialOutcome } from "./call-state.ts";
import {
  actionOf,
  durationFields,
  lineFields,
  methodOf,
  progressFields,
  report,
  requestWebhook,
} from "./call-webhooks.ts";
import { recordingFields, reportRecording } from "./recording.ts";
import { resolveAddress } from "./web-address.ts";

/** Nouns that connect the caller to a place where others may be, not to one party. */
const rooms: ReadonlySet<string> = new Set(["Conference", "Queue"]);

export function isRoom({ name }: Pick<DialLine, "name">): boolean {
  return rooms.has(name);
}

export function startDial(draft: CallDraft, element: XmlElement): void {
  const { sequential, timeout = "30", timeLimit, record, recordingStatusCallback } = element.attributes;
  const nouns = elementsOf(element);
  const called = nouns.length > 0 ? nouns : textOf(element) === "" ? [] : [element];
  const isSequential = sequential === "true";
  const lines = called.map((noun, index): DialLine => {
    const name = noun === element ? "Number" : noun.name;
    const status = isSequential && index > 0 ? "waiting" : "ringing";
    return { name, address: textOf(noun), element: noun, sid: draft.makeSid("CA"), status, sequence: 0 };
  });
  draft.set({ phase: "dialling", dial: { element, lines, answered: undefined, answeredAt: 0 } });
  draft.note(
    `Dials ${dialled(element)}${lines.length < 2 ? "" : isSequential ? ", one after the other" : ", all at once"}`,
  );
  if (lines.some(isRoom)) draft.note(roomNote(lines));
  else
    draft.note(
      `Twilio would ring for ${timeout} s${timeLimit === undefined ? "" : `, and end the conversation after ${timeLimit} s`}.`,
    );
  if (recordingStatusCallback !== undefined && !isRecorded(record))
    draft.note("recordingStatusCallback does nothing here, because this <Dial> does not record.");
  lines.forEach((line, index) => {
    if (line.status === "ringing") reportRinging(draft, index);
  });
}

function roomNote(lines: readonly DialLine[]): string {
  return lines.some(({ name }) => name === "Queue")
    ? "Twilio would connect the caller to the first call in the queue. Here you choose whether there is one."
    : "Twilio would put the caller into the conference, and send its events to statusCallback. Here you choose whether somebody joins. No conference events are sent.";
}

/** The numbers and other nouns in a <Dial>, for people to read. */
function dialled(dial: XmlElement): string {
  const nouns = elementsOf(dial).map((noun) => `${noun.name} ${textOf(noun)}`.trim());
  return nouns.length > 0 ? nouns.join(", ") : textOf(dial) || "nobody";
}

function isRecorded(record: string | undefined): boolean {
  return /^(?:true|record)/.test(record ?? "");
}

/**
 * A line answers, or does not.
 * @returns whether the call continues with the next verb.
 */
export function endRinging(draft: CallDraft, index: number, outcome: DialOutcome): boolean {
  const { dial } = draft.call;
  const line = dial?.lines[index];
  if (dial === undefined || line?.status !== "ringing") return false;
  draft.set({ unattended: 0 });
  draft.log({
    kind: "callee",
    text: `${line.address || line.name}: ${outcome}`,
    act: { kind: "line", line: index, outcome },
  });
  if (outcome !== "answered") return giveUpLine(draft, index, outcome);
  setLine(draft, index, "in-progress");
  reportLine(draft, index, "answered");
  // Those who ring at the same time are not needed any more.
  dial.lines.forEach((other, at) => {
    if (at !== index && other.status === "ringing") endLine(draft, at, "canceled", 0);
  });
  startScreening(draft, index);
  return false;
}

/** The document in `url` runs on the callee's side before the parties are connected (…/number#attributes-url). */
function startScreening(draft: CallDraft, index: number): void {
  const { dial, setup, verbs, url } = draft.call;
  const line = dial?.lines[index];
  const reference = line?.element.attributes["url"];
  if (line === undefined || setup === undefined) return;
  if (line.element.attributes["sendDigits"] !== undefined)
    draft.note(`Sends the keys ${line.element.attributes["sendDigits"]} to ${line.address}`);
  if (reference === undefined || isRoom(line)) return connect(draft, index);
  const address = resolveAddress(reference, url, setup.site);
  if (address.kind !== "own") {
    draft.note(`The document in url (${reference}) is not part of this project, so ${line.address} does not hear it.`);
    return connect(draft, index);
  }
  draft.note(`${line.address} hears the document in url first. The caller still hears ringing.`);
  draft.set({ inset: { kind: "screening", line: index, verbs, url } });
  requestWebhook(draft, { reference, method: methodOf(line.element.attributes["method"]), fields: {} });
}

/** The parties talk until one of them hangs up. */
export function connect(draft: CallDraft, index: number): void {
  const { dial } = draft.call;
  if (dial === undefined) return;
  leaveScreening(draft);
  draft.quiet();
  draft.set({ phase: "talking", dial: { ...dial, answered: index, answeredAt: draft.at } });
  draft.note(isRoom(dial.lines[index] ?? { name: "" }) ? "The caller is not alone any more" : "They are connected");
}

/** The outer document becomes the call's document again. */
function leaveScreening(draft: CallDraft): void {
  const { inset } = draft.call;
  if (inset?.kind !== "screening") return;
  const { verbs, url } = inset;
  draft.set({ inset: undefined, verbs, url, gather: undefined, recording: undefined, obstacle: undefined });
}

/**
 * A line does not connect. With `sequential`, the next line rings.
 * @returns whether the call continues with the next verb.
 */
export function giveUpLine(draft: CallDraft, index: number, outcome: Exclude<DialOutcome, "answered">): boolean {
  leaveScreening(draft);
  draft.quiet();
  endLine(draft, index, outcome, 0);
  const lines = draft.call.dial?.lines ?? [];
  draft.set({ phase: "dialling" });
  if (lines.some(({ status }) => status === "ringing")) return false;
  const next = lines.findIndex(({ status }) => status === "waiting");
  if (next === -1) return endDial(draft, outcome, 0);
  setLine(draft, next, "ringing");
  reportRinging(draft, next);
  return false;
}

/**
 * With an action, Twilio never reaches the next verb. Without one, it does (…/dial#action).
 * @returns whether the call continues with the next verb.
 */
export function endDial(draft: CallDraft, outcome: DialOutcome, seconds: number): boolean {
  const { dial } = draft.call;
  if (dial === undefined) return false;
  const { element } = dial;
  leaveScreening(draft);
  const isAnswered = outcome === "answered";
  const index =
    dial.answered ??
    Math.max(
      0,
      dial.lines.findLastIndex(({ status }) => status !== "waiting"),
    );
  const line = dial.lines[index];
  endLines(draft, dial, isAnswered ? index : undefined, seconds, outcome);
  draft.set({ unattended: 0 });
  draft.note(isAnswered ? `Answered: they talk for ${seconds} s` : `Not connected: ${outcome}`);
  const recording = isAnswered && isRecorded(element.attributes["record"]) ? draft.makeSid("RE") : undefined;
  if (recording !== undefined)
    reportRecording(draft, { element, status: "completed", sid: recording, seconds, source: "DialVerb" });
  draft.set({ dial: undefined });
  if (element.attributes["action"] === undefined) return true;
  requestWebhook(
    draft,
    actionOf(element, {
      DialCallStatus: isAnswered && line?.name !== "Conference" ? "completed" : outcome,
      DialCallSid: line?.sid ?? draft.makeSid("CA"),
      DialBridged: String(isAnswered),
      ...(isAnswered && { DialCallDuration: String(seconds) }),
      ...(recording !== undefined && recordingFields(draft, recording, seconds)),
    }),
  );
  return false;
}

/** The caller has hung up: the lines end with the call. */
export function abandonDial(draft: CallDraft): void {
  const { dial } = draft.call;
  if (dial === undefined) return;
  leaveScreening(draft);
  endLines(draft, dial, dial.answered, talkSeconds(draft, dial), "canceled");
}

function talkSeconds({ at }: CallDraft, { answeredAt }: Dial): number {
  return Math.round((at - answeredAt) / 1000);
}

/** @param answered the line that has talked for `seconds`. All others end with `outcome`. */
function endLines(
  draft: CallDraft,
  { lines }: Dial,
  answered: number | undefined,
  seconds: number,
  outcome: DialOutcome | "canceled",
): void {
  lines.forEach((line, index) => {
    if (line.status !== "ringing" && line.status !== "in-progress") return;
    if (index === answered) endLine(draft, index, "completed", seconds);
    else endLine(draft, index, outcome === "answered" ? "canceled" : outcome, 0);
  });
}

function setLine(draft: CallDraft, index: number, status: DialLine["status"]): void {
  const { dial } = draft.call;
  if (dial === undefined) return;
  const lines = dial.lines.map((line, at) => (at === index ? { ...line, status } : line));
  draft.set({ dial: { ...dial, lines } });
}

function endLine(draft: CallDraft, index: number, status: DialLine["status"], seconds: number): void {
  setLine(draft, index, status);
  reportLine(draft, index, "completed", durationFields(seconds));
}

function reportRinging(draft: CallDraft, index: number): void {
  reportLine(draft, index, "initiated", { CallStatus: "initiated" });
  reportLine(draft, index, "ringing");
}

/** The status callback of a <Number>, <Sip> or <Client>. By default Twilio only reports the end (…/twiml/number). */
function reportLine(
  draft: CallDraft,
  index: number,
  event: "initiated" | "ringing" | "answered" | "completed",
  fields: Readonly<Record<string, string>> = {},
): void {
  const { dial } = draft.call;
  const line = dial?.lines[index];
  if (dial === undefined || line === undefined || isRoom(line) || line.element === dial.element) return;
  const { statusCallback, statusCallbackMethod, statusCallbackEvent = "completed" } = line.element.attributes;
  if (statusCallback === undefined || !statusCallbackEvent.split(/[\s,]+/).includes(event)) return;
  const lines = dial.lines.map((each, at) => (at === index ? { ...each, sequence: each.sequence + 1 } : each));
  report(draft, {
    reference: statusCallback,
    method: statusCallbackMethod,
    about: `status of ${line.address}`,
    fields: { ...lineFields(draft.call, line), ...fields, ...progressFields(draft, line.sequence) },
  });
  draft.set({ dial: { ...dial, lines } });
}
