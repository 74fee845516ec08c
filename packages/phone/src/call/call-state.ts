/**
 * The types of a call: its state, its events and its effects. All of it is data. `call.ts` has the transitions.
 */
import type { SendRequest, SendResult } from "./send-request.ts";
import type { XmlElement } from "../twiml/xml-reader.ts";
import type { CookieJar } from "./cookie-jar.ts";
import type { Fault } from "./twilio-faults.ts";
import type { Site } from "./web-address.ts";
import type { Fields } from "./webhook.ts";

export interface CallSetup {
  /** The function to call, as path and query. */
  readonly target: string;
  /** The fields that every webhook of the call has. */
  readonly fields: Fields;
  readonly from: string;
  readonly to: string;
  readonly site: Site;
  /** Requested when the call is over, like the status callback of a Twilio number. */
  readonly statusCallback?: string;
}

export type CallEvent =
  | { readonly kind: "dial"; readonly setup: CallSetup; readonly sid: string }
  | { readonly kind: "reply"; readonly request: number; readonly sent: SendResult }
  /** The webhook could not be sent. */
  | { readonly kind: "lost"; readonly request: number; readonly message: string }
  /** The current speech, sound or wait is over. */
  | { readonly kind: "done"; readonly step: number }
  | { readonly kind: "key"; readonly key: string }
  /** The caller has started to speak, so the timeout starts again. */
  | { readonly kind: "speaking" }
  | { readonly kind: "speech"; readonly text: string }
  | { readonly kind: "recorded"; readonly isEmpty: boolean }
  | { readonly kind: "dialled"; readonly outcome: DialOutcome; readonly seconds: number }
  | { readonly kind: "go-on" }
  | { readonly kind: "hang-up" };

export type DialOutcome = "answered" | "busy" | "no-answer" | "failed";

export type CallEffect =
  | { readonly kind: "request"; readonly request: number; readonly send: SendRequest }
  /** `ms` is the duration if the text is not spoken aloud. */
  | {
      readonly kind: "speak";
      readonly step: number;
      readonly text: string;
      readonly language?: string;
      readonly ms: number;
    }
  /** `target` is absent if the sound is not the project's. It is then not played. */
  | { readonly kind: "play"; readonly step: number; readonly target?: string; readonly ms: number }
  | { readonly kind: "wait"; readonly step: number; readonly ms: number }
  /** Ends the current speech, sound or wait without a `done` event. */
  | { readonly kind: "quiet" };

type CallPhase =
  | "idle"
  | "asking"
  | "playing"
  | "prompting"
  | "listening"
  | "recording"
  | "dialling"
  | "stuck"
  | "over";

/** A <Gather> that waits for the caller. */
export interface Gather {
  readonly element: XmlElement;
  /** Prompts that have not been played yet. */
  readonly prompts: readonly XmlElement[];
  readonly digits: string;
  readonly takesKeys: boolean;
  readonly takesSpeech: boolean;
  readonly finishOnKey: string;
  /** Infinity if there is no limit. */
  readonly numDigits: number;
  readonly timeoutSeconds: number;
}

interface Recording {
  readonly element: XmlElement;
  readonly startedAt: number;
  readonly finishOnKey: string;
}

/** A verb that the phone cannot run, and where the call continues. */
interface Obstacle {
  readonly text: string;
  /** The next webhook. Without it, the call continues with the next verb. */
  readonly next?: NextWebhook;
}

export interface NextWebhook {
  readonly reference: string;
  readonly method: string;
  readonly fields: Fields;
}

export type LogEntry = { readonly id: number; readonly at: number } & (
  | {
      readonly kind: "webhook";
      readonly method: string;
      readonly target: string;
      /** The fields of this webhook, without those that every webhook of the call has. */
      readonly fields: Fields;
      readonly request: number;
      readonly status?: number;
      readonly tookMs?: number;
      readonly exchange?: string;
    }
  | { readonly kind: "said"; readonly text: string; readonly detail: string }
  | { readonly kind: "played"; readonly url: string; readonly target?: string }
  | { readonly kind: "caller"; readonly text: string }
  | { readonly kind: "note"; readonly text: string }
  | ({ readonly kind: "fault" } & Fault)
  | { readonly kind: "ended"; readonly text: string }
);

export interface Call {
  readonly phase: CallPhase;
  readonly setup: CallSetup | undefined;
  readonly sid: string;
  /** Twilio's name for the status. */
  readonly status: string;
  readonly startedAt: number;
  readonly answeredAt: number | undefined;
  readonly endedAt: number | undefined;
  /** The URL of the current document. */
  readonly url: string;
  /** The webhook that returned the document. An HTTP redirect may need it again. */
  readonly asked: NextWebhook | undefined;
  readonly verbs: readonly XmlElement[];
  readonly gather: Gather | undefined;
  readonly recording: Recording | undefined;
  readonly dial: XmlElement | undefined;
  readonly obstacle: Obstacle | undefined;
  /** The number of the current step. Events of earlier steps are ignored. */
  readonly step: number;
  readonly request: number;
  /** Webhooks since the last action of the caller. `redirects` counts HTTP redirects in a row. */
  readonly unattended: number;
  readonly redirects: number;
  readonly log: readonly LogEntry[];
  readonly jar: CookieJar;
}

export const idleCall: Call = {
  phase: "idle",
  setup: undefined,
  sid: "",
  status: "",
  startedAt: 0,
  answeredAt: undefined,
  endedAt: undefined,
  url: "",
  asked: undefined,
  verbs: [],
  gather: undefined,
  recording: undefined,
  dial: undefined,
  obstacle: undefined,
  step: 0,
  request: 0,
  unattended: 0,
  redirects: 0,
  log: [],
  jar: [],
};

/** `Omit` for each member of a union separately. */
type Without<Type, Keys extends PropertyKey> = Type extends unknown ? Omit<Type, Keys> : never;

const maxLogEntries = 500;

/** A call during one transition. */
export class CallDraft {
  call: Call;
  readonly effects: CallEffect[] = [];
  readonly at: number;
  readonly makeSid: (prefix: string) => string;

  constructor(call: Call, at: number, makeSid: (prefix: string) => string) {
    this.call = call;
    this.at = at;
    this.makeSid = makeSid;
  }

  set(change: Partial<Call>): void {
    this.call = { ...this.call, ...change };
  }

  log(entry: Without<LogEntry, "id" | "at">): void {
    const { log } = this.call;
    const id = (log.at(-1)?.id ?? 0) + 1;
    const added = { ...entry, id, at: this.at } as LogEntry;
    this.set({ log: [...log.slice(1 - maxLogEntries), added] });
  }

  note(text: string): void {
    this.log({ kind: "note", text });
  }

  /** Ends the current step, so that its events are ignored from now on. */
  nextStep(): number {
    this.set({ step: this.call.step + 1 });
    return this.call.step;
  }

  quiet(): void {
    this.nextStep();
    this.effects.push({ kind: "quiet" });
  }

  wait(seconds: number): void {
    this.effects.push({ kind: "wait", step: this.nextStep(), ms: seconds * 1000 });
  }
}

/** A whole number of seconds or digits. Any other text counts as absent. */
export function wholeNumber(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\s*\d{1,6}\s*$/.test(text) ? Number(text) : otherwise;
}
