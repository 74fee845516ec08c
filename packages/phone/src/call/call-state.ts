/**
 * The words of a call: its state, what can happen to it, and what it wants done. All of it is data; `call.ts` says what leads where.
 */
import type { SendRequest, SendResult } from "./send-request.ts";
import type { XmlElement } from "../twiml/xml-reader.ts";
import type { CookieJar } from "./cookie-jar.ts";
import type { Fault } from "./twilio-faults.ts";
import type { Site } from "./web-address.ts";
import type { Fields } from "./webhook.ts";

export interface CallSetup {
  /** The function that is called, as path and query. */
  readonly target: string;
  /** What each webhook of the call has at least. */
  readonly fields: Fields;
  readonly from: string;
  readonly to: string;
  readonly site: Site;
  /** Asked when the call is over: where a number of Twilio's would have one. */
  readonly statusCallback?: string;
}

export type CallEvent =
  | { readonly kind: "dial"; readonly setup: CallSetup; readonly sid: string }
  | { readonly kind: "reply"; readonly request: number; readonly sent: SendResult }
  /** It could not be sent at all. */
  | { readonly kind: "lost"; readonly request: number; readonly message: string }
  /** What was said, played or waited for is over. */
  | { readonly kind: "done"; readonly step: number }
  | { readonly kind: "key"; readonly key: string }
  /** The caller has begun to speak, and is not to be cut short. */
  | { readonly kind: "speaking" }
  | { readonly kind: "speech"; readonly text: string }
  | { readonly kind: "recorded"; readonly isEmpty: boolean }
  | { readonly kind: "dialled"; readonly outcome: DialOutcome; readonly seconds: number }
  | { readonly kind: "go-on" }
  | { readonly kind: "hang-up" };

export type DialOutcome = "answered" | "busy" | "no-answer" | "failed";

export type CallEffect =
  | { readonly kind: "request"; readonly request: number; readonly send: SendRequest }
  /** `ms` is how long it takes where nobody says it aloud. */
  | {
      readonly kind: "speak";
      readonly step: number;
      readonly text: string;
      readonly language?: string;
      readonly ms: number;
    }
  /** `target` is absent where it is not the project's, and so not to be played unasked. */
  | { readonly kind: "play"; readonly step: number; readonly target?: string; readonly ms: number }
  | { readonly kind: "wait"; readonly step: number; readonly ms: number }
  /** Whatever is said, played or waited for ends, and is not told to be done. */
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

/** What the caller is asked, where the call waits for him. */
export interface Gather {
  readonly element: XmlElement;
  /** Still to be said or played. */
  readonly prompts: readonly XmlElement[];
  readonly digits: string;
  readonly takesKeys: boolean;
  readonly takesSpeech: boolean;
  readonly finishOnKey: string;
  /** Infinity where there is no limit. */
  readonly numDigits: number;
  readonly timeoutSeconds: number;
}

interface Recording {
  readonly element: XmlElement;
  readonly startedAt: number;
  readonly finishOnKey: string;
}

/** What cannot be walked here, and where the call would go on. */
interface Obstacle {
  readonly text: string;
  /** A webhook that would come next; without it, the next verb does. */
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
      /** What this one has beside what all have. */
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
  /** As Twilio has it. */
  readonly status: string;
  readonly startedAt: number;
  readonly answeredAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Of the document that is being walked. */
  readonly url: string;
  /** Of the request that it came from: HTTP redirects may need it again. */
  readonly asked: NextWebhook | undefined;
  readonly verbs: readonly XmlElement[];
  readonly gather: Gather | undefined;
  readonly recording: Recording | undefined;
  readonly dial: XmlElement | undefined;
  readonly obstacle: Obstacle | undefined;
  /** What is under way; what is told of an older one does not count. */
  readonly step: number;
  readonly request: number;
  /** Webhooks since the caller last did something, and HTTP redirects in a row. */
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

/** Without the `readonly`, and over each kind of an union on its own. */
type Without<Type, Keys extends PropertyKey> = Type extends unknown ? Omit<Type, Keys> : never;

const maxLogEntries = 500;

/** A call while it makes one step. */
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

  /** What was under way no longer is. */
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

/** A whole number of seconds or digits; anything else is as if it were not there. */
export function wholeNumber(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\s*\d{1,6}\s*$/.test(text) ? Number(text) : otherwise;
}
