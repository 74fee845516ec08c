/**
 * What each verb of voice TwiML does to a call (twilio.com/docs/voice/twiml/…). A verb either ends at once, or leaves the
 * call in a phase that waits for an event.
 */
import { elementsOf, textOf } from "../twiml/element-text.ts";
import type { XmlElement } from "../twiml/xml-reader.ts";
import { wholeNumber, type CallDraft, type Gather } from "./call-state.ts";
import { actionOf, hangUp, reportStatus, requestWebhook } from "./call-webhooks.ts";
import { connect, giveUpLine, startDial } from "./dial-lines.ts";
import { enterQueue, leaveQueue, playQueue } from "./queue.ts";
import { startRecording } from "./recording.ts";
import { backgroundNote, stopNote } from "./verb-notes.ts";
import { resolveAddress } from "./web-address.ts";

/** Runs the remaining verbs, until one of them leaves the call waiting. */
export function walk(draft: CallDraft): void {
  for (;;) {
    const [verb, ...rest] = draft.call.verbs;
    if (verb === undefined) return endDocument(draft);
    draft.set({ verbs: rest });
    answer(draft, verb);
    if (!runVerb(draft, verb)) return;
  }
}

function endDocument(draft: CallDraft): void {
  const { inset } = draft.call;
  if (inset === undefined) return hangUp(draft, "Twilio hangs up: the document has no more verbs", "completed");
  if (inset.kind === "screening") return connect(draft, inset.line);
  // The document in the queue starts again (…/enqueue#attributes-wait-url).
  playQueue(draft);
}

/** Only <Reject> leaves a call unanswered (…/reject). */
function answer(draft: CallDraft, { name }: XmlElement): void {
  if (draft.call.answeredAt !== undefined || name === "Reject") return;
  draft.set({ answeredAt: draft.at, status: "in-progress" });
  if (draft.call.setup?.hasAllStatuses === true) reportStatus(draft, "in-progress");
}

/** Runs a verb. Returns true if the next verb follows at once. */
function runVerb(draft: CallDraft, verb: XmlElement): boolean {
  if (draft.call.inset?.kind === "screening" && !screeningVerbs.has(verb.name)) {
    draft.note(
      `<${verb.name}> is ignored: a document for the callee may only contain ${[...screeningVerbs].join(", ")}`,
    );
    return true;
  }
  const run = runners.get(verb.name) ?? stopAt;
  return run(draft, verb) === true;
}

/** Runs a verb. Returns true if the next verb follows at once. */
type Runner = (draft: CallDraft, verb: XmlElement) => boolean | void;

const runners: ReadonlyMap<string, Runner> = new Map<string, Runner>([
  ["Say", play],
  ["Play", play],
  ["Pause", play],
  ["Gather", gather],
  ["Record", startRecording],
  ["Dial", startDial],
  ["Enqueue", enterQueue],
  ["Redirect", (draft, verb) => requestWebhook(draft, { ...actionOf(verb, {}), reference: textOf(verb) })],
  ["Hangup", endCall],
  ["Reject", reject],
  ["Leave", leave],
  ["Start", noteBackground],
  ["Stop", noteBackground],
  ["Sms", sendSms],
]);

function play(draft: CallDraft, verb: XmlElement): boolean {
  if (!perform(draft, verb)) return true;
  draft.set({ phase: "playing" });
  return false;
}

function endCall(draft: CallDraft): boolean {
  const { inset } = draft.call;
  // The callee does not want the call. Which status Twilio reports then is not documented.
  if (inset?.kind === "screening") return giveUpLine(draft, inset.line, "no-answer");
  hangUp(draft, "The function hangs up", "completed");
  return false;
}

function leave(draft: CallDraft, verb: XmlElement): boolean {
  return draft.call.inset?.kind === "queue" ? leaveQueue(draft, "leave") : stopAt(draft, verb);
}

function noteBackground(draft: CallDraft, verb: XmlElement): boolean {
  draft.note(backgroundNote(verb));
  return true;
}

/** The verbs that a callee's document may contain: all but <Dial> (…/number#attributes-url). */
const screeningVerbs: ReadonlySet<string> = new Set(["Say", "Play", "Pause", "Gather", "Redirect", "Hangup"]);

function reject(draft: CallDraft, { attributes }: XmlElement): void {
  if (attributes["reason"] === "busy") hangUp(draft, "The call is rejected as busy", "busy");
  else hangUp(draft, "The call is rejected: the number is not in service", "no-answer");
}

/** Returns true if the next verb follows at once, because the verb has no action. */
function sendSms(draft: CallDraft, verb: XmlElement): boolean {
  const { to = "the caller", action } = verb.attributes;
  draft.note(`<Sms> would send "${textOf(verb)}" to ${to}. The simulated phone sends nothing.`);
  if (action === undefined) return true;
  requestWebhook(draft, actionOf(verb, { SmsSid: draft.makeSid("SM"), SmsStatus: "sent" }));
  return false;
}

/**
 * The call waits until the user continues it: with the action of the verb, or else with the next verb. An unknown verb is
 * skipped: then this returns true.
 */
function stopAt(draft: CallDraft, verb: XmlElement): boolean {
  const text = stopNote(verb);
  if (text === undefined) {
    draft.note(`<${verb.name}> is ignored`);
    return true;
  }
  const next = verb.attributes["action"] === undefined ? undefined : actionOf(verb, {});
  draft.set({ phase: "stuck", obstacle: { text, ...(next !== undefined && { next }) } });
  draft.note(text);
  return false;
}

/** Speaks, plays or pauses. Returns false if there is nothing to hear or to wait for. */
function perform(draft: CallDraft, verb: XmlElement): boolean {
  const text = textOf(verb);
  const { voice, language, loop, digits, length } = verb.attributes;
  const times = loop === "0" ? Infinity : wholeNumber(loop, 1);
  switch (verb.name) {
    case "Say": {
      if (text === "") return false;
      const detail = [voice, language, repeatNote(times)].filter((each) => each !== undefined).join(", ");
      draft.log({ kind: "said", text, detail });
      break;
    }
    case "Play": {
      if (digits !== undefined) draft.note(`Sends the keys ${digits}`);
      if (text === "" || draft.call.setup === undefined) return false;
      draft.log({ kind: "played", url: text, ...ownTarget(draft, text), detail: repeatNote(times) ?? "" });
      break;
    }
    case "Pause": {
      const seconds = wholeNumber(length, 1);
      draft.note(`Pauses for ${seconds} s`);
      draft.wait(seconds);
      return true;
    }
    default:
      return false;
  }
  sound(draft, verb, times - 1);
  return true;
}

function repeatNote(times: number): string | undefined {
  if (times === 1) return undefined;
  return times === Infinity ? "repeated until the caller hangs up" : `${times} times`;
}

function ownTarget(draft: CallDraft, url: string): { readonly target?: string } {
  const { setup, url: document } = draft.call;
  if (setup === undefined) return {};
  const address = resolveAddress(url, document, setup.site);
  return address.kind === "own" ? { target: address.target } : {};
}

/** @param left number of repetitions after this one. */
function sound(draft: CallDraft, verb: XmlElement, left: number): void {
  const text = textOf(verb);
  const { language } = verb.attributes;
  const step = draft.nextStep();
  draft.set({ repetition: left > 0 ? { verb, step, left } : undefined });
  if (verb.name === "Play") return void draft.effects.push({ kind: "play", step, ms: 2000, ...ownTarget(draft, text) });
  const ms = Math.min(3000, 500 + text.length * 25);
  draft.effects.push({ kind: "speak", step, text, ms, ...(language !== undefined && { language }) });
}

/** Starts the next round of a <Say> or <Play> with `loop`. Returns false if there is none. */
export function repeat(draft: CallDraft, isSkipped: boolean): boolean {
  const { repetition, step } = draft.call;
  if (repetition === undefined || repetition.step !== step) return false;
  const { verb, left } = repetition;
  if (isSkipped && left !== Infinity) return false;
  sound(draft, verb, left - 1);
  return true;
}

/** How long `auto` waits is up to Twilio. Here, it is long enough for somebody who types. */
const autoSpeechSeconds = 3;

/** The phrases that a <Gather> expects. A class of phrases, such as `$OPERAND`, names no phrase. */
export function hintsOf({ element }: Gather): readonly string[] {
  const phrases = (element.attributes["hints"] ?? "").split(",").map((each) => each.trim());
  return [...new Set(phrases)].filter((each) => each !== "" && !each.startsWith("$"));
}

function gather(draft: CallDraft, element: XmlElement): void {
  const { input = "dtmf", finishOnKey = "#", numDigits, timeout, speechTimeout } = element.attributes;
  const timeoutSeconds = wholeNumber(timeout, 5);
  const inputs = input.split(/[\s,]+/);
  draft.set({
    gather: {
      element,
      prompts: elementsOf(element),
      digits: "",
      takesKeys: inputs.includes("dtmf"),
      takesSpeech: inputs.includes("speech"),
      finishOnKey,
      numDigits: wholeNumber(numDigits, Infinity),
      timeoutSeconds,
      speechTimeoutSeconds: speechTimeout === "auto" ? autoSpeechSeconds : wholeNumber(speechTimeout, timeoutSeconds),
      speech: "",
      partials: 0,
    },
  });
  prompt(draft);
}

/** Starts the next prompt. After the last one, the timeout starts (…/gather#timeout). */
export function prompt(draft: CallDraft): void {
  for (;;) {
    const current = draft.call.gather;
    if (current === undefined) return;
    const [next, ...prompts] = current.prompts;
    if (next === undefined) return listen(draft);
    draft.set({ gather: { ...current, prompts } });
    if (!perform(draft, next)) continue;
    draft.set({ phase: "prompting" });
    return;
  }
}

/** While the caller speaks, `speechTimeout` counts, and otherwise `timeout` (…/gather#speechtimeout). */
export function listen(draft: CallDraft): void {
  const { gather: current } = draft.call;
  draft.set({ phase: "listening" });
  draft.wait((current?.speech === "" ? current.timeoutSeconds : current?.speechTimeoutSeconds) ?? 0);
}
