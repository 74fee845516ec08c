/**
 * A call as a state machine. A state and an event give the next state and a list of effects. The machine has no clock
 * and sends nothing itself.
 *
 *                reply          done             key                speech         other              hang-up
 *     idle       ·              ·                ·                  ·              dial → asking      ·
 *     asking     walk           ·                ·                  ·              lost → over        over
 *     playing    ·              walk             ·                  ·              ·                  over
 *     prompting  ·              next prompt,     listening,         asking         speaking           over
 *                               or listening     or asking                         → listening
 *     listening  ·              asking, or walk  asking, or stays   asking         speaking: restarts over
 *     recording  ·              asking           asking, or stays   ·              recorded           over (asked)
 *                                                                                  → asking, or walk
 *     dialling   ·              ·                ·                  ·              dialled            over
 *                                                                                  → asking, or walk
 *     stuck      ·              ·                ·                  ·              go-on              over
 *                                                                                  → asking, or walk
 *     over       (log)          ·                ·                  ·              dial → asking      ·
 *
 * `walk` runs verbs until one leaves the call waiting. It leads to any phase but idle. A dot is an event that changes
 * nothing.
 */
import { elementsOf } from "../twiml/element-text.ts";
import { takeReply } from "./call-reply.ts";
import {
  CallDraft,
  idleCall,
  type Call,
  type CallEffect,
  type CallEvent,
  type CallSetup,
  type DialOutcome,
  type Gather,
} from "./call-state.ts";
import { listen, prompt, walk } from "./call-verbs.ts";
import { actionOf, requestWebhook, hangUp } from "./call-webhooks.ts";
import { documentUrl } from "./web-address.ts";
import { randomSid } from "./webhook.ts";

export interface CallStep {
  readonly call: Call;
  readonly effects: readonly CallEffect[];
}

/** @param at the time of the event in milliseconds, from one clock for the whole call. */
export function step(call: Call, event: CallEvent, at: number, makeSid = randomSid): CallStep {
  const draft = new CallDraft(call, at, makeSid);
  handle(draft, event);
  return { call: draft.call, effects: draft.effects };
}

function handle(draft: CallDraft, event: CallEvent): void {
  switch (event.kind) {
    case "dial":
      return startCall(draft, event.setup, event.sid);
    case "reply":
      return takeReply(draft, event.request, event.sent);
    case "lost":
      return loseWebhook(draft, event.request, event.message);
    case "done":
      return finishStep(draft, event.step);
    case "key":
      return pressKey(draft, event.key);
    case "speaking":
      return waitForSpeech(draft);
    case "speech":
      return hearSpeech(draft, event.text.trim());
    case "recorded":
      return finishRecording(draft, event.isEmpty);
    case "dialled":
      return endDial(draft, event.outcome, event.seconds);
    case "go-on":
      return leaveObstacle(draft);
    case "hang-up":
      return leaveCall(draft);
    default:
      return event satisfies never;
  }
}

function startCall(draft: CallDraft, setup: CallSetup, sid: string): void {
  // The counters of steps and requests continue, so that events of an earlier call are recognised as old.
  const { phase, step: lastStep, request } = draft.call;
  if (phase !== "idle" && phase !== "over") return;
  const url = documentUrl(setup.target, setup.site);
  draft.call = { ...idleCall, setup, sid, url, status: "ringing", startedAt: draft.at, step: lastStep, request };
  requestWebhook(draft, { reference: setup.target, method: "POST", fields: {} });
}

function loseWebhook(draft: CallDraft, request: number, message: string): void {
  draft.log({ kind: "fault", text: `The webhook could not be sent: ${message}` });
  if (request !== draft.call.request || draft.call.phase !== "asking") return;
  hangUp(draft, "The call ends here", "failed");
}

/** A speech, sound or pause is over, or a time limit for the caller has passed. */
function finishStep(draft: CallDraft, finished: number): void {
  const { phase, step: current, gather } = draft.call;
  if (finished !== current) return;
  if (phase === "playing") return walk(draft);
  if (phase === "prompting") return prompt(draft);
  if (phase === "listening" && gather !== undefined) return giveUpListening(draft, gather);
  if (phase === "recording") endRecording(draft, { isEmpty: false, digits: "" });
}

function pressKey(draft: CallDraft, key: string): void {
  const { gather, recording } = draft.call;
  if (gather !== undefined) return gatherKey(draft, gather, key);
  if (recording?.finishOnKey.includes(key) !== true) return;
  draft.set({ unattended: 0 });
  endRecording(draft, { isEmpty: false, digits: key });
}

/** The caller started to speak: prompts stop, and the timeout starts again. */
function waitForSpeech(draft: CallDraft): void {
  if (draft.call.gather?.takesSpeech !== true) return;
  draft.quiet();
  listen(draft);
}

function hearSpeech(draft: CallDraft, text: string): void {
  const { gather } = draft.call;
  if (gather?.takesSpeech !== true || text === "") return;
  draft.set({ unattended: 0 });
  draft.log({ kind: "caller", text: `says "${text}"` });
  requestWebhook(draft, actionOf(gather.element, { SpeechResult: text, Confidence: "0.9" }));
}

function finishRecording(draft: CallDraft, isEmpty: boolean): void {
  if (draft.call.recording === undefined) return;
  draft.set({ unattended: 0 });
  endRecording(draft, { isEmpty, digits: "" });
}

function leaveObstacle(draft: CallDraft): void {
  const { obstacle } = draft.call;
  if (obstacle === undefined) return;
  draft.set({ unattended: 0, obstacle: undefined });
  if (obstacle.next === undefined) walk(draft);
  else requestWebhook(draft, obstacle.next);
}

function leaveCall(draft: CallDraft): void {
  const { phase, recording } = draft.call;
  if (phase === "idle" || phase === "over") return;
  // Twilio sends a recording to its action even if the caller hangs up (…/twiml/record).
  if (recording !== undefined) endRecording(draft, { isEmpty: false, digits: "hangup" });
  // The call ends there if the action cannot be requested.
  if (draft.call.phase === "over") return;
  hangUp(draft, "The caller hangs up", draft.call.answeredAt === undefined ? "canceled" : "completed");
}

/** A key stops the prompts, unless `bargeIn` is false (…/gather#bargein). */
function gatherKey(draft: CallDraft, gather: Gather, key: string): void {
  if (!gather.takesKeys) return draft.note(`The key ${key} is ignored: this <Gather> accepts only speech`);
  if (gather.finishOnKey !== "" && gather.finishOnKey.includes(key)) {
    // Without digits before it, the key does nothing (…/gather#finishonkey).
    if (gather.digits === "") return draft.note(`The key ${key} is ignored until there are digits`);
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
  requestWebhook(draft, actionOf(element, { Digits: digits, FinishedOnKey: finishedOnKey, msg: "Gather End" }));
}

/** The rules are in `…/gather#timeout` and `…/gather#actiononemptyresult`. */
function giveUpListening(draft: CallDraft, gather: Gather): void {
  if (gather.digits !== "") return submit(draft, gather, "");
  draft.log({ kind: "caller", text: `does nothing for ${gather.timeoutSeconds} s` });
  draft.set({ gather: undefined });
  if (gather.element.attributes["actionOnEmptyResult"] === "true") {
    return requestWebhook(draft, actionOf(gather.element, { Digits: "", FinishedOnKey: "", msg: "Gather End" }));
  }
  walk(draft);
}

/** Twilio does not request the action for a recording without sound (…/record#action). */
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
  if (digits !== "hangup") return requestWebhook(draft, action);
  draft.set({ status: "completed", unattended: 0 });
  requestWebhook(draft, action);
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

/** With an action, Twilio never reaches the next verb. Without one, it does (…/dial#action). */
function endDial(draft: CallDraft, outcome: DialOutcome, seconds: number): void {
  const { dial } = draft.call;
  if (dial === undefined) return;
  draft.set({ unattended: 0, dial: undefined });
  const isAnswered = outcome === "answered";
  draft.note(isAnswered ? `Answered: they talk for ${seconds} s` : `Not connected: ${outcome}`);
  if (dial.attributes["action"] === undefined) return walk(draft);
  const isConference = elementsOf(dial).some(({ name }) => name === "Conference");
  const isRecorded = /^(?:true|record)/.test(dial.attributes["record"] ?? "");
  requestWebhook(
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
