/**
 * What each verb of voice TwiML does to a call (twilio.com/docs/voice/twiml/…). A verb either ends at once, or leaves the
 * call in a phase that waits for an event.
 */
import { elementsOf, textOf } from "../twiml/element-text.ts";
import type { XmlElement } from "../twiml/xml-reader.ts";
import { wholeNumber, type CallDraft } from "./call-state.ts";
import { actionOf, requestWebhook, hangUp } from "./call-webhooks.ts";
import { resolveAddress } from "./web-address.ts";

/** Runs the remaining verbs, until one of them leaves the call waiting. */
export function walk(draft: CallDraft): void {
  for (;;) {
    const [verb, ...rest] = draft.call.verbs;
    if (verb === undefined) return hangUp(draft, "Twilio hangs up: the document has no more verbs", "completed");
    draft.set({ verbs: rest });
    answer(draft, verb);
    if (!runVerb(draft, verb)) return;
  }
}

/** Only <Reject> leaves a call unanswered (…/reject). */
function answer(draft: CallDraft, { name }: XmlElement): void {
  if (draft.call.answeredAt === undefined && name !== "Reject") {
    draft.set({ answeredAt: draft.at, status: "in-progress" });
  }
}

/** Runs a verb. Returns true if the next verb follows at once. */
function runVerb(draft: CallDraft, verb: XmlElement): boolean {
  switch (verb.name) {
    case "Say":
    case "Play":
    case "Pause":
      if (!perform(draft, verb)) return true;
      draft.set({ phase: "playing" });
      return false;
    case "Gather":
      gather(draft, verb);
      return false;
    case "Record":
      record(draft, verb);
      return false;
    case "Dial":
      draft.set({ phase: "dialling", dial: verb });
      draft.note(`Dials ${dialled(verb)}`);
      return false;
    case "Redirect":
      requestWebhook(draft, { ...actionOf(verb, {}), reference: textOf(verb) });
      return false;
    case "Hangup":
      hangUp(draft, "The function hangs up", "completed");
      return false;
    case "Reject":
      reject(draft, verb);
      return false;
    case "Start":
    case "Stop":
      skipBackgroundWork(draft, verb);
      return true;
    case "Sms":
      return sendSms(draft, verb);
    default: {
      const obstacle = obstacles.get(verb.name);
      if (obstacle === undefined) {
        draft.note(`<${verb.name}> is ignored`);
        return true;
      }
      stopAt(draft, verb, obstacle);
      return false;
    }
  }
}

function reject(draft: CallDraft, { attributes }: XmlElement): void {
  if (attributes["reason"] === "busy") hangUp(draft, "The call is rejected as busy", "busy");
  else hangUp(draft, "The call is rejected: the number is not in service", "no-answer");
}

/** <Start> and <Stop> control streams, recordings and transcriptions that run beside the call. */
function skipBackgroundWork(draft: CallDraft, verb: XmlElement): void {
  const nouns = elementsOf(verb).map(({ name }) => name);
  draft.note(`<${verb.name}> ${nouns.join(", ")} is not simulated. The call continues.`);
}

/** Returns true if the next verb follows at once, because the verb has no action. */
function sendSms(draft: CallDraft, verb: XmlElement): boolean {
  const { to = "the caller", action } = verb.attributes;
  draft.note(`<Sms> would send "${textOf(verb)}" to ${to}. The simulated phone sends nothing.`);
  if (action === undefined) return true;
  requestWebhook(draft, actionOf(verb, { SmsSid: draft.makeSid("SM"), SmsStatus: "sent" }));
  return false;
}

/** Verbs that need a queue, a second party or a Twilio service. */
const obstacles: ReadonlyMap<string, string> = new Map([
  ["Connect", "The call would now be connected to a service"],
  ["Echo", "The caller would hear their own voice until they hang up"],
  ["Enqueue", "The caller would wait in the queue"],
  ["Leave", "The caller would leave the queue"],
  ["Pay", "The caller would be asked for their card"],
  ["Prompt", "The caller would be asked for their card"],
  ["Refer", "The call would be transferred by SIP"],
  ["Queue", "The caller would be connected to a queue"],
]);

/** The call waits until the user continues it: with the action of the verb, or else with the next verb. */
function stopAt(draft: CallDraft, verb: XmlElement, obstacle: string): void {
  const detail = textOf(verb);
  const text = `${obstacle}${detail === "" ? "" : ` ${detail}`}`;
  const next = verb.attributes["action"] === undefined ? undefined : actionOf(verb, extraFields(verb.name, draft));
  draft.set({ phase: "stuck", obstacle: { text, ...(next !== undefined && { next }) } });
  draft.note(text);
}

/** The fields of …/enqueue#attributes-action. For other verbs, the fields are unknown. */
function extraFields(name: string, { makeSid }: CallDraft): Readonly<Record<string, string>> {
  return name === "Enqueue" ? { QueueResult: "leave", QueueSid: makeSid("QU"), QueueTime: "0" } : {};
}

/** Speaks, plays or pauses. Returns false if there is nothing to hear or to wait for. */
function perform(draft: CallDraft, verb: XmlElement): boolean {
  const { setup, url } = draft.call;
  const text = textOf(verb);
  switch (verb.name) {
    case "Say": {
      if (text === "") return false;
      const { voice, language, loop } = verb.attributes;
      const often =
        loop === undefined || loop === "1"
          ? undefined
          : loop === "0"
            ? "repeated until the call ends"
            : `${loop} times`;
      draft.log({
        kind: "said",
        text,
        detail: [voice, language, often].filter((each) => each !== undefined).join(", "),
      });
      const ms = Math.min(3000, 500 + text.length * 25);
      const step = draft.nextStep();
      draft.effects.push({ kind: "speak", step, text, ms, ...(language !== undefined && { language }) });
      return true;
    }
    case "Play": {
      const digits = verb.attributes["digits"];
      if (digits !== undefined) draft.note(`Sends the keys ${digits}`);
      if (text === "" || setup === undefined) return false;
      const address = resolveAddress(text, url, setup.site);
      const target = address.kind === "own" ? { target: address.target } : {};
      draft.log({ kind: "played", url: text, ...target });
      draft.effects.push({ kind: "play", step: draft.nextStep(), ms: 2000, ...target });
      return true;
    }
    case "Pause": {
      const seconds = wholeNumber(verb.attributes["length"], 1);
      draft.note(`Pauses for ${seconds} s`);
      draft.wait(seconds);
      return true;
    }
    default:
      return false;
  }
}

function gather(draft: CallDraft, element: XmlElement): void {
  const { input = "dtmf", finishOnKey = "#", numDigits, timeout } = element.attributes;
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
      timeoutSeconds: wholeNumber(timeout, 5),
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

export function listen(draft: CallDraft): void {
  draft.set({ phase: "listening" });
  draft.wait(draft.call.gather?.timeoutSeconds ?? 0);
}

function record(draft: CallDraft, element: XmlElement): void {
  const { finishOnKey = "1234567890*#", maxLength, playBeep } = element.attributes;
  draft.note(playBeep === "false" ? "Starts recording" : "Beeps and starts recording");
  draft.set({ phase: "recording", recording: { element, startedAt: draft.at, finishOnKey } });
  draft.wait(wholeNumber(maxLength, 3600));
}

/** The numbers and other nouns in a <Dial>, for people to read. */
export function dialled(dial: XmlElement): string {
  const nouns = elementsOf(dial).map((noun) => `${noun.name} ${textOf(noun)}`.trim());
  return nouns.length > 0 ? nouns.join(", ") : textOf(dial) || "nobody";
}
