/**
 * A call as a state machine. A state and an event give the next state and a list of effects. The machine has no clock
 * and sends nothing itself.
 *
 *                reply          done             key                speech         other              hang-up
 *     idle       ·              ·                ·                  ·              dial → asking      ·
 *     asking     walk           ·                ·                  ·              lost → over        over
 *     playing    ·              again, or walk   ·                  ·              ·                  over
 *     prompting  ·              next prompt,     listening,         asking         speaking           over
 *                               or listening     or asking                         → listening
 *     listening  ·              asking, or walk  asking, or stays   asking         speaking: restarts over
 *     recording  ·              asking           asking, or stays   ·              recorded           over (asked)
 *                                                                                  → asking, or walk
 *     dialling   ·              ·                ·                  ·              callee: stays,     over
 *                                                                                  talking, asking,
 *                                                                                  or walk
 *     talking    ·              ·                * may hang up      ·              callee-hangs-up    over
 *                                                                                  → asking, or walk
 *     stuck      ·              ·                ·                  ·              go-on              over
 *                                                                                  → asking, or walk
 *     over       (log)          ·                ·                  ·              dial → asking      ·
 *
 * `walk` runs verbs until one leaves the call waiting. It leads to any phase but idle. A dot is an event that changes
 * nothing. Two documents run inside another one (`inset`): the one that a callee hears before the connection, and the
 * one that plays in a queue. In a queue, `dequeued` leads from every phase to talking.
 */
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
import { listen, prompt, repeat, walk } from "./call-verbs.ts";
import { actionOf, hangUp, report, reportStatus, requestWebhook } from "./call-webhooks.ts";
import { abandonDial, endDial, endRinging } from "./dial-lines.ts";
import { dequeue, leaveQueue } from "./queue.ts";
import { endRecording, type RecordingEnd } from "./recording.ts";
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
      return finishStep(draft, event.step, event.isSkipped === true);
    case "key":
      return pressKey(draft, event.key);
    case "speaking":
      return waitForSpeech(draft, event.text);
    case "speech":
      return hearSpeech(draft, event.text.trim());
    case "recorded":
      return finishRecording(draft, { isEmpty: event.isEmpty, digits: "", text: event.text?.trim() ?? "" });
    case "dialled":
      return decideDial(draft, event.outcome, event.seconds);
    case "callee":
      if (draft.call.phase === "dialling" && endRinging(draft, event.line, event.outcome)) walk(draft);
      return;
    case "callee-hangs-up":
      return endConversation(draft, true);
    case "dequeued":
      return dequeue(draft);
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
  if (setup.hasAllStatuses === true) {
    reportStatus(draft, "initiated");
    reportStatus(draft, "ringing");
  }
  requestWebhook(draft, { reference: setup.target, method: "POST", fields: {} });
}

function loseWebhook(draft: CallDraft, request: number, message: string): void {
  draft.log({ kind: "fault", text: `The webhook could not be sent: ${message}` });
  if (request !== draft.call.awaited || draft.call.phase !== "asking") return;
  hangUp(draft, "The call ends here", "failed");
}

/** A speech, sound or pause is over, or a time limit for the caller has passed. */
function finishStep(draft: CallDraft, finished: number, isSkipped: boolean): void {
  const { phase, step: current, gather } = draft.call;
  if (finished !== current) return;
  if ((phase === "playing" || phase === "prompting") && repeat(draft, isSkipped)) return;
  if (phase === "playing") return walk(draft);
  if (phase === "prompting") return prompt(draft);
  if (phase === "listening" && gather !== undefined) return giveUpListening(draft, gather);
  if (phase === "recording") finishRecording(draft, { isEmpty: false, digits: "", text: "" });
}

function pressKey(draft: CallDraft, key: string): void {
  const { gather, recording, phase, dial } = draft.call;
  if (gather !== undefined) return gatherKey(draft, gather, key);
  if (phase === "talking" && key === "*" && dial?.element.attributes["hangupOnStar"] === "true")
    return endConversation(draft, false);
  if (recording?.finishOnKey.includes(key) === true) finishRecording(draft, { isEmpty: false, digits: key, text: "" });
}

/** The caller speaks: prompts stop, and the timeout starts again. */
function waitForSpeech(draft: CallDraft, text: string | undefined): void {
  const { gather } = draft.call;
  if (gather?.takesSpeech !== true) return;
  draft.quiet();
  draft.set({ gather: { ...gather, prompts: [], speech: text?.trim() ?? gather.speech } });
  reportPartialSpeech(draft);
  listen(draft);
}

/** Twilio sends partial results while the caller speaks: here, after each word (…/gather#partialresultcallback). */
function reportPartialSpeech(draft: CallDraft): void {
  const { gather } = draft.call;
  const { partialResultCallback, partialResultCallbackMethod } = gather?.element.attributes ?? {};
  if (gather === undefined || partialResultCallback === undefined) return;
  const words = gather.speech === "" ? 0 : gather.speech.split(/\s+/).length;
  if (words <= gather.partials) return;
  draft.set({ gather: { ...gather, partials: words } });
  report(draft, {
    reference: partialResultCallback,
    method: partialResultCallbackMethod,
    about: "partial speech",
    fields: { UnstableSpeechResult: gather.speech, Stability: "0.9", SequenceNumber: String(words - 1) },
  });
}

function hearSpeech(draft: CallDraft, text: string): void {
  const { gather } = draft.call;
  if (gather?.takesSpeech !== true || text === "") return;
  draft.set({ unattended: 0 });
  draft.log({ kind: "caller", text: `says "${text}"`, act: { kind: "say", text } });
  requestWebhook(draft, actionOf(gather.element, { SpeechResult: text, Confidence: "0.9" }));
}

function finishRecording(draft: CallDraft, end: RecordingEnd): void {
  if (draft.call.recording === undefined) return;
  draft.set({ unattended: 0 });
  if (endRecording(draft, end)) walk(draft);
}

function decideDial(draft: CallDraft, outcome: DialOutcome, seconds: number): void {
  const { dial, phase } = draft.call;
  if (dial === undefined || (phase !== "dialling" && phase !== "talking")) return;
  if (endDial(draft, outcome, seconds)) walk(draft);
}

/** One party of a conversation hangs up, and the call goes on. */
function endConversation(draft: CallDraft, isCallee: boolean): void {
  const { dial, inset, phase } = draft.call;
  if (phase !== "talking") return;
  draft.set({ unattended: 0 });
  const since = dial?.answeredAt ?? (inset?.kind === "queue" ? inset.bridgedAt : undefined) ?? draft.at;
  const seconds = Math.round((draft.at - since) / 1000);
  if (isCallee) draft.log({ kind: "callee", text: "The other party hangs up", act: { kind: "hang-up", seconds } });
  else draft.log({ kind: "caller", text: "presses *", act: { kind: "press", keys: "*", isTimedOut: false } });
  const continues =
    dial === undefined ? inset?.kind === "queue" && leaveQueue(draft, "bridged") : endDial(draft, "answered", seconds);
  if (continues) walk(draft);
}

function leaveObstacle(draft: CallDraft): void {
  const { obstacle, inset, phase } = draft.call;
  const isQueued = inset?.kind === "queue" && phase !== "talking";
  if (obstacle === undefined && !isQueued) return;
  draft.log({ kind: "caller", text: "continues", act: { kind: "go-on" } });
  draft.set({ unattended: 0, obstacle: undefined });
  if (obstacle?.next !== undefined) return requestWebhook(draft, obstacle.next);
  if (isQueued && !leaveQueue(draft, "leave")) return;
  walk(draft);
}

function leaveCall(draft: CallDraft): void {
  const { phase, recording, answeredAt, inset } = draft.call;
  if (phase === "idle" || phase === "over") return;
  // Twilio sends a recording to its action even if the caller hangs up (…/twiml/record).
  if (recording !== undefined && inset === undefined)
    endRecording(draft, { isEmpty: false, digits: "hangup", text: "" });
  // The call ends there if the action cannot be requested.
  if (draft.call.phase === "over") return;
  abandonDial(draft);
  hangUp(draft, "The caller hangs up", answeredAt === undefined ? "canceled" : "completed");
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

function submit(draft: CallDraft, { element, digits }: Gather, finishedOnKey: string, isTimedOut = false): void {
  const keys = digits + finishedOnKey;
  draft.set({ unattended: 0 });
  draft.log({ kind: "caller", text: `presses ${keys}`, act: { kind: "press", keys, isTimedOut } });
  requestWebhook(draft, actionOf(element, { Digits: digits, FinishedOnKey: finishedOnKey, msg: "Gather End" }));
}

/** The rules are in `…/gather#timeout`, `…/gather#speechtimeout` and `…/gather#actiononemptyresult`. */
function giveUpListening(draft: CallDraft, gather: Gather): void {
  if (gather.digits !== "") return submit(draft, gather, "", true);
  if (gather.speech !== "") return hearSpeech(draft, gather.speech);
  draft.log({ kind: "caller", text: `does nothing for ${gather.timeoutSeconds} s`, act: { kind: "wait" } });
  draft.set({ gather: undefined });
  if (gather.element.attributes["actionOnEmptyResult"] === "true") {
    return requestWebhook(draft, actionOf(gather.element, { Digits: "", FinishedOnKey: "", msg: "Gather End" }));
  }
  walk(draft);
}
