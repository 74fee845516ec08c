/**
 * Keys of `dev`, for an author at a terminal.
 *
 *     off ──start, or SIGCONT in the foreground──▶ on ──Ctrl+Z──▶ off ──stop──▶ ended
 *
 * While keys are on, the terminal passes each key on as it is pressed and acts on none: this file sends the signals of
 * Ctrl+C, Ctrl+Z and Ctrl+\ itself. Node restores the terminal when the process exits or crashes.
 */
import type { KeyInput } from "../../command-context.ts";
import { isForeground } from "./foreground.ts";

type KeySignal = "SIGINT" | "SIGTSTP" | "SIGQUIT";

/** The signals of the process. Tests pass their own. */
export interface KeySignals {
  /** Sends the signal to all processes that would get it from the terminal. */
  raise(signal: KeySignal): void;
  /** Sends SIGINT to this process only. */
  quit(): void;
  onContinue(listener: () => void): () => void;
  isForeground(): boolean;
}

interface Key {
  readonly action: KeyAction;
  /** In the banner. */
  readonly word: string;
  readonly help: string;
}

export type KeyAction = "open" | "replay" | "restart" | "details" | "list" | "clear" | "help" | "quit";

const keys = new Map<string, Key>([
  ["o", { action: "open", word: "dashboard", help: "open the dashboard in a browser, with a new link" }],
  ["r", { action: "replay", word: "replay", help: "replay the last request, with a new signature if it had one" }],
  [
    "s",
    {
      action: "restart",
      word: "restart",
      help: "restart: read the project and its settings again, and use new isolates",
    },
  ],
  [
    "d",
    {
      action: "details",
      word: "details",
      help: "turn details of each request on or off: headers, event, ids, isolates",
    },
  ],
  ["l", { action: "list", word: "list", help: "list all functions and assets with their URLs" }],
  ["c", { action: "clear", word: "clear", help: "clear the screen" }],
  [
    "q",
    {
      action: "quit",
      word: "quit",
      help: "quit after the running invocations end; press it again to quit at once; same as Ctrl+C",
    },
  ],
  ["h", { action: "help", word: "help", help: "show this list" }],
]);

export const keyWords: readonly (readonly [key: string, word: string])[] = [...keys].map(([key, { word }]) => [
  key,
  word,
]);

export const keyHelp = [...keys].map(([key, { help }]) => `  ${key}  ${help}\n`).join("");

const controls: Readonly<Record<string, KeySignal>> = { "\u0003": "SIGINT", "\u001a": "SIGTSTP", "\u001c": "SIGQUIT" };

/** Escape sequences of arrows, function keys and keys with Alt. Their parts must not count as keys. */
// oxlint-disable-next-line no-control-regex -- escape sequences start with it
const sequences = /\u001b(?:\[[0-?]*[ -/]*[@-~]|O.|[^[O])?/g;

export class Keys {
  readonly #input: KeyInput;
  readonly #act: (action: Exclude<KeyAction, "quit">) => void;
  readonly #signals: KeySignals;
  readonly #endWait: () => void;
  #isOn = false;
  #isEnded = false;

  /** Starts at once. A process in the background starts when it comes to the foreground. */
  constructor(
    input: KeyInput,
    act: (action: Exclude<KeyAction, "quit">) => void,
    signals: KeySignals = processSignals,
  ) {
    this.#input = input;
    this.#act = act;
    this.#signals = signals;
    this.#endWait = signals.onContinue(() => this.#turnOn());
    // A closed terminal is reported in one of these ways.
    input.on("error", () => this.stop());
    input.on("end", () => this.stop());
    this.#turnOn();
  }

  /** Restores the terminal. */
  stop(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#endWait();
    this.#turnOff();
  }

  #turnOn(): void {
    if (this.#isEnded || !this.#signals.isForeground()) return;
    // A shell may have changed the terminal's mode meanwhile, and Node does not know: set it back first.
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

  /** @returns false if the terminal is gone. */
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
      // Restore the terminal before the shell gets it back, or before this process ends.
      if (signal !== "SIGINT") this.#turnOff();
      this.#signals.raise(signal);
      return;
    }
    const action = keys.get(key === "?" ? "h" : key.toLowerCase())?.action;
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
