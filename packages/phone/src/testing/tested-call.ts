/**
 * A call in a test. Each method waits until the functions have answered, and fails if the call is not where the test
 * expects it. The clock is the call's own: nothing waits for real seconds.
 */
import assert from "node:assert/strict";
import { step } from "../call/call.ts";
import {
  idleCall,
  type Call,
  type CallEffect,
  type CallEvent,
  type CallSetup,
  type DialOutcome,
  type LogEntry,
} from "../call/call-state.ts";
import type { SendRequest, SendResult } from "../call/send-request.ts";
import { faultTitle } from "../call/twilio-faults.ts";
import { randomSid } from "../call/webhook.ts";

type Heard = Extract<LogEntry, { kind: "said" | "played" }>;

export class TestedCall {
  #call: Call = idleCall;
  #at = 0;
  /** The step that is being played, or the wait that is under way. */
  #current: Extract<CallEffect, { step: number }> | undefined;
  readonly #answers = new Set<Promise<void>>();
  readonly #send: (request: SendRequest) => Promise<SendResult>;
  /** The last log entry that the test has heard. */
  #read = 0;

  constructor(send: (request: SendRequest) => Promise<SendResult>, setup: CallSetup) {
    this.#send = send;
    this.#dispatch({ kind: "dial", setup, sid: randomSid("CA") });
  }

  /** The next thing that is spoken is this text. */
  async hears(text: string): Promise<void> {
    const heard = await this.#next(`"${text}"`);
    assert.equal(heard.kind === "said" ? heard.text : `a sound: ${heard.url}`, text, this.#context("is spoken"));
  }

  /** The next thing to hear is this sound: the path of a sound of the project, or a URL. */
  async hearsSound(url: string): Promise<void> {
    const heard = await this.#next(`the sound ${url}`);
    assert.equal(
      heard.kind === "played" ? (heard.target ?? heard.url) : `speech: ${heard.text}`,
      url,
      this.#context("is played"),
    );
  }

  /** Presses keys. In a conversation with `hangupOnStar`, `*` ends it. */
  async presses(keys: string): Promise<void> {
    await this.#reach(
      ({ gather, recording, phase }) => gather !== undefined || recording !== undefined || phase === "talking",
    );
    for (const key of keys) await this.#do({ kind: "key", key });
  }

  async says(text: string): Promise<void> {
    await this.#reach(({ gather }) => gather?.takesSpeech === true);
    await this.#do({ kind: "speech", text });
  }

  /** Does nothing until the time for keys or speech is over. */
  async waits(): Promise<void> {
    await this.#reach(({ phase }) => phase === "listening", true);
    await this.#pass();
  }

  /** @param recording `text` is what a transcription contains. `key` is the key that ends the recording. */
  async records({ text = "", seconds = 1, key = "" }: RecordOptions = {}): Promise<void> {
    await this.#reach(({ phase }) => phase === "recording");
    this.#at += seconds * 1000;
    await this.#do(key === "" ? { kind: "recorded", isEmpty: false, text } : { kind: "key", key });
  }

  async staysSilent(): Promise<void> {
    await this.#reach(({ phase }) => phase === "recording");
    await this.#do({ kind: "recorded", isEmpty: true });
  }

  /** One line of a <Dial> answers, or does not. The first line is 0. */
  async rings(line: number, outcome: DialOutcome): Promise<void> {
    await this.#reach(({ phase }) => phase === "dialling");
    await this.#do({ kind: "callee", line, outcome });
  }

  /** Another call takes this one out of its queue. */
  async isTakenFromQueue(): Promise<void> {
    await this.#do({ kind: "dequeued" });
    assert.equal(this.#call.phase, "talking", this.#context("is taken out of a queue"));
  }

  async otherPartyHangsUp({ seconds = 0 }: { readonly seconds?: number } = {}): Promise<void> {
    await this.#reach(({ phase }) => phase === "talking");
    this.#at += seconds * 1000;
    await this.#do({ kind: "callee-hangs-up" });
  }

  /** Continues after a verb that the phone does not simulate, or leaves a queue. */
  async continues(): Promise<void> {
    await this.#reach(({ phase, inset }) => phase === "stuck" || inset?.kind === "queue");
    await this.#do({ kind: "go-on" });
  }

  async hangsUp(): Promise<void> {
    await this.#settled();
    assert.notEqual(this.#call.phase, "over", this.#context("is still there"));
    await this.#do({ kind: "hang-up" });
  }

  /** The call ends without anything else to hear. @param reason as in the call log. */
  async ends(reason?: string): Promise<void> {
    await this.#reach(({ phase }) => phase === "over", true);
    const heard = this.#unread();
    assert.equal(heard, undefined, `The caller also hears ${heard === undefined ? "" : textOf(heard)}`);
    const ended = this.#call.log.findLast(({ kind }) => kind === "ended");
    if (reason !== undefined && ended?.kind === "ended") assert.equal(ended.text, reason, this.#context("ends"));
  }

  async #next(expected: string): Promise<Heard> {
    for (;;) {
      await this.#settled();
      const heard = this.#unread();
      if (heard !== undefined) {
        this.#read = heard.id;
        return heard;
      }
      if (!this.#isPlaying()) assert.fail(this.#context(`hears ${expected}`));
      await this.#pass();
    }
  }

  #unread(): Heard | undefined {
    return this.#call.log.find(
      (entry): entry is Heard => entry.id > this.#read && (entry.kind === "said" || entry.kind === "played"),
    );
  }

  /** Plays on until the call is where the test needs it. @param hearsAll prompts of a <Gather> are played, too. */
  async #reach(isThere: (call: Call) => boolean, hearsAll = false): Promise<void> {
    for (;;) {
      await this.#settled();
      if (isThere(this.#call)) return;
      const { phase } = this.#call;
      if (phase !== "playing" && !(hearsAll && phase === "prompting")) break;
      await this.#pass();
    }
    assert.fail(this.#context("can do this"));
  }

  #isPlaying(): boolean {
    return this.#call.phase === "playing" || this.#call.phase === "prompting";
  }

  /** Hears the current step to its end. */
  async #pass(): Promise<void> {
    const current = this.#current;
    if (this.#call.repetition?.left === Infinity && this.#isPlaying())
      assert.fail(this.#context("hears the end of a sound that is repeated until the caller hangs up"));
    if (current === undefined) return;
    this.#at += current.ms;
    await this.#do({ kind: "done", step: current.step, isSkipped: true });
  }

  async #do(event: CallEvent): Promise<void> {
    await this.#settled();
    this.#dispatch(event);
    await this.#settled();
  }

  async #settled(): Promise<void> {
    while (this.#answers.size > 0) await Promise.all(this.#answers);
  }

  #dispatch(event: CallEvent): void {
    const { call, effects } = step(this.#call, event, this.#at);
    this.#call = call;
    for (const effect of effects) {
      if (effect.kind === "quiet") this.#current = undefined;
      else if (effect.kind === "request") this.#request(effect);
      else this.#current = effect;
    }
  }

  #request({ request, send }: Extract<CallEffect, { kind: "request" }>): void {
    const answer = this.#send(send).then(
      (sent) => this.#dispatch({ kind: "reply", request, sent }),
      (error: unknown) => this.#dispatch({ kind: "lost", request, message: String(error) }),
    );
    const tracked = answer.finally(() => this.#answers.delete(tracked));
    this.#answers.add(tracked);
  }

  /** Says what the test expects, and what the call does instead. */
  #context(expected: string): string {
    const { phase, log } = this.#call;
    const faults = log.flatMap((entry) =>
      entry.kind === "fault" ? [`${entry.code === undefined ? "" : `${faultTitle(entry.code)}: `}${entry.text}`] : [],
    );
    const steps = log.flatMap((entry) => ("text" in entry ? [`  ${entry.kind}: ${entry.text}`] : [])).slice(-8);
    return [
      `Expected that the caller ${expected}, but the call is ${phaseNames[phase]}`,
      ...faults,
      "Last steps of the call:",
      ...steps,
    ].join("\n");
  }
}

export interface RecordOptions {
  readonly text?: string;
  readonly seconds?: number;
  readonly key?: string;
}

const phaseNames: Readonly<Record<Call["phase"], string>> = {
  idle: "not started",
  asking: "waiting for a function",
  playing: "playing",
  prompting: "playing the prompts of a <Gather>",
  listening: "waiting for the caller's keys or words",
  recording: "recording",
  dialling: "dialling",
  talking: "connected to another party",
  stuck: "waiting for the user of the phone",
  over: "over",
};

function textOf(heard: Heard): string {
  return heard.kind === "said" ? `"${heard.text}"` : heard.url;
}
