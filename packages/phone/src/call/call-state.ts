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
  /** Whether the status callback is also requested at the start, as for a call that the REST API makes. */
  readonly hasAllStatuses?: boolean;
}

export type CallEvent =
  | { readonly kind: "dial"; readonly setup: CallSetup; readonly sid: string }
  | { readonly kind: "reply"; readonly request: number; readonly sent: SendResult }
  /** The webhook could not be sent. */
  | { readonly kind: "lost"; readonly request: number; readonly message: string }
  /** The current speech, sound or wait is over. */
  | { readonly kind: "done"; readonly step: number; readonly isSkipped?: boolean }
  | { readonly kind: "key"; readonly key: string }
  /** The caller is speaking, so the timeout starts again. `text` is what the caller has said so far. */
  | { readonly kind: "speaking"; readonly text?: string }
  | { readonly kind: "speech"; readonly text: string }
  /** `text` is what the caller said. Only a transcription contains it. */
  | { readonly kind: "recorded"; readonly isEmpty: boolean; readonly text?: string }
  /** A whole <Dial> at once. */
  | { readonly kind: "dialled"; readonly outcome: DialOutcome; readonly seconds: number }
  /** One line of a <Dial>. */
  | { readonly kind: "callee"; readonly line: number; readonly outcome: DialOutcome }
  /** The other party of a conversation hangs up. */
  | { readonly kind: "callee-hangs-up" }
  /** Another call takes this one out of its queue. */
  | { readonly kind: "dequeued" }
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
  | "talking"
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
  readonly speechTimeoutSeconds: number;
  /** The caller's words so far. */
  readonly speech: string;
  /** Number of partial results that were sent. */
  readonly partials: number;
}

interface Recording {
  readonly element: XmlElement;
  readonly sid: string;
  readonly startedAt: number;
  readonly finishOnKey: string;
}

/** A party that a <Dial> calls. */
export interface DialLine {
  /** The noun, such as `Number`. */
  readonly name: string;
  readonly address: string;
  /** The noun's element, or the <Dial> itself if it only contains a number. */
  readonly element: XmlElement;
  readonly sid: string;
  /** Twilio's name for the status of the line's own call. A line that waits for its turn has not been called yet. */
  readonly status: "waiting" | "ringing" | "in-progress" | "completed" | "busy" | "no-answer" | "failed" | "canceled";
  /** The number of the next status callback. */
  readonly sequence: number;
}

export interface Dial {
  readonly element: XmlElement;
  readonly lines: readonly DialLine[];
  /** The line that has answered. */
  readonly answered: number | undefined;
  readonly answeredAt: number;
}

/**
 * A document that runs inside another one: what a callee hears before the connection, or what plays in a queue. The
 * call holds its verbs and URL. Those of the outer document are kept here.
 */
export type Inset = {
  readonly verbs: readonly XmlElement[];
  readonly url: string;
} & (
  | { readonly kind: "screening"; readonly line: number }
  | {
      readonly kind: "queue";
      readonly element: XmlElement;
      readonly sid: string;
      readonly startedAt: number;
      /** Whether the caller talks to the call that took this one out of the queue, and since when. */
      readonly bridgedAt: number | undefined;
    }
);

/** A <Say> or <Play> with `loop`. */
interface Repetition {
  readonly verb: XmlElement;
  /** The step after which the verb starts again. */
  readonly step: number;
  /** Infinity if it never ends. */
  readonly left: number;
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

export type LogEntry = {
  readonly id: number;
  readonly at: number;
  /** Whether the callee hears or does this, before the connection. */
  readonly isCallee?: boolean;
} & (
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
      /** The subject of a webhook whose reply the call does not wait for. */
      readonly about?: string;
    }
  | { readonly kind: "said"; readonly text: string; readonly detail: string }
  | { readonly kind: "played"; readonly url: string; readonly target?: string; readonly detail: string }
  | { readonly kind: "caller"; readonly text: string; readonly act: CallerAct }
  /** The other party of a <Dial> or of a queue. */
  | { readonly kind: "callee"; readonly text: string; readonly act: CalleeAct }
  | { readonly kind: "note"; readonly text: string }
  | ({ readonly kind: "fault" } & Fault)
  | { readonly kind: "ended"; readonly text: string }
);

/** An action of the caller, so that a test can repeat it. */
export type CallerAct =
  | { readonly kind: "press"; readonly keys: string; readonly isTimedOut: boolean }
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "wait" }
  | { readonly kind: "record"; readonly text: string; readonly key: string; readonly seconds: number }
  | { readonly kind: "stay-silent" }
  | { readonly kind: "go-on" };

export type CalleeAct =
  | { readonly kind: "line"; readonly line: number; readonly outcome: DialOutcome }
  | { readonly kind: "dequeue" }
  /** After so many seconds of conversation. */
  | { readonly kind: "hang-up"; readonly seconds: number };

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
  readonly dial: Dial | undefined;
  readonly inset: Inset | undefined;
  readonly repetition: Repetition | undefined;
  readonly obstacle: Obstacle | undefined;
  /** The number of the current step. Events of earlier steps are ignored. */
  readonly step: number;
  readonly request: number;
  /** The request whose reply continues the call. Replies to all others are only logged. */
  readonly awaited: number | undefined;
  /** The number of the next status callback. */
  readonly sequence: number;
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
  inset: undefined,
  repetition: undefined,
  obstacle: undefined,
  step: 0,
  request: 0,
  awaited: undefined,
  sequence: 0,
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
    const isCallee = this.call.inset?.kind === "screening";
    const added = { ...entry, id, at: this.at, ...(isCallee && { isCallee }) } as LogEntry;
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
