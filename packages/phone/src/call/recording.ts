/**
 * Records the caller, and reports the recording to its callbacks (…/twiml/record).
 */
import type { XmlElement } from "../twiml/xml-reader.ts";
import { wholeNumber, type CallDraft } from "./call-state.ts";
import { actionOf, report, requestWebhook, timestampOf } from "./call-webhooks.ts";
import type { Fields } from "./webhook.ts";

export function startRecording(draft: CallDraft, element: XmlElement): void {
  const { finishOnKey = "1234567890*#", maxLength, playBeep, timeout = "5" } = element.attributes;
  draft.note(
    `${playBeep === "false" ? "Starts recording" : "Beeps and starts recording"}. ` +
      `Twilio would stop after ${timeout} s of silence. Here you finish the recording.`,
  );
  const sid = draft.makeSid("RE");
  draft.set({ phase: "recording", recording: { element, sid, startedAt: draft.at, finishOnKey } });
  reportRecording(draft, { element, status: "in-progress", sid, seconds: 0, source: "RecordVerb" });
  draft.wait(wholeNumber(maxLength, 3600));
}

export interface RecordingEnd {
  readonly isEmpty: boolean;
  /** The key that ended it, or `hangup`. */
  readonly digits: string;
  /** The caller's words. */
  readonly text: string;
}

/**
 * Twilio does not request the action for a recording without sound (…/record#action).
 * @returns whether the call continues with the next verb.
 */
export function endRecording(draft: CallDraft, { isEmpty, digits, text }: RecordingEnd): boolean {
  const { recording, setup } = draft.call;
  if (recording === undefined || setup === undefined) return false;
  const { element, sid, startedAt } = recording;
  const seconds = Math.max(1, Math.round((draft.at - startedAt) / 1000));
  draft.quiet();
  draft.set({ recording: undefined });
  const ended = { element, sid, seconds, source: "RecordVerb" };
  if (isEmpty) {
    draft.log({ kind: "caller", text: "says nothing", act: { kind: "stay-silent" } });
    reportRecording(draft, { ...ended, status: "absent" });
    return true;
  }
  const said = text === "" ? "" : `, and says "${text}"`;
  const key = digits === "hangup" ? "" : digits;
  draft.log({
    kind: "caller",
    text: `is recorded for ${seconds} s${said}`,
    act: { kind: "record", text, key, seconds },
  });
  if (digits === "hangup") draft.set({ status: "completed", unattended: 0 });
  // The callbacks are relative to the document with the <Record>, so they come before the action changes the URL.
  reportRecording(draft, { ...ended, status: "completed" });
  reportTranscription(draft, element, sid, text);
  requestWebhook(draft, actionOf(element, { ...recordingFields(draft, sid, seconds), Digits: digits }));
  return false;
}

export function recordingFields({ call }: CallDraft, sid: string, seconds: number): Fields {
  return { RecordingSid: sid, RecordingUrl: recordingUrl(call, sid), RecordingDuration: String(seconds) };
}

function recordingUrl({ setup }: CallDraft["call"], sid: string): string {
  const account = setup?.fields["AccountSid"] ?? "";
  return `https://api.twilio.com/2010-04-01/Accounts/${account}/Recordings/${sid}`;
}

interface RecordingReport {
  readonly element: XmlElement;
  readonly status: "in-progress" | "completed" | "absent";
  readonly sid: string;
  readonly seconds: number;
  /** Twilio's name for what made the recording. */
  readonly source: string;
}

/** The status callback of a recording. Without a list of events, Twilio only reports the end (…/twiml/record). */
export function reportRecording(draft: CallDraft, { element, status, sid, seconds, source }: RecordingReport): void {
  const { recordingStatusCallback, recordingStatusCallbackMethod, recordingStatusCallbackEvent } = element.attributes;
  if (recordingStatusCallback === undefined) return;
  if (!(recordingStatusCallbackEvent ?? "completed").split(/[\s,]+/).includes(status)) return;
  report(draft, {
    reference: recordingStatusCallback,
    method: recordingStatusCallbackMethod,
    about: "recording status",
    fields: {
      RecordingSid: sid,
      RecordingUrl: recordingUrl(draft.call, sid),
      RecordingStatus: status,
      RecordingChannels: "1",
      RecordingSource: source,
      RecordingStartTime: timestampOf(draft.at - seconds * 1000),
      ...(status === "completed" && { RecordingDuration: String(seconds) }),
    },
  });
}

/** With a callback, Twilio transcribes even without `transcribe` (…/record#transcribecallback). */
function reportTranscription(draft: CallDraft, { attributes }: XmlElement, recordingSid: string, text: string): void {
  const { transcribeCallback, transcribe } = attributes;
  if (transcribeCallback === undefined) {
    if (transcribe === "true") draft.note("Twilio would transcribe the recording. There is no transcribeCallback.");
    return;
  }
  const sid = draft.makeSid("TR");
  const account = draft.call.setup?.fields["AccountSid"] ?? "";
  report(draft, {
    reference: transcribeCallback,
    method: "POST",
    about: "transcription",
    fields: {
      TranscriptionSid: sid,
      TranscriptionText: text,
      TranscriptionStatus: text === "" ? "failed" : "completed",
      TranscriptionUrl: `https://api.twilio.com/2010-04-01/Accounts/${account}/Transcriptions/${sid}`,
      RecordingSid: recordingSid,
      RecordingUrl: recordingUrl(draft.call, recordingSid),
    },
  });
}
