/**
 * What each verb of voice TwiML does to a call (twilio.com/docs/voice/twiml/…). A verb either is over at once, or leaves the call
 * in a phase that something must happen in.
 */
import { elementsOf, textOf } from "../twiml/element-text.ts";
import type { XmlElement } from "../twiml/xml-reader.ts";
import { wholeNumber, type CallDraft } from "./call-state.ts";
import { actionOf, ask, hangUp } from "./call-webhooks.ts";
import { resolveAddress } from "./web-address.ts";

/** Goes through the verbs that are left until one of them takes its time. */
export function walk(draft: CallDraft): void {
  for (;;) {
    const [verb, ...rest] = draft.call.verbs;
    if (verb === undefined) return hangUp(draft, "There is nothing more to do: Twilio hangs up", "completed");
    draft.set({ verbs: rest });
    answer(draft, verb);
    if (!isOver(draft, verb)) return;
  }
}

/** Only <Reject> leaves a call unanswered (…/reject). */
function answer(draft: CallDraft, { name }: XmlElement): void {
  if (draft.call.answeredAt === undefined && name !== "Reject") {
    draft.set({ answeredAt: draft.at, status: "in-progress" });
  }
}

function isOver(draft: CallDraft, verb: XmlElement): boolean {
  const { attributes } = verb;
  const stop = (): false => false;
  switch (verb.name) {
    case "Say":
    case "Play":
    case "Pause":
      if (!perform(draft, verb)) return true;
      draft.set({ phase: "playing" });
      return stop();
    case "Gather":
      gather(draft, verb);
      return stop();
    case "Record":
      record(draft, verb);
      return stop();
    case "Dial":
      draft.set({ phase: "dialling", dial: verb });
      draft.note(`Dials ${dialled(verb)}`);
      return stop();
    case "Redirect":
      ask(draft, { ...actionOf(verb, {}), reference: textOf(verb) });
      return stop();
    case "Hangup":
      hangUp(draft, "The function hangs up", "completed");
      return stop();
    case "Reject": {
      const isBusy = attributes["reason"] === "busy";
      hangUp(
        draft,
        `The call is rejected: ${isBusy ? "busy" : "the number is not in service"}`,
        isBusy ? "busy" : "no-answer",
      );
      return stop();
    }
    case "Start":
    case "Stop":
      draft.note(
        `<${verb.name}> ${elementsOf(verb)
          .map(({ name }) => name)
          .join(", ")}: not done here; the call goes on`,
      );
      return true;
    case "Sms":
      draft.note(
        `<Sms> would send "${textOf(verb)}" to ${attributes["to"] ?? "the caller"}; nothing is sent from here`,
      );
      if (attributes["action"] === undefined) return true;
      ask(draft, actionOf(verb, { SmsSid: draft.makeSid("SM"), SmsStatus: "sent" }));
      return stop();
    default: {
      const text = obstacles[verb.name];
      if (text === undefined) {
        draft.note(`<${verb.name}> is passed over`);
        return true;
      }
      const detail = textOf(verb) === "" ? "" : ` ${textOf(verb)}`;
      const next = attributes["action"] === undefined ? undefined : actionOf(verb, extraFields(verb.name, draft));
      draft.set({ phase: "stuck", obstacle: { text: `${text}${detail}`, ...(next !== undefined && { next }) } });
      draft.note(`${text}${detail}`);
      return stop();
    }
  }
}

/** What would need a queue, a second party, or a service of Twilio's. */
const obstacles: Readonly<Record<string, string>> = {
  Connect: "The call would be connected to a service now",
  Echo: "The caller would hear himself until he hangs up",
  Enqueue: "The caller would wait in the queue",
  Leave: "The caller would leave his queue",
  Pay: "The caller would be asked for his card",
  Prompt: "The caller would be asked for his card",
  Refer: "The call would be handed over by SIP",
  Queue: "The caller would be connected to a queue",
};

/** …/enqueue#attributes-action; the others have none that would be known here. */
function extraFields(name: string, { makeSid }: CallDraft): Readonly<Record<string, string>> {
  return name === "Enqueue" ? { QueueResult: "leave", QueueSid: makeSid("QU"), QueueTime: "0" } : {};
}

/** Says, plays or waits; false where there is nothing of it to hear. */
function perform(draft: CallDraft, verb: XmlElement): boolean {
  const { setup, url } = draft.call;
  const text = textOf(verb);
  switch (verb.name) {
    case "Say": {
      if (text === "") return false;
      const { voice, language, loop } = verb.attributes;
      const often = loop === undefined || loop === "1" ? undefined : loop === "0" ? "again and again" : `${loop} times`;
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
      if (digits !== undefined) draft.note(`Plays the keys ${digits}`);
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

/** The time begins to run when all has been said (…/gather#timeout). */
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
  draft.note(playBeep === "false" ? "Records" : "Beeps, and records");
  draft.set({ phase: "recording", recording: { element, startedAt: draft.at, finishOnKey } });
  draft.wait(wholeNumber(maxLength, 3600));
}

/** For people: what is in a <Dial>. */
export function dialled(dial: XmlElement): string {
  const nouns = elementsOf(dial).map((noun) => `${noun.name} ${textOf(noun)}`.trim());
  return nouns.length > 0 ? nouns.join(", ") : textOf(dial) || "nobody";
}
