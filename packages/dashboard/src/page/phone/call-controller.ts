/**
 * A call in progress: it runs the timers, sends the webhooks and plays sound. It outlives the components that draw it,
 * so the call goes on while the user looks at another part of the page.
 */
import { step } from "@offhook/phone";
import { idleCall, type Call, type CallEffect, type CallEvent } from "@offhook/phone/call-state";
import type { SendRequest, SendResult } from "@offhook/phone/send-request";

export type Send = (request: SendRequest) => Promise<SendResult>;

/** Some voices never report their end. They must not block the call. */
const maxSpeechMs = 60_000;

export class CallController {
  call: Call = idleCall;
  /** Whether speech and audio are played aloud. */
  hasSound = false;
  send: Send;
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #audio: HTMLAudioElement | undefined;

  constructor(send: Send) {
    this.send = send;
  }

  /** @returns a function that ends the subscription. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  dispatch(event: CallEvent): void {
    const { call, effects } = step(this.call, event, Date.now());
    this.call = call;
    for (const effect of effects) this.#take(effect);
    for (const listener of this.#listeners) listener();
  }

  /** Ends the current step as if the caller had heard all of it, with its repetitions. */
  skip(): void {
    this.#silence();
    this.dispatch({ kind: "done", step: this.call.step, isSkipped: true });
  }

  setSound(hasSound: boolean): void {
    this.hasSound = hasSound;
    if (!hasSound && (this.#audio !== undefined || isSpeaking())) this.skip();
  }

  #take(effect: CallEffect): void {
    switch (effect.kind) {
      case "quiet":
        return this.#silence();
      case "request":
        this.send(effect.send).then(
          (sent) => this.dispatch({ kind: "reply", request: effect.request, sent }),
          (error: unknown) => {
            const message = error instanceof Error ? error.message : String(error);
            this.dispatch({ kind: "lost", request: effect.request, message });
          },
        );
        return;
      case "speak":
        return this.hasSound && "speechSynthesis" in globalThis ? this.#speak(effect) : this.#wait(effect);
      case "play":
        return this.hasSound && effect.target !== undefined
          ? this.#play(effect.step, effect.target)
          : this.#wait(effect);
      case "wait":
        return this.#wait(effect);
      default:
        return effect satisfies never;
    }
  }

  #wait({ step: number, ms }: { readonly step: number; readonly ms: number }): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.dispatch({ kind: "done", step: number }), ms);
  }

  #speak({ step: number, text, language }: Extract<CallEffect, { kind: "speak" }>): void {
    const utterance = new SpeechSynthesisUtterance(text);
    if (language !== undefined) utterance.lang = language;
    const done = (): void => this.dispatch({ kind: "done", step: number });
    utterance.addEventListener("end", done);
    utterance.addEventListener("error", done);
    this.#wait({ step: number, ms: maxSpeechMs });
    speechSynthesis.speak(utterance);
  }

  /** Plays only files that the project serves. Nothing is requested from other servers. */
  #play(number: number, target: string): void {
    const done = (): void => this.dispatch({ kind: "done", step: number });
    const audio = new Audio(`${this.call.setup?.site.url ?? ""}${target}`);
    this.#audio = audio;
    audio.addEventListener("ended", done);
    audio.addEventListener("error", done);
    audio.play().catch(done);
  }

  #silence(): void {
    clearTimeout(this.#timer);
    this.#audio?.pause();
    this.#audio = undefined;
    if (isSpeaking()) speechSynthesis.cancel();
  }
}

function isSpeaking(): boolean {
  return "speechSynthesis" in globalThis && (speechSynthesis.speaking || speechSynthesis.pending);
}
