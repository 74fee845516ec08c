/**
 * A call, as a machine: a state and something that happens make the next state, and a list of what is to be done. It keeps no time and
 * sends nothing itself.
 *
 *                reply          done             key                speech         other              hang-up
 *     idle       ·              ·                ·                  ·              dial → asking      ·
 *     asking     walk           ·                ·                  ·              lost → over        over
 *     playing    ·              walk             ·                  ·              ·                  over
 *     prompting  ·              next prompt,     listening,         asking         speaking           over
 *                               or listening     or asking                         → listening
 *     listening  ·              asking, or walk  asking, or stays   asking         speaking: anew     over
 *     recording  ·              asking           asking, or stays   ·              recorded           over (asked)
 *                                                                                  → asking, or walk
 *     dialling   ·              ·                ·                  ·              dialled            over
 *                                                                                  → asking, or walk
 *     stuck      ·              ·                ·                  ·              go-on              over
 *                                                                                  → asking, or walk
 *     over       (log)          ·                ·                  ·              dial → asking      ·
 *
 * `walk` goes through verbs until one takes its time: it leads to any phase but idle. A dot is an event that changes nothing.
 */
import type { Sent } from "./sent.ts";
import { elementsOf } from "../twiml/element-text.ts";
import type { XmlElement } from "../twiml/xml-reader.ts";
import {
  CallDraft,
  idleCall,
  type Call,
  type CallEffect,
  type CallEvent,
  type DialOutcome,
  type Gather,
} from "./call-state.ts";
import { listen, prompt, walk } from "./call-verbs.ts";
import { actionOf, ask, hangUp } from "./call-webhooks.ts";
import { withCookies } from "./cookie-jar.ts";
import { documentUrl } from "./web-address.ts";
import { randomSid, readReply } from "./webhook.ts";

/** A browser's patience is of this order. */
const mostRedirects = 10;

export interface CallStep {
  readonly call: Call;
  readonly effects: readonly CallEffect[];
}

/** @param at when it happens, in milliseconds of any clock that never changes. */
export function step(call: Call, event: CallEvent, at: number, makeSid = randomSid): CallStep {
  const draft = new CallDraft(call, at, makeSid);
  happen(draft, event);
  return { call: draft.call, effects: draft.effects };
}

function happen(draft: CallDraft, event: CallEvent): void {
  const { phase, step: current } = draft.call;
  const { gather, recording, dial, obstacle } = draft.call;
  switch (event.kind) {
    case "dial": {
      if (phase !== "idle" && phase !== "over") return;
      const { setup, sid } = event;
      const url = documentUrl(setup.target, setup.site);
      // Numbers go on, so that what is still told of an earlier call is known to be old.
      const { step: steps, request } = draft.call;
      draft.call = { ...idleCall, setup, sid, url, status: "ringing", startedAt: draft.at, step: steps, request };
      return ask(draft, { reference: setup.target, method: "POST", fields: {} });
    }
    case "reply":
      return takeReply(draft, event.request, event.sent);
    case "lost":
      draft.log({ kind: "fault", text: `It could not be sent: ${event.message}` });
      if (event.request !== draft.call.request || phase !== "asking") return;
      return hangUp(draft, "The call ends here", "failed");
    case "done":
      if (event.step !== current) return;
      if (phase === "playing") return walk(draft);
      if (phase === "prompting") return prompt(draft);
      if (phase === "listening" && gather !== undefined) return giveUpListening(draft, gather);
      if (phase === "recording") return endRecording(draft, { isEmpty: false, digits: "" });
      return;
    case "key":
      if (gather !== undefined) return press(draft, gather, event.key);
      if (recording?.finishOnKey.includes(event.key) === true) {
        draft.set({ unattended: 0 });
        return endRecording(draft, { isEmpty: false, digits: event.key });
      }
      return;
    case "speaking":
      if (gather?.takesSpeech !== true) return;
      draft.quiet();
      return listen(draft);
    case "speech":
      if (gather?.takesSpeech !== true || event.text.trim() === "") return;
      draft.set({ unattended: 0 });
      draft.log({ kind: "caller", text: `says "${event.text.trim()}"` });
      return ask(draft, actionOf(gather.element, { SpeechResult: event.text.trim(), Confidence: "0.9" }));
    case "recorded":
      if (recording === undefined) return;
      draft.set({ unattended: 0 });
      return endRecording(draft, { isEmpty: event.isEmpty, digits: "" });
    case "dialled":
      if (dial === undefined) return;
      draft.set({ unattended: 0 });
      return endDial(draft, dial, event.outcome, event.seconds);
    case "go-on":
      if (obstacle === undefined) return;
      draft.set({ unattended: 0, obstacle: undefined });
      return obstacle.next === undefined ? walk(draft) : ask(draft, obstacle.next);
    case "hang-up":
      if (phase === "idle" || phase === "over") return;
      // A recording that the caller ends so is told all the same (…/twiml/record).
      if (recording !== undefined) endRecording(draft, { isEmpty: false, digits: "hangup" });
      if (draft.call.phase === "over") return;
      return hangUp(draft, "The caller hangs up", draft.call.answeredAt === undefined ? "canceled" : "completed");
    default:
      return event satisfies never;
  }
}

function takeReply(draft: CallDraft, request: number, sent: Sent): void {
  const { log, jar, setup, phase } = draft.call;
  let target = "";
  const updated = log.map((entry) => {
    if (entry.kind !== "webhook" || entry.request !== request) return entry;
    target = entry.target;
    return { ...entry, status: sent.status, tookMs: draft.at - entry.at, exchange: sent.id };
  });
  draft.set({ log: updated, jar: withCookies(jar, sent.cookies, { target, at: draft.at }) });
  if (phase !== "asking" || request !== draft.call.request || setup === undefined) return;
  const reply = readReply(sent, "voice");
  if (reply.kind !== "redirect") draft.set({ redirects: 0 });
  switch (reply.kind) {
    case "fault": {
      const { kind, text, code } = reply;
      draft.log(code === undefined ? { kind, text } : { kind, text, code });
      return hangUp(draft, "Twilio ends the call", "completed");
    }
    case "redirect": {
      const { redirects, asked } = draft.call;
      if (redirects >= mostRedirects) {
        draft.log({ kind: "fault", code: 11215, text: `${redirects} redirects in a row` });
        return hangUp(draft, "Twilio ends the call", "completed");
      }
      draft.set({ redirects: redirects + 1 });
      const method = reply.keepsMethod ? (asked?.method ?? "POST") : "GET";
      return ask(draft, { reference: reply.to, method, fields: asked?.fields ?? {} });
    }
    case "nothing":
      draft.note("The reply is empty");
      draft.set({ verbs: [] });
      return walk(draft);
    case "text":
      if (reply.hint !== undefined) draft.log({ kind: "fault", text: reply.hint });
      // Read out, then the call is over (…/voice/twiml); audio is played in the same way.
      draft.set({ verbs: [verb("Say", reply.text)] });
      return walk(draft);
    case "audio":
      draft.set({ verbs: [verb("Play", draft.call.url)] });
      return walk(draft);
    case "twiml": {
      const { root, problems } = reply.document;
      for (const { message, place, code } of problems) {
        const text = `${message} (line ${place.line}, column ${place.column})`;
        draft.log(code === undefined ? { kind: "fault", text } : { kind: "fault", text, code });
      }
      if (root === undefined || problems.some(({ isFatal }) => isFatal)) {
        return hangUp(draft, "Twilio ends the call", "completed");
      }
      draft.set({ verbs: elementsOf(root) });
      return walk(draft);
    }
    default:
      return reply satisfies never;
  }
}

function verb(name: string, text: string): XmlElement {
  return { name, attributes: {}, content: [text], place: { line: 1, column: 1 } };
}

/** A key ends what is being said (…/gather#bargein), unless the function wants otherwise. */
function press(draft: CallDraft, gather: Gather, key: string): void {
  if (!gather.takesKeys) return draft.note(`The key ${key} means nothing here: only speech is listened for`);
  if (gather.finishOnKey !== "" && gather.finishOnKey.includes(key)) {
    // It needs digits before it (…/gather#finishonkey).
    if (gather.digits === "") return draft.note(`The key ${key} does nothing as long as there are no digits`);
    return submit(draft, gather, key);
  }
  const digits = gather.digits + key;
  const next = { ...gather, digits };
  draft.set({ gather: next, unattended: 0 });
  if (digits.length >= gather.numDigits) return submit(draft, next, "");
  if (draft.call.phase === "prompting" && gather.element.attributes["bargeIn"] === "false") return;
  draft.quiet();
  draft.set({ gather: { ...next, prompts: [] } });
  listen(draft);
}

function submit(draft: CallDraft, { element, digits }: Gather, finishedOnKey: string): void {
  draft.set({ unattended: 0 });
  draft.log({ kind: "caller", text: `presses ${digits}${finishedOnKey}` });
  ask(draft, actionOf(element, { Digits: digits, FinishedOnKey: finishedOnKey, msg: "Gather End" }));
}

/** …/gather#timeout and …/gather#actiononemptyresult. */
function giveUpListening(draft: CallDraft, gather: Gather): void {
  if (gather.digits !== "") return submit(draft, gather, "");
  draft.log({ kind: "caller", text: `does nothing for ${gather.timeoutSeconds} s` });
  draft.set({ gather: undefined });
  if (gather.element.attributes["actionOnEmptyResult"] === "true") {
    return ask(draft, actionOf(gather.element, { Digits: "", FinishedOnKey: "", msg: "Gather End" }));
  }
  walk(draft);
}

/** What has no sound in it is not told (…/record#action). */
function endRecording(draft: CallDraft, { isEmpty, digits }: { isEmpty: boolean; digits: string }): void {
  const { recording, setup } = draft.call;
  if (recording === undefined || setup === undefined) return;
  const seconds = Math.max(1, Math.round((draft.at - recording.startedAt) / 1000));
  draft.quiet();
  draft.set({ recording: undefined });
  if (isEmpty) {
    draft.log({ kind: "caller", text: "says nothing" });
    return walk(draft);
  }
  draft.log({ kind: "caller", text: `is recorded for ${seconds} s` });
  const action = actionOf(recording.element, { ...recordingFields(draft, seconds), Digits: digits });
  if (digits !== "hangup") return ask(draft, action);
  draft.set({ status: "completed", unattended: 0 });
  ask(draft, action);
}

function recordingFields({ call, makeSid }: CallDraft, seconds: number): Readonly<Record<string, string>> {
  const sid = makeSid("RE");
  const account = call.setup?.fields["AccountSid"] ?? "";
  return {
    RecordingSid: sid,
    RecordingUrl: `https://api.twilio.com/2010-04-01/Accounts/${account}/Recordings/${sid}`,
    RecordingDuration: String(seconds),
  };
}

/** With an action what follows is not reached; without, it is (…/dial#action). */
function endDial(draft: CallDraft, dial: XmlElement, outcome: DialOutcome, seconds: number): void {
  draft.set({ dial: undefined });
  const isAnswered = outcome === "answered";
  draft.note(isAnswered ? `Answered: they talk for ${seconds} s` : `Nobody is reached: ${outcome}`);
  if (dial.attributes["action"] === undefined) return walk(draft);
  const isConference = elementsOf(dial).some(({ name }) => name === "Conference");
  const isRecorded = /^(?:true|record)/.test(dial.attributes["record"] ?? "");
  ask(
    draft,
    actionOf(dial, {
      DialCallStatus: isAnswered && !isConference ? "completed" : outcome,
      DialCallSid: draft.makeSid("CA"),
      DialBridged: String(isAnswered),
      ...(isAnswered && { DialCallDuration: String(seconds) }),
      ...(isAnswered && isRecorded && recordingFields(draft, seconds)),
    }),
  );
}
