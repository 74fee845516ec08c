/**
 * Keys of `dev`, where an author sits before it.
 *
 *     off ──start, or SIGCONT in the foreground──▶ on ──Ctrl+Z──▶ off ──stop──▶ ended
 *
 * While they are on, the terminal hands over each key as it is pressed and does nothing by itself: Ctrl+C and its like
 * become here what the terminal would have made of them. Node gives the terminal back when the process exits or crashes.
 */
import type { KeyInput } from "../../command-context.ts";
import { isForeground } from "./foreground.ts";

type KeySignal = "SIGINT" | "SIGTSTP" | "SIGQUIT";

/** Of the process: tests bring their own. */
export interface KeySignals {
  /** To all that the terminal would send it to. */
  raise(signal: KeySignal): void;
  /** To this process alone. */
  quit(): void;
  onContinue(listener: () => void): () => void;
  isForeground(): boolean;
}

export type KeyAction = "open" | "replay" | "restart" | "details" | "clear" | "help" | "quit";

const actions: Readonly<Record<string, KeyAction>> = {
  o: "open",
  r: "replay",
  s: "restart",
  d: "details",
  c: "clear",
  h: "help",
  "?": "help",
  q: "quit",
};

export const keyHelp = `  o  open the dashboard in a browser, with a new link
  r  replay the last request, signed anew if it was signed
  s  restart: read the project and its settings anew, in new isolates
  d  details of each request, on or off: headers, event, ids, isolates
  c  clear the screen
  q  quit when the invocations in flight have ended, again to quit at once; so does Ctrl+C
  h  this list
`;

const controls: Readonly<Record<string, KeySignal>> = { "\u0003": "SIGINT", "\u001a": "SIGTSTP", "\u001c": "SIGQUIT" };

/** Of an arrow, a function key, a key with Alt: each part of it would be a key. */
// oxlint-disable-next-line no-control-regex -- that is what they begin with
const sequences = /\u001b(?:\[[0-?]*[ -/]*[@-~]|O.|[^[O])?/g;

export class Keys {
  readonly #input: KeyInput;
  readonly #act: (action: Exclude<KeyAction, "quit">) => void;
  readonly #signals: KeySignals;
  readonly #endWait: () => void;
  #isOn = false;
  #isEnded = false;

  /** Begins at once, or where it is in the background, when it no longer is. */
  constructor(
    input: KeyInput,
    act: (action: Exclude<KeyAction, "quit">) => void,
    signals: KeySignals = processSignals,
  ) {
    this.#input = input;
    this.#act = act;
    this.#signals = signals;
    this.#endWait = signals.onContinue(() => this.#turnOn());
    // A terminal that is closed says so in one of these ways.
    input.on("error", () => this.stop());
    input.on("end", () => this.stop());
    this.#turnOn();
  }

  /** Gives the terminal back. */
  stop(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#endWait();
    this.#turnOff();
  }

  #turnOn(): void {
    if (this.#isEnded || !this.#signals.isForeground()) return;
    // A shell that went on in between has its own idea of how a terminal should be, and nobody has told Node.
    if (this.#isOn) this.#setRaw(false);
    if (!this.#setRaw(true) || this.#isOn) return;
    this.#isOn = true;
    this.#input.on("data", this.#onData);
    this.#input.resume();
  }

  #turnOff(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    this.#input.off("data", this.#onData);
    this.#input.pause();
    this.#setRaw(false);
  }

  /** @returns false where there is no terminal any more. */
  #setRaw(isRaw: boolean): boolean {
    try {
      this.#input.setRawMode(isRaw);
      return true;
    } catch {
      return false;
    }
  }

  readonly #onData = (data: Buffer): void => {
    for (const key of data.toString("latin1").replace(sequences, "")) this.#onKey(key);
  };

  #onKey(key: string): void {
    const signal = controls[key];
    if (signal !== undefined) {
      // Who gets the terminal next, the shell or nobody, gets it as it was.
      if (signal !== "SIGINT") this.#turnOff();
      this.#signals.raise(signal);
      return;
    }
    const action = actions[key.toLowerCase()];
    if (action === "quit") this.#signals.quit();
    else if (action !== undefined) this.#act(action);
  }
}

const processSignals: KeySignals = {
  raise: (signal) => void process.kill(0, signal),
  quit: () => void process.kill(process.pid, "SIGINT"),
  onContinue(listener) {
    process.on("SIGCONT", listener);
    return () => void process.off("SIGCONT", listener);
  },
  isForeground,
};
